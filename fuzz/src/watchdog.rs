//! Ends the program if one execution does not come back.

use std::sync::Mutex;
use std::time::Duration;
use std::{process, thread};

/// The execution that is running.
static RUNNING: Mutex<(&str, u64)> = Mutex::new(("", 0));

const PATIENCE: Duration = Duration::from_secs(20);

/// Notes that an execution begins.
pub fn begin(target: &'static str, number: u64) {
    *running() = (target, number);
}

/// Watches the executions on a thread of its own, for as long as the program runs.
pub fn start() {
    thread::spawn(|| {
        let mut last = *running();
        loop {
            thread::sleep(PATIENCE);
            let now = *running();
            if now == last && !now.0.is_empty() {
                println!("{}: execution {} does not come back", now.0, now.1);
                process::exit(2);
            }
            last = now;
        }
    });
}

fn running() -> std::sync::MutexGuard<'static, (&'static str, u64)> {
    RUNNING.lock().expect("nobody panics while holding it")
}
