//! A whole cluster on one thread from one seed.
