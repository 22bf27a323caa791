//! The environment, the clock, the home folder and the machine, read once and handed down as values.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::config::ConfigFile;

/// Everything outside that the program depends on.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The environment.
    pub environment: HashMap<String, String>,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// Milliseconds since 1970, at the start.
    pub now: i64,
    /// The machine's name.
    pub host_name: Option<String>,
    /// What tells this machine from others.
    pub host_id: String,
    /// The number of the user.
    pub user_id: String,
    /// The configuration file, once it was read.
    pub config: Option<Arc<ConfigFile>>,
}

impl Surroundings {
    /// Reads everything.
    pub fn read() -> Self {
        let environment: HashMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let host_name = gethostname::gethostname().into_string().ok().filter(|name| !name.is_empty());
        let machine_id = std::fs::read_to_string("/etc/machine-id").map(|id| id.trim().to_owned()).ok();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
        Self {
            home: std::env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            host_id: machine_id.filter(|id| !id.is_empty()).or_else(|| host_name.clone()).unwrap_or_default(),
            user_id: rustix::process::getuid().as_raw().to_string(),
            environment,
            now,
            host_name,
            config: None,
        }
    }

    /// A variable; an empty one counts as absent.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.environment.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// Where this program keeps what it must: `$XDG_STATE_HOME/claude-otel`, else `~/.local/state/claude-otel`.
    pub fn state_dir(&self) -> PathBuf {
        let base = self.variable("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || self.home.clone().unwrap_or_else(|| PathBuf::from(".")).join(".local/state");
        base.unwrap_or_else(home).join("claude-otel")
    }

    /// The home folder for those that need one.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }
}
