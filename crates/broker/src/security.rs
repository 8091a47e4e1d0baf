//! Who a client is.

pub mod scram;
