//! For how long the client keeps its transcripts.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cli::Surroundings;

/// How many days the client keeps transcripts unless its settings say otherwise.
const DEFAULT_DAYS: u64 = 30;
/// No settings of people are longer.
const MOST_BYTES: u64 = 4 * 1024 * 1024;
const DAY_MS: i64 = 86_400_000;

/// For how long transcripts below a root are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Keeping {
    /// Days since a transcript was last written to.
    pub days: u64,
    /// The settings that say so; none for the client's default.
    pub named_in: Option<PathBuf>,
}

impl Keeping {
    /// What the client's settings say of a root.
    pub(in crate::cli) fn of_root(root: &Path, surroundings: &Surroundings) -> Self {
        let mut folders: Vec<PathBuf> = Vec::new();
        let around = root.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "projects"));
        folders.extend(around.and_then(Path::parent).map(Path::to_path_buf));
        // The folder of transcripts may be a link to elsewhere, with the settings left behind.
        let usual = surroundings.variable("CLAUDE_CONFIG_DIR").map(PathBuf::from).into_iter();
        let usual = usual.chain(surroundings.home().map(|home| home.join(".claude")));
        folders.extend(usual.filter(|folder| folder.join("projects").canonicalize().is_ok_and(|path| path == root)));
        let files = folders.iter().flat_map(|folder| ["settings.json", "settings.local.json"].map(|n| folder.join(n)));
        // Which of them counts depends on where the client is started, so that the shorter time is the safe one.
        let named = files.filter_map(|path| Some((days_in(&path)?, path))).min();
        named.map_or(Self { days: DEFAULT_DAYS, named_in: None }, |(days, path)| Self { days, named_in: Some(path) })
    }

    /// When a transcript that was last written to at this time is deleted, in milliseconds since 1970.
    pub(in crate::cli) fn end(&self, written: i64) -> i64 {
        written.saturating_add(i64::try_from(self.days).unwrap_or(i64::MAX).saturating_mul(DAY_MS))
    }
}

/// The days that one file of settings names.
fn days_in(path: &Path) -> Option<u64> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ClientSettings {
        cleanup_period_days: u64,
    }
    if fs::metadata(path).ok()?.len() > MOST_BYTES {
        return None;
    }
    let settings: ClientSettings = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    // The client refuses a zero.
    Some(settings.cleanup_period_days).filter(|days| *days > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_time_that_the_settings_name_counts() {
        let temp = tempfile::tempdir().unwrap();
        let base = temp.path().canonicalize().unwrap();
        let root = base.join("projects");
        let nobody = Surroundings::default();
        let days = || Keeping::of_root(&root.join("-srv-api"), &nobody);
        assert_eq!(days(), Keeping { days: 30, named_in: None });
        for (text, expected) in [("{\"cleanupPeriodDays\":0}", 30), ("no json", 30), ("{\"cleanupPeriodDays\":90}", 90)]
        {
            fs::write(base.join("settings.json"), text).unwrap();
            assert_eq!(days().days, expected, "{text}");
        }
        let local = base.join("settings.local.json");
        fs::write(&local, "{\"cleanupPeriodDays\":5,\"other\":[1]}").unwrap();
        assert_eq!(days(), Keeping { days: 5, named_in: Some(local) });
        assert_eq!(days().end(1_000), 1_000 + 5 * 86_400_000);
    }

    #[test]
    fn settings_beside_a_link_to_the_transcripts_are_found() {
        let temp = tempfile::tempdir().unwrap();
        let base = temp.path().canonicalize().unwrap();
        let (home, elsewhere) = (base.join("home"), base.join("disk"));
        fs::create_dir_all(home.join(".claude")).unwrap();
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, home.join(".claude/projects")).unwrap();
        fs::write(home.join(".claude/settings.json"), "{\"cleanupPeriodDays\":7}").unwrap();
        let surroundings = Surroundings { home: Some(home), ..Surroundings::default() };
        assert_eq!(Keeping::of_root(&elsewhere, &surroundings).days, 7);
    }
}
