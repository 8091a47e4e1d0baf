//! Which events the program logs: `OTTLA_LOG` at start, and what BROKER_LOGGER sets while it runs.

use std::io::IsTerminal;
use std::sync::OnceLock;

use tracing_subscriber::EnvFilter;

/// The variable that says what is logged, in the words of `RUST_LOG`.
const VARIABLE: &str = "OTTLA_LOG";
const DEFAULT: &str = "info";

type Reload = Box<dyn Fn(EnvFilter) + Send + Sync>;

static RELOAD: OnceLock<Reload> = OnceLock::new();

/// Begins to log to standard error.
pub fn init() {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let is_terminal = std::io::stderr().is_terminal();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(is_terminal)
        .with_env_filter(filter)
        .with_filter_reloading();
    let handle = subscriber.reload_handle();
    subscriber.init();
    let reload = move |filter| {
        if let Err(error) = handle.reload(filter) {
            tracing::error!(%error, "levels of loggers cannot be changed");
        }
    };
    // It is called once; a second subscriber would have panicked above.
    let _ = RELOAD.set(Box::new(reload));
}

/// Lets another filter take effect.
pub fn set(directives: &str) {
    if let (Some(reload), Ok(filter)) = (RELOAD.get(), EnvFilter::try_new(directives)) {
        reload(filter);
    }
}

/// The level of everything, if the variable says nothing but that.
pub fn level_at_start() -> Option<String> {
    std::env::var(VARIABLE).ok().map(|level| level.trim().to_uppercase())
}
