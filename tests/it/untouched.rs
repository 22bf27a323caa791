//! Proves that reading transcripts leaves no trace on them: nothing below a root is made, written, renamed or touched.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use sha2::{Digest, Sha256};

/// What must stay as it is. The time of the last *reading* is the file system's own business.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    inode: u64,
    mode: u32,
    links: u64,
    size: u64,
    modified: (i64, i64),
    /// When anything about it last changed, also what could be put back afterwards.
    changed: (i64, i64),
    content: Vec<u8>,
}

fn traces(root: &Path) -> BTreeMap<PathBuf, Trace> {
    let mut traces = BTreeMap::new();
    let mut left = vec![root.to_path_buf()];
    while let Some(path) = left.pop() {
        let metadata = fs::symlink_metadata(&path).unwrap();
        let mut content = Vec::new();
        if metadata.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            content = Sha256::digest(fs::read(&path).unwrap()).to_vec();
        }
        let trace = Trace {
            inode: metadata.ino(),
            mode: metadata.mode(),
            links: metadata.nlink(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            content,
        };
        traces.insert(path, trace);
    }
    traces
}

/// A copy of several scenarios: agents with side files, damage, and files of no byte.
fn copied_tree() -> tempfile::TempDir {
    let temp = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/claude");
    for scenario in ["agent-nested", "fork", "torn-tail", "agent-beside-main", "workflow"] {
        copy(&fixtures.join(scenario).join("projects"), &temp.path().join("root").join(scenario));
    }
    fs::write(temp.path().join("root/workflow/empty.jsonl"), "").unwrap();
    temp
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Takes the right to write from everything below, or gives it back to the owner.
fn set_writable(root: &Path, is_writable: bool) {
    for path in traces(root).into_keys() {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        let mode = if is_writable { mode | 0o200 } else { mode & !0o222 };
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    }
}

/// The program as it is built, or, for a superuser whom no permissions bind, a copy of it run as nobody.
fn program(elsewhere: &Path, is_bound: bool) -> Command {
    let built = env!("CARGO_BIN_EXE_claude-otel");
    let is_superuser = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let can_step_down = || Command::new("setpriv").arg("--version").output().is_ok();
    if !(is_bound && is_superuser && can_step_down()) {
        return Command::new(built);
    }
    let copy = elsewhere.join("claude-otel");
    if !copy.exists() {
        fs::copy(built, &copy).unwrap();
        fs::set_permissions(elsewhere, Permissions::from_mode(0o777)).unwrap();
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(copy);
    command
}

/// Runs the program with everything of its own elsewhere, and gives the number of spans that it wrote.
fn backfill(root: &Path, elsewhere: &Path, is_bound: bool, more: &[&str]) -> usize {
    let out = elsewhere.join("out");
    let mut command = program(elsewhere, is_bound);
    let path = std::env::var_os("PATH").unwrap_or_default();
    command
        .env_clear()
        .env("PATH", path)
        .env("HOME", elsewhere)
        .env("XDG_STATE_HOME", elsewhere.join("state"))
        .current_dir(elsewhere);
    command.arg("backfill").arg("--root").arg(root).arg("--otlp-file").arg(&out).args(more).assert().success();
    let text = fs::read_to_string(out.join("traces.jsonl")).unwrap_or_default();
    text.matches("\"spanId\":").count()
}

fn check(root: &Path, elsewhere: &Path, is_bound: bool) {
    let before = traces(root);
    assert!(before.len() > 15, "{}", before.len());
    // Once as it is meant, once with what is still open, and once without sending.
    assert!(backfill(root, elsewhere, is_bound, &["--finish"]) > 20);
    backfill(root, elsewhere, is_bound, &[]);
    backfill(root, elsewhere, is_bound, &["--dry-run", "--tree"]);
    assert_eq!(traces(root), before);
}

#[test]
fn a_backfill_leaves_everything_below_its_root_as_it_was() {
    let temp = copied_tree();
    let elsewhere = tempfile::tempdir().unwrap();
    check(&temp.path().join("root"), elsewhere.path(), false);
}

#[test]
fn a_root_that_nobody_may_write_to_is_read_all_the_same() {
    let temp = copied_tree();
    let elsewhere = tempfile::tempdir().unwrap();
    let root = temp.path().join("root");
    set_writable(&root, false);
    fs::set_permissions(temp.path(), Permissions::from_mode(0o755)).unwrap();
    check(&root, elsewhere.path(), true);
    set_writable(&root, true);
}

#[test]
fn a_touched_file_is_seen() {
    let temp = copied_tree();
    let root = temp.path().join("root");
    let before = traces(&root);
    let file = root.join("workflow/empty.jsonl");
    for change in [
        |file: &Path| fs::write(file.with_extension("lock"), "").unwrap(),
        |file: &Path| fs::rename(file.with_extension("lock"), file).unwrap(),
        |file: &Path| fs::set_permissions(file, Permissions::from_mode(0o640)).unwrap(),
    ] {
        let now = traces(&root);
        change(&file);
        assert_ne!(traces(&root), now);
    }
    assert_ne!(traces(&root), before);
}
