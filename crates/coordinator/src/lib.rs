//! Group, transaction and share coordinators as replayed state machines.
