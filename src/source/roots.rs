//! Which directories hold transcripts: those the user names, else every usual place that exists.

use super::problem::SourceError;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A directory below which transcripts are searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The directory with all symbolic links resolved; everything found lies below it.
    pub path: PathBuf,
    /// Who named it.
    pub origin: RootOrigin,
}

/// Who named a root, so that the configuration can be explained to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootOrigin {
    /// The user, by flag, variable or file of this program.
    Explicit,
    /// The client's own `CLAUDE_CONFIG_DIR`.
    ClaudeConfigDir,
    /// `.claude` in the home directory.
    Home,
    /// `claude` in the XDG configuration directory.
    Xdg,
}

/// Finds the roots from what the user named, the environment and the home directory.
///
/// Directories that turn out to be the same are returned once, in the order in which they were named.
pub fn resolve(
    explicit: &[PathBuf],
    environment: impl Fn(&str) -> Option<OsString>,
    home: Option<&Path>,
) -> Result<Vec<Root>, SourceError> {
    let mut roots = Vec::new();
    if !explicit.is_empty() {
        for path in explicit {
            add(&mut roots, named(path)?, RootOrigin::Explicit);
        }
        return Ok(roots);
    }
    let places = usual_places(environment, home);
    for (path, origin) in &places {
        match named(path) {
            Ok(path) => add(&mut roots, path, *origin),
            // The user did not ask for this very place, so that the others decide; a closed one is not passed by
            // in silence, for it holds transcripts that would be missed.
            Err(SourceError::RootMissing { .. } | SourceError::RootNotDirectory { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    if roots.is_empty() {
        return Err(SourceError::NoRoots { searched: places.into_iter().map(|(path, _)| path).collect() });
    }
    Ok(roots)
}

/// The places where roots will be once the client has run for the first time, for whoever waits for that.
pub fn awaited(environment: impl Fn(&str) -> Option<OsString>, home: Option<&Path>) -> Vec<Root> {
    let mut roots = Vec::new();
    for (path, origin) in usual_places(environment, home) {
        // The links above it are resolved now, since what is found later lies below the resolved path.
        let real = path.ancestors().find_map(|above| {
            let mut real = fs::canonicalize(above).ok()?;
            real.extend(path.strip_prefix(above).into_iter().flatten());
            Some(real)
        });
        add(&mut roots, real.unwrap_or(path), origin);
    }
    roots
}

fn add(roots: &mut Vec<Root>, path: PathBuf, origin: RootOrigin) {
    if roots.iter().all(|root| root.path != path) {
        roots.push(Root { path, origin });
    }
}

fn named(path: &Path) -> Result<PathBuf, SourceError> {
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => SourceError::RootMissing { path: path.to_path_buf() },
        io::ErrorKind::NotADirectory => SourceError::RootNotDirectory { path: path.to_path_buf() },
        _ => SourceError::RootUnreadable { path: path.to_path_buf(), source },
    };
    let canonical = fs::canonicalize(path).map_err(unreadable)?;
    fs::read_dir(&canonical).map_err(unreadable)?;
    Ok(canonical)
}

fn usual_places(environment: impl Fn(&str) -> Option<OsString>, home: Option<&Path>) -> Vec<(PathBuf, RootOrigin)> {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty());
    let mut places = Vec::new();
    if let Some(value) = set("CLAUDE_CONFIG_DIR") {
        places.extend(config_directories(&value).into_iter().map(|path| (path, RootOrigin::ClaudeConfigDir)));
    }
    if let Some(home) = home {
        places.push((home.join(".claude"), RootOrigin::Home));
    }
    // The XDG specification says that a relative path is invalid and has to be ignored.
    let xdg = set("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(xdg) = xdg.or_else(|| home.map(|home| home.join(".config"))) {
        places.push((xdg.join("claude"), RootOrigin::Xdg));
    }
    places.into_iter().map(|(path, origin)| (path.join("projects"), origin)).collect()
}

/// Splits the list at commas, as other readers of the variable do, unless the whole value names a directory.
fn config_directories(value: &OsString) -> Vec<PathBuf> {
    let whole = PathBuf::from(value);
    match value.to_str() {
        Some(list) if !whole.is_dir() => {
            list.split(',').map(str::trim).filter(|part| !part.is_empty()).map(PathBuf::from).collect()
        }
        _ => vec![whole],
    }
}

#[cfg(test)]
mod tests {
    use super::RootOrigin::{ClaudeConfigDir, Home, Xdg};
    use super::*;
    use std::os::unix::fs::symlink;

    fn no_environment(_: &str) -> Option<OsString> {
        None
    }

    fn tree(directories: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let temp = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(temp.path()).unwrap();
        for directory in directories {
            fs::create_dir_all(base.join(directory)).unwrap();
        }
        (temp, base)
    }

    fn paths(roots: &[Root]) -> Vec<&Path> {
        roots.iter().map(|root| root.path.as_path()).collect()
    }

    #[test]
    fn a_named_root_that_is_missing_or_no_directory_is_an_error_and_an_empty_one_is_fine() {
        let (_temp, base) = tree(&["empty"]);
        fs::write(base.join("file"), "x").unwrap();
        let resolved = |name: &str| resolve(&[base.join("empty"), base.join(name)], no_environment, None);
        assert!(matches!(resolved("missing"), Err(SourceError::RootMissing { path }) if path == base.join("missing")));
        assert!(matches!(resolved("file"), Err(SourceError::RootNotDirectory { path }) if path == base.join("file")));
        assert!(matches!(resolved("file/below"), Err(SourceError::RootNotDirectory { .. })));
        let roots = resolve(&[base.join("empty")], no_environment, None).unwrap();
        assert_eq!(roots, [Root { path: base.join("empty"), origin: RootOrigin::Explicit }]);
    }

    #[test]
    fn a_root_that_the_system_refuses_is_an_error_wherever_its_name_comes_from() {
        let (_temp, base) = tree(&["home/.claude/projects"]);
        // A name that is too long is refused to everybody, the superuser included.
        let refused = base.join("x".repeat(300));
        let explicit = resolve(std::slice::from_ref(&refused), no_environment, None);
        assert!(matches!(explicit, Err(SourceError::RootUnreadable { path, .. }) if path == refused));
        let environment = |name: &str| (name == "CLAUDE_CONFIG_DIR").then(|| refused.clone().into());
        let usual = resolve(&[], environment, Some(&base.join("home")));
        assert!(matches!(usual, Err(SourceError::RootUnreadable { path, .. }) if path == refused.join("projects")));
    }

    #[test]
    fn named_roots_replace_the_usual_places() {
        let (_temp, base) = tree(&["home/.claude/projects", "mine"]);
        let roots = resolve(&[base.join("mine")], no_environment, Some(&base.join("home"))).unwrap();
        assert_eq!(paths(&roots), [base.join("mine")]);
    }

    #[test]
    fn every_existing_usual_place_is_taken_in_order() {
        let (_temp, base) = tree(&["c1/projects", "c2/projects", "home/.claude/projects", "xdg/claude/projects"]);
        let environment = |name: &str| match name {
            "CLAUDE_CONFIG_DIR" => Some(format!("{0}/c1, {0}/gone ,,{0}/c2", base.display()).into()),
            "XDG_CONFIG_HOME" => Some(base.join("xdg").into()),
            _ => None,
        };
        let roots = resolve(&[], environment, Some(&base.join("home"))).unwrap();
        let expected = ["c1/projects", "c2/projects", "home/.claude/projects", "xdg/claude/projects"];
        assert_eq!(paths(&roots), expected.map(|path| base.join(path)));
        let origins: Vec<_> = roots.iter().map(|root| root.origin).collect();
        assert_eq!(origins, [ClaudeConfigDir, ClaudeConfigDir, Home, Xdg]);
    }

    #[test]
    fn the_xdg_default_lies_in_the_home_directory_and_a_relative_one_is_ignored() {
        let (_temp, base) = tree(&["home/.config/claude/projects"]);
        for value in [None, Some("relative"), Some("")] {
            let environment = |name: &str| (name == "XDG_CONFIG_HOME").then_some(value).flatten().map(OsString::from);
            let roots = resolve(&[], environment, Some(&base.join("home"))).unwrap();
            assert_eq!(paths(&roots), [base.join("home/.config/claude/projects")]);
        }
    }

    #[test]
    fn a_config_directory_with_a_comma_in_its_name_is_one_directory() {
        let (_temp, base) = tree(&["a,b/projects"]);
        let environment = |name: &str| (name == "CLAUDE_CONFIG_DIR").then(|| base.join("a,b").into());
        assert_eq!(paths(&resolve(&[], environment, None).unwrap()), [base.join("a,b/projects")]);
    }

    #[test]
    fn one_directory_by_two_names_is_one_root() {
        let (_temp, base) = tree(&["real/sub"]);
        symlink(base.join("real"), base.join("link")).unwrap();
        let named = [base.join("link"), base.join("real/sub/.."), base.join("real")];
        assert_eq!(paths(&resolve(&named, no_environment, None).unwrap()), [base.join("real")]);
    }

    #[test]
    fn without_any_place_the_error_lists_those_that_were_tried() {
        let (_temp, base) = tree(&["home"]);
        let environment = |name: &str| (name == "CLAUDE_CONFIG_DIR").then(|| base.join("none").into());
        let Err(SourceError::NoRoots { searched }) = resolve(&[], environment, Some(&base.join("home"))) else {
            panic!("expected an error");
        };
        let expected = ["none/projects", "home/.claude/projects", "home/.config/claude/projects"];
        assert_eq!(searched, expected.map(|path| base.join(path)));
    }
}
