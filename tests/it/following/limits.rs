//! What the system refuses to watch is told, and found by scanning.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use claude_otel::source::{
    Health, Hint, Hints, Notifier, NotifierProblem, OwnerRule, Root, RootOrigin, Scanner, Sweep, hints,
};

/// Set for a test that runs once more, within a limit.
const WITHIN: &str = "CLAUDE_OTEL_TEST_WITHIN_LIMIT";
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the test again in a user namespace of its own, whose limits can be set without harm to anybody.
#[expect(clippy::print_stderr, reason = "a test that is skipped has to say why")]
fn within(limit: &str, value: u32, test: &str, body: fn(&Path)) {
    if env::var_os(WITHIN).is_some() {
        let temp = tempfile::tempdir().unwrap();
        return body(&fs::canonicalize(temp.path()).unwrap());
    }
    let run = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "sh", "-c", script]).arg(env::current_exe().unwrap());
        command.env(WITHIN, limit).output()
    };
    let set = format!("echo {value} > /proc/sys/user/{limit}");
    match run(&set) {
        Ok(output) if output.status.success() => {}
        refused => return eprintln!("skipped: a limit cannot be set in a user namespace here: {refused:?}"),
    }
    let output = run(&format!("{set} && exec \"$0\" --exact following::limits::{test}")).unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

fn tree(base: &Path, directories: &[&str]) -> Root {
    for directory in directories {
        fs::create_dir_all(base.join(directory)).unwrap();
    }
    Root { path: base.to_path_buf(), origin: RootOrigin::Home }
}

fn write(path: PathBuf) -> PathBuf {
    File::options().append(true).create(true).open(&path).unwrap().write_all(b"{}\n").unwrap();
    path
}

#[track_caller]
fn await_hint(hints: &Hints, wanted: &Hint) {
    while let Some(hint) = hints.next(PATIENCE) {
        if hint == *wanted {
            return;
        }
    }
    panic!("no {wanted:?}");
}

#[test]
fn a_tree_with_more_directories_than_watches_is_watched_in_part() {
    within("max_inotify_watches", 3, "a_tree_with_more_directories_than_watches_is_watched_in_part", |base| {
        let root = tree(base, &["a", "b", "c", "d"]);
        let mut scanner = Scanner::new(vec![root.clone()], OwnerRule::of_this_process());
        scanner.sweep(Sweep::Full, 0);
        let (sink, hints) = hints(64);
        let (notifier, problems) = Notifier::start(&[root], sink);
        assert!(
            matches!(&problems[..], [NotifierProblem::WatchLimit { path }] if path.starts_with(base)),
            "{problems:?}"
        );
        assert_eq!((notifier.health(), notifier.watches()), (Health::Partial, Some(3)));
        // What was watched before the limit was met is watched still.
        let path = write(base.join("S.jsonl"));
        await_hint(&hints, &Hint::Path(path));
        for name in ["a", "b", "c", "d"] {
            write(base.join(name).join("S.jsonl"));
        }
        assert_eq!(scanner.sweep(Sweep::Light, 0).changed.len(), 5);
    });
}

#[test]
fn a_directory_that_appears_beyond_the_limit_means_looking_everywhere() {
    within("max_inotify_watches", 3, "a_directory_that_appears_beyond_the_limit_means_looking_everywhere", |base| {
        let root = tree(base, &["a", "b"]);
        let (sink, hints) = hints(64);
        let (notifier, problems) = Notifier::start(&[root], sink);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!((notifier.health(), notifier.watches()), (Health::Healthy, Some(3)));
        tree(base, &["c"]);
        await_hint(&hints, &Hint::Rescan);
        assert_eq!(notifier.health(), Health::Partial);
        let problems = notifier.take_problems();
        assert!(
            matches!(&problems[..], [NotifierProblem::WatchLimit { path }] if *path == base.join("c")),
            "{problems:?}"
        );
    });
}

#[test]
fn without_an_instance_nothing_is_watched_and_all_is_found() {
    within("max_inotify_instances", 0, "without_an_instance_nothing_is_watched_and_all_is_found", |base| {
        let root = tree(base, &["a"]);
        let mut scanner = Scanner::new(vec![root.clone()], OwnerRule::of_this_process());
        scanner.sweep(Sweep::Full, 0);
        let (sink, hints) = hints(64);
        let (mut notifier, problems) = Notifier::start(std::slice::from_ref(&root), sink);
        assert!(matches!(&problems[..], [NotifierProblem::InstanceLimit { .. }]), "{problems:?}");
        assert_eq!((notifier.health(), notifier.watches()), (Health::Off, Some(0)));
        assert!(notifier.rewatch(&root).is_empty(), "a problem is told twice");
        write(base.join("a/S.jsonl"));
        assert_eq!(hints.next(Duration::ZERO), None);
        assert_eq!(scanner.sweep(Sweep::Light, 0).changed.len(), 1);
    });
}
