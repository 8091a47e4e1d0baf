//! What a log does, told in scenarios.

mod appending;
mod opening;
mod reading;
mod removing;
mod syncing;
