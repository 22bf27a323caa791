//! Whether the client sends telemetry of its own: by the environment, or by its settings, which are read and never
//! written.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Surroundings;

/// The client's switch.
const SWITCH: &str = "CLAUDE_CODE_ENABLE_TELEMETRY";
/// Where an administrator's settings are, on the systems that have such a place.
const MANAGED: [&str; 2] =
    ["/etc/claude-code/managed-settings.json", "/Library/Application Support/ClaudeCode/managed-settings.json"];
/// Settings that are larger are none.
const MOST_BYTES: u64 = 1 << 20;

/// What switches the client's own telemetry on: the variable, or the file that sets it. Files that cannot be read
/// switch nothing on.
pub(super) fn found(surroundings: &Surroundings) -> Option<String> {
    switched_on(SWITCH, surroundings)
}

/// What switches something of the client on that a variable switches: the variable, or the file that sets it.
pub(super) fn switched_on(switch: &str, surroundings: &Surroundings) -> Option<String> {
    if surroundings.variable(switch).is_some_and(|value| is_on(&value)) {
        return Some(switch.to_owned());
    }
    places(surroundings).into_iter().find(|path| sets(path, switch)).map(|path| path.display().to_string())
}

/// The client's folders of configuration.
pub(super) fn folders(surroundings: &Surroundings) -> Vec<PathBuf> {
    match surroundings.variable("CLAUDE_CONFIG_DIR") {
        Some(folders) => folders.split(',').map(|folder| PathBuf::from(folder.trim())).collect(),
        None => surroundings.home().map(|home| home.join(".claude")).into_iter().collect(),
    }
}

fn places(surroundings: &Surroundings) -> Vec<PathBuf> {
    let folders = folders(surroundings);
    let files = ["settings.json", "settings.local.json", "managed-settings.json", "remote-settings.json"];
    let own = folders.iter().flat_map(|folder| files.map(|file| folder.join(file)));
    own.chain(MANAGED.map(PathBuf::from)).collect()
}

fn sets(path: &Path, switch: &str) -> bool {
    let mut text = String::new();
    // Opening something that is no file could wait for ever.
    let is_file = path.metadata().is_ok_and(|about| about.is_file());
    let is_read = is_file && File::open(path).is_ok_and(|file| file.take(MOST_BYTES).read_to_string(&mut text).is_ok());
    let settings: Option<serde_json::Value> = is_read.then(|| serde_json::from_str(&text).ok()).flatten();
    let value = settings.as_ref().and_then(|settings| settings.get("env")?.get(switch));
    value.is_some_and(|value| match value {
        serde_json::Value::String(text) => is_on(text),
        serde_json::Value::Number(number) => number.as_i64() == Some(1),
        other => other.as_bool() == Some(true),
    })
}

/// As the client reads switches.
fn is_on(value: &str) -> bool {
    ["1", "true", "yes", "on"].iter().any(|on| value.trim().eq_ignore_ascii_case(on))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn at(home: &Path, variables: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            environment: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            home: Some(home.to_path_buf()),
            ..Surroundings::default()
        }
    }

    #[test]
    fn a_variable_or_a_settings_file_switches_it_on() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".claude");
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(found(&at(home.path(), &[])), None);
        assert_eq!(found(&at(home.path(), &[(SWITCH, "1")])).as_deref(), Some(SWITCH));
        assert_eq!(found(&at(home.path(), &[(SWITCH, "0")])), None);
        fs::write(folder.join("settings.json"), r#"{"env":{"CLAUDE_CODE_ENABLE_TELEMETRY":"0"}}"#).unwrap();
        assert_eq!(found(&at(home.path(), &[])), None);
        fs::write(folder.join("settings.local.json"), r#"{"env":{"CLAUDE_CODE_ENABLE_TELEMETRY":1}}"#).unwrap();
        assert!(found(&at(home.path(), &[])).is_some_and(|path| path.ends_with("settings.local.json")));
        // Another configuration folder has settings of its own.
        let other = home.path().join("other");
        assert_eq!(found(&at(home.path(), &[("CLAUDE_CONFIG_DIR", other.to_str().unwrap())])), None);
    }

    #[test]
    fn settings_that_cannot_be_understood_switch_nothing_on() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".claude");
        fs::create_dir_all(folder.join("settings.json")).unwrap();
        for text in ["{", "[]", r#"{"env":1}"#, r#"{"env":{"CLAUDE_CODE_ENABLE_TELEMETRY":null}}"#] {
            fs::write(folder.join("settings.local.json"), text).unwrap();
            assert_eq!(found(&at(home.path(), &[])), None, "{text}");
        }
    }
}
