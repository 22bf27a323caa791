//! Which panics are shown.

use std::panic;
use std::path::{Component, Path};

/// Keeps the panics of the embedded database off the screen.
///
/// It panics on damaged files; that is caught and told as what it is, damage, by whoever opened it. All other panics are
/// faults of this program and stay as visible as they are.
pub(super) fn quiet_the_database() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let (file, at) = panic.location().map_or(("", 0), |place| (place.file(), place.line()));
        if is_of_the_database(file) {
            tracing::debug!(file, at, "the database gave up");
        } else {
            usual(panic);
        }
    }));
}

/// Whether a file is one of the database's source, wherever that lay when it was built.
fn is_of_the_database(file: &str) -> bool {
    Path::new(file).components().any(|part| {
        let Component::Normal(name) = part else { return false };
        name.to_str().is_some_and(|name| name == "sled" || name.starts_with("sled-"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_known_by_the_folder_of_its_source() {
        assert!(is_of_the_database("/home/x/.cargo/registry/src/index/sled-0.34.7/src/pagecache/logger.rs"));
        assert!(is_of_the_database("vendor/sled/src/tree.rs"));
        for other in ["src/checkpoint/database.rs", "/rust/library/core/src/option.rs", "src/bobsled/a.rs", ""] {
            assert!(!is_of_the_database(other), "{other}");
        }
    }
}
