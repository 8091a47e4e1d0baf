//! From the command line and a `server.properties` to one configuration.

use std::path::PathBuf;

use anyhow::{Context, bail};
use ottla_broker::config::StaticConfig;

/// What `ottla serve` is asked for. Later ones win: defaults, the file, options, `--set`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A configuration file with Kafka's keys.
    pub config: Option<PathBuf>,
    /// Where to keep data: `log.dirs`.
    pub data_dir: Option<PathBuf>,
    /// Where clients connect, as `HOST:PORT`.
    pub listen: Option<String>,
    /// Where other nodes reach the controller, as `HOST:PORT`.
    pub controller_listen: Option<String>,
    /// `node.id`.
    pub node_id: Option<i32>,
    /// Further keys, as `key=value`.
    pub set: Vec<String>,
}

/// What a node without any configuration is: alone, on localhost, and content with one replica of everything.
const DEFAULTS: [(&str, &str); 10] = [
    ("process.roles", "broker,controller"),
    ("node.id", "1"),
    ("controller.listener.names", "CONTROLLER"),
    ("log.dirs", "ottla-data"),
    ("offsets.topic.replication.factor", "1"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
    ("group.initial.rebalance.delay.ms", "0"),
];
const LISTEN: &str = "localhost:9092";

impl Options {
    /// The configuration, checked key by key. Unknown keys are warned of.
    pub fn into_config(self) -> anyhow::Result<StaticConfig> {
        let mut config = match &self.config {
            None => StaticConfig::from_iter(DEFAULTS),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read configuration file {}", path.display()))?;
                StaticConfig::from_properties(&text)
                    .with_context(|| format!("cannot understand configuration file {}", path.display()))?
            }
        };
        self.set_listeners(&mut config);
        if let Some(dir) = self.data_dir {
            config.set("log.dirs", dir.display().to_string());
        }
        if let Some(id) = self.node_id {
            config.set("node.id", id.to_string());
        }
        for item in &self.set {
            let Some((key, value)) = item.split_once('=') else {
                bail!("--set takes key=value, not `{item}`");
            };
            config.set(key.trim(), value.trim());
        }
        for key in config.check()? {
            tracing::warn!(key, "unknown configuration key: it has no effect");
        }
        Ok(config)
    }

    fn set_listeners(&self, config: &mut StaticConfig) {
        let is_given = self.listen.is_some() || self.controller_listen.is_some();
        if self.config.is_some() && !is_given {
            return;
        }
        let listen = self.listen.as_deref().unwrap_or(LISTEN);
        let controller = self.controller_listen.clone().unwrap_or_else(|| beside(listen));
        config.set("listeners", format!("PLAINTEXT://{listen},CONTROLLER://{controller}"));
    }
}

/// The address for the controller beside that for clients: the next port, as in Kafka's own examples.
fn beside(listen: &str) -> String {
    let (host, port) = listen.rsplit_once(':').unwrap_or((listen, "9092"));
    let port = match port.parse::<u16>() {
        Ok(0) => 0,
        Ok(port) => port.wrapping_add(1),
        // The listener's own check says what is wrong with it.
        Err(_) => 9093,
    };
    format!("{host}:{port}")
}
