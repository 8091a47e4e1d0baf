//! One broker as a value: requests and peer answers in, effects out.
