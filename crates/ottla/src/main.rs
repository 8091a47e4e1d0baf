//! The program: `ottla serve` and the commands.
fn main() {}
