use super::super::classify::{AgentFile, Class};
use super::super::open::{FileId, mtime_unix_nano};
use super::super::roots::RootOrigin;
use super::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

struct Tree {
    _temp: tempfile::TempDir,
    base: PathBuf,
}

impl Tree {
    fn new(files: &[&str]) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(temp.path()).unwrap().join("projects");
        fs::create_dir(&base).unwrap();
        let tree = Self { _temp: temp, base };
        for file in files {
            tree.write(file, "{}\n");
        }
        tree
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.base.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn walk(&self) -> Discovery {
        self.walk_all(&[""])
    }

    fn walk_all(&self, roots: &[&str]) -> Discovery {
        let root = |name: &&str| Root { path: self.base.join(name), origin: RootOrigin::Explicit };
        discover(&roots.iter().map(root).collect::<Vec<_>>(), OwnerRule::Any)
    }
}

fn names(found: &Discovery) -> Vec<&str> {
    found.files.iter().map(|file| file.relative().to_str().unwrap()).collect()
}

#[test]
fn transcripts_are_found_at_every_depth_in_the_order_of_their_paths() {
    let tree = Tree::new(&[
        "b/S2.jsonl",
        "b/S1/subagents/workflows/wf_x/agent-z.jsonl",
        "b/S1/subagents/workflows/wf_x/journal.jsonl",
        "b/S1/subagents/agent-y.jsonl",
        "b/S1/subagents/agent-y.meta.json",
        "b/S1/tool-results/t.txt",
        "b/S1.jsonl",
        "a/agent-x.jsonl",
        "a/memory/MEMORY.md",
        "history.jsonl",
    ]);
    let found = tree.walk();
    let expected = [
        "a/agent-x.jsonl",
        "b/S1/subagents/agent-y.jsonl",
        "b/S1/subagents/workflows/wf_x/agent-z.jsonl",
        "b/S1.jsonl",
        "b/S2.jsonl",
    ];
    assert_eq!(names(&found), expected);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let metas: Vec<_> = found.files.iter().map(TranscriptFile::meta_path).collect();
    assert_eq!(metas, [None, Some(tree.base.join("b/S1/subagents/agent-y.meta.json")), None, None, None]);
    let expected =
        AgentFile { session: Some("S1".to_owned()), agent_id: "y".to_owned(), internal: None, workflow: false };
    assert_eq!(found.files[1].class, Class::Agent(expected));
}

#[test]
fn a_file_is_described_as_it_is_on_disk() {
    let tree = Tree::new(&["p/S.jsonl"]);
    let file = tree.walk().files.remove(0);
    let metadata = fs::metadata(tree.base.join("p/S.jsonl")).unwrap();
    assert_eq!((file.size, file.id), (3, FileId::of(&metadata)));
    assert_eq!(file.mtime_unix_nano, mtime_unix_nano(&metadata));
    assert_eq!(file.path, tree.base.join("p/S.jsonl"));
}

#[test]
fn files_without_a_byte_are_counted_and_left_out() {
    let tree = Tree::new(&["p/S.jsonl"]);
    tree.write("p/E.jsonl", "");
    tree.write("p/E.txt", "");
    let found = tree.walk();
    assert_eq!((names(&found), found.empty_files), (vec!["p/S.jsonl"], 1));
}

#[test]
fn a_file_below_two_roots_or_with_two_names_is_found_once() {
    let tree = Tree::new(&["p/S.jsonl"]);
    fs::hard_link(tree.base.join("p/S.jsonl"), tree.base.join("p/T.jsonl")).unwrap();
    let found = tree.walk_all(&["p", ""]);
    assert_eq!((names(&found), found.repeated_files), (vec!["p/S.jsonl"], 1));
}

#[test]
fn links_are_not_followed_and_those_that_lead_outside_are_reported() {
    let tree = Tree::new(&["p/S.jsonl", "../outside/secret.jsonl", "../outside/note.md"]);
    let outside = tree.base.parent().unwrap().join("outside");
    let link = |target: &Path, name: &str| symlink(target, tree.base.join(name)).unwrap();
    link(&outside, "a-folder");
    link(&outside.join("secret.jsonl"), "p/out.jsonl");
    link(&outside.join("note.md"), "p/note.md");
    link(&tree.base.join("p/S.jsonl"), "p/inside.jsonl");
    link(&tree.base, "p/circle");
    link(Path::new("nowhere.jsonl"), "p/broken.jsonl");
    link(Path::new("nowhere.md"), "p/broken.md");
    let found = tree.walk();
    assert_eq!(names(&found), ["p/S.jsonl"]);
    let problems: Vec<_> =
        found.problems.iter().map(|problem| (problem.kind(), problem.path().to_path_buf())).collect();
    let expected =
        [("symlink_outside", "a-folder"), ("symlink_broken", "p/broken.jsonl"), ("symlink_outside", "p/out.jsonl")];
    assert_eq!(problems, expected.map(|(kind, name)| (kind, tree.base.join(name))));
}

#[test]
fn a_link_into_another_root_is_no_problem() {
    let tree = Tree::new(&["one/S.jsonl", "two/T.jsonl"]);
    symlink(tree.base.join("two/T.jsonl"), tree.base.join("one/T.jsonl")).unwrap();
    let found = tree.walk_all(&["one", "two"]);
    assert_eq!(names(&found), ["S.jsonl", "T.jsonl"]);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
}

#[test]
fn a_pipe_named_like_a_transcript_is_a_problem_and_any_other_is_nothing() {
    let tree = Tree::new(&["p/S.jsonl"]);
    for name in ["p/pipe.jsonl", "p/pipe"] {
        assert!(Command::new("mkfifo").arg(tree.base.join(name)).status().unwrap().success());
    }
    let found = tree.walk();
    assert_eq!(names(&found), ["p/S.jsonl"]);
    assert!(
        matches!(&found.problems[..], [SourceProblem::NotRegular { path }] if *path == tree.base.join("p/pipe.jsonl"))
    );
}

#[test]
fn a_root_that_went_away_is_a_problem_and_the_others_go_on() {
    let tree = Tree::new(&["here/S.jsonl"]);
    let found = tree.walk_all(&["gone", "here"]);
    assert_eq!(names(&found), ["S.jsonl"]);
    assert!(matches!(&found.problems[..], [SourceProblem::Vanished { path }] if *path == tree.base.join("gone")));
}

#[test]
fn a_directory_that_cannot_be_listed_is_a_problem_and_the_rest_goes_on() {
    let tree = Tree::new(&["closed/S.jsonl", "open/S.jsonl"]);
    let closed = tree.base.join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let is_superuser = fs::read_dir(&closed).is_ok();
    let found = tree.walk();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    // Nothing is closed to the superuser, who then has to see both files.
    let expected = if is_superuser { vec!["closed/S.jsonl", "open/S.jsonl"] } else { vec!["open/S.jsonl"] };
    assert_eq!(names(&found), expected);
    let kinds: Vec<_> = found.problems.iter().map(SourceProblem::kind).collect();
    assert_eq!(kinds, if is_superuser { vec![] } else { vec!["directory_unreadable"] });
}
