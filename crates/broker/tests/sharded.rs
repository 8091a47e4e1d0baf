//! The scenarios of `data_plane` once more, on a broker of three shards: no client sees a difference.

#[path = "data_plane/main.rs"]
mod data_plane;

use data_plane::harness;
