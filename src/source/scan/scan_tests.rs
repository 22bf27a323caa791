use super::super::open::{FileId, mtime_unix_nano};
use super::super::roots::RootOrigin;
use super::*;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

const DAY: u64 = 86_400;
/// What the scanner takes for the present; all times of writing are set against it.
const NOW: u64 = 1_700_000_000;

struct Tree {
    _temp: tempfile::TempDir,
    base: PathBuf,
    scanner: Scanner,
    /// Directories are given old times, unless a test is about fresh ones, so that only what moved is listed again.
    age: u64,
}

impl Tree {
    /// Starts with files that were last written some days ago, already swept.
    fn new(files: &[&str]) -> Self {
        let mut tree = Self::unswept(files, OwnerRule::Any);
        tree.settle();
        tree.sweep(Sweep::Full);
        tree
    }

    fn unswept(files: &[&str], rule: OwnerRule) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(temp.path()).unwrap().join("projects");
        fs::create_dir(&base).unwrap();
        let root = Root { path: base.clone(), origin: RootOrigin::Home };
        let tree = Self { _temp: temp, base, scanner: Scanner::new(vec![root], rule), age: 0 };
        for file in files {
            tree.write(file, "{}\n", 5 * DAY);
        }
        tree
    }

    fn path(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }

    fn write(&self, name: &str, text: &str, age: u64) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        date(&path, age);
    }

    fn append(&self, name: &str, age: u64) {
        File::options().append(true).open(self.path(name)).unwrap().write_all(b"{}\n").unwrap();
        date(&self.path(name), age);
    }

    /// Makes all directories look as if they had been at rest for long, each time by a different time.
    fn settle(&mut self) {
        self.age += 1;
        let mut waiting = vec![self.base.clone()];
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(&directory).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    waiting.push(entry.path());
                }
            }
            date(&directory, DAY - self.age);
        }
    }

    fn sweep(&mut self, sweep: Sweep) -> Changes {
        self.scanner.sweep(sweep, NOW as i64 * 1_000_000_000)
    }

    fn look(&mut self, names: &[&str]) -> Changes {
        let paths: Vec<_> = names.iter().map(|name| self.path(name)).collect();
        self.scanner.look(paths)
    }

    fn known(&self) -> Vec<String> {
        let mut known: Vec<_> = self.scanner.files().map(|file| file.relative().display().to_string()).collect();
        known.sort();
        known
    }
}

fn date(path: &Path, age: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW - age);
    File::open(path).unwrap().set_modified(time).unwrap();
}

fn names(files: &[Arc<TranscriptFile>]) -> Vec<&str> {
    files.iter().map(|file| file.relative().to_str().unwrap()).collect()
}

fn kinds(changes: &Changes) -> Vec<&str> {
    changes.problems.iter().map(SourceProblem::kind).collect()
}

#[test]
fn the_first_sweep_finds_everything_and_the_next_ones_nothing() {
    let mut tree =
        Tree::unswept(&["p/S.jsonl", "p/S/subagents/agent-x.jsonl", "q/T.jsonl", "q/notes.txt"], OwnerRule::Any);
    tree.write("q/E.jsonl", "", 0);
    let all = ["p/S/subagents/agent-x.jsonl", "p/S.jsonl", "q/T.jsonl"];
    let first = tree.sweep(Sweep::Full);
    assert_eq!((names(&first.changed), first.empty_files, first.new_directories), (all.to_vec(), 1, false));
    for sweep in [Sweep::Light, Sweep::Full, Sweep::Light] {
        let changes = tree.sweep(sweep);
        assert!(changes.is_empty(), "{sweep:?}: {changes:?}");
        assert_eq!(changes.empty_files, 1);
    }
    let file = tree.scanner.get(&tree.path("p/S.jsonl")).unwrap();
    let metadata = fs::metadata(tree.path("p/S.jsonl")).unwrap();
    assert_eq!((file.size, file.mtime_unix_nano), (metadata.len(), mtime_unix_nano(&metadata)));
    assert!(tree.scanner.get(&tree.path("p/R.jsonl")).is_none());
}

#[test]
fn a_light_sweep_sees_new_files_and_warm_ones_and_only_a_full_one_sees_cold_ones_grow() {
    let mut tree = Tree::new(&["p/warm.jsonl", "p/cold.jsonl"]);
    tree.append("p/warm.jsonl", DAY / 2);
    tree.sweep(Sweep::Full);
    tree.append("p/warm.jsonl", 60);
    tree.append("p/cold.jsonl", 60);
    tree.write("q/new.jsonl", "{}\n", 60);
    let changes = tree.sweep(Sweep::Light);
    assert_eq!(names(&changes.changed), ["p/warm.jsonl", "q/new.jsonl"]);
    assert!(changes.new_directories);
    let changes = tree.sweep(Sweep::Full);
    assert_eq!((names(&changes.changed), changes.new_directories), (vec!["p/cold.jsonl"], false));
    // What changed under our eyes is warm, however old the time that it claims.
    for age in [9, 8] {
        tree.append("p/cold.jsonl", age * DAY);
        assert_eq!(names(&tree.sweep(Sweep::Light).changed), ["p/cold.jsonl"]);
    }
}

#[test]
fn a_directory_whose_time_stands_still_is_listed_again_only_while_it_is_fresh() {
    let mut tree = Tree::new(&["p/S.jsonl"]);
    let add = |tree: &Tree, name: &str, age| {
        let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        let before = time(&tree.path("p"));
        tree.write(name, "{}\n", 0);
        File::open(tree.path("p")).unwrap().set_modified(before).unwrap();
        if let Some(age) = age {
            date(&tree.path("p"), age);
        }
    };
    add(&tree, "p/A.jsonl", Some(1));
    assert_eq!(names(&tree.sweep(Sweep::Light).changed), ["p/A.jsonl"]);
    // It was listed within the same two seconds in which it was written, so that its time may not have moved.
    add(&tree, "p/B.jsonl", None);
    assert_eq!(names(&tree.sweep(Sweep::Light).changed), ["p/B.jsonl"]);
    add(&tree, "p/C.jsonl", Some(3));
    assert_eq!(names(&tree.sweep(Sweep::Light).changed), ["p/C.jsonl"]);
    add(&tree, "p/D.jsonl", None);
    assert!(tree.sweep(Sweep::Light).is_empty(), "a directory at rest was listed");
    assert_eq!(names(&tree.sweep(Sweep::Full).changed), ["p/D.jsonl"]);
}

#[test]
fn a_description_that_appears_or_changes_is_a_change_of_its_agent() {
    let agent = "p/S/subagents/agent-x.jsonl";
    let meta = "p/S/subagents/agent-x.meta.json";
    for sweep in [Some(Sweep::Light), Some(Sweep::Full), None] {
        let mut tree = Tree::new(&["p/S.jsonl"]);
        tree.write(agent, "{}\n", 60);
        assert_eq!(tree.sweep(Sweep::Light).changed[0].meta_path(), None);
        tree.settle();
        tree.sweep(Sweep::Full);
        let again = |tree: &mut Tree| {
            let changes = match sweep {
                Some(sweep) => tree.sweep(sweep),
                None => tree.look(&[meta]),
            };
            assert_eq!(names(&changes.changed), [agent], "{sweep:?}");
            changes.changed[0].meta_path()
        };
        tree.write(meta, "{}", 60);
        assert_eq!(again(&mut tree), Some(tree.path(meta)));
        tree.write(meta, "{ }", 30);
        assert_eq!(again(&mut tree), Some(tree.path(meta)));
        fs::remove_file(tree.path(meta)).unwrap();
        assert_eq!(again(&mut tree), None);
    }
    // Neither has it one that belongs to somebody else, as far as we may give a file away to see it.
    let mut tree = Tree::unswept(&[agent, meta], OwnerRule::Any);
    let owner = fs::metadata(tree.path(agent)).unwrap().uid();
    tree.scanner.rule = OwnerRule::Own(owner);
    if chown(tree.path(meta), Some(owner + 1), None).is_ok() {
        assert_eq!(tree.sweep(Sweep::Full).changed[0].meta_path(), None);
        tree.append(agent, 0);
        assert_eq!(tree.sweep(Sweep::Light).changed[0].meta_path(), None);
        tree.append(agent, 1);
        assert_eq!(tree.look(&[agent]).changed[0].meta_path(), None);
    }
    // No other file has one.
    let mut tree = Tree::new(&["p/S.jsonl"]);
    tree.write("p/S.meta.json", "{}", 60);
    assert!(tree.sweep(Sweep::Full).changed.is_empty());
}

#[test]
fn deleted_files_and_directories_are_gone() {
    for sweep in [Sweep::Light, Sweep::Full] {
        let mut tree = Tree::new(&["p/S.jsonl", "p/T.jsonl", "q/deep/U.jsonl", "q/V.jsonl"]);
        tree.write("q/deep/E.jsonl", "", 0);
        assert_eq!(tree.sweep(Sweep::Light).empty_files, 1);
        fs::remove_file(tree.path("p/S.jsonl")).unwrap();
        fs::remove_dir_all(tree.path("q")).unwrap();
        let changes = tree.sweep(sweep);
        assert_eq!(names(&changes.gone), ["p/S.jsonl", "q/V.jsonl", "q/deep/U.jsonl"]);
        assert_eq!((tree.known(), changes.empty_files), (vec!["p/T.jsonl".to_owned()], 0));
        assert!(changes.problems.is_empty() && changes.changed.is_empty(), "{changes:?}");
        // The same names again are new.
        tree.write("q/deep/U.jsonl", "{}\n", 0);
        assert_eq!(names(&tree.sweep(sweep).changed), ["q/deep/U.jsonl"]);
    }
}

#[test]
fn a_file_under_another_name_has_moved_and_is_neither_new_nor_gone() {
    // Whichever of the two directories is listed first.
    for (from, to) in
        [("a/S.jsonl", "b/S.jsonl"), ("b/S.jsonl", "a/S.jsonl"), ("b/S.jsonl", "b/R.jsonl"), ("b/R.jsonl", "b/S.jsonl")]
    {
        for look in 0..3 {
            let mut tree = Tree::new(&[from, "a/other.jsonl", "b/other.jsonl"]);
            fs::rename(tree.path(from), tree.path(to)).unwrap();
            let changes = match look {
                0 => tree.sweep(Sweep::Light),
                1 => tree.sweep(Sweep::Full),
                _ => tree.look(&[from, to]),
            };
            let [(old, file)] = &changes.moved[..] else { panic!("{from} to {to}: {changes:?}") };
            assert_eq!((old, &file.path), (&tree.path(from), &tree.path(to)));
            assert!(changes.changed.is_empty() && changes.gone.is_empty(), "{changes:?}");
            assert_eq!(tree.known().len(), 3);
            tree.append(to, 0);
            assert_eq!(names(&tree.sweep(Sweep::Full).changed), [to]);
            assert!(tree.sweep(Sweep::Full).gone.is_empty());
        }
    }
}

#[test]
fn a_moved_file_has_one_name_even_when_only_the_new_one_is_hinted_at() {
    let mut tree = Tree::new(&["a/S.jsonl", "a/other.jsonl", "b/other.jsonl"]);
    fs::rename(tree.path("a/S.jsonl"), tree.path("b/S.jsonl")).unwrap();
    let changes = tree.look(&["b/S.jsonl"]);
    assert_eq!((changes.moved.len(), changes.gone.len()), (1, 0));
    assert_eq!(tree.known(), ["a/other.jsonl", "b/S.jsonl", "b/other.jsonl"]);
}

#[test]
fn a_whole_directory_can_move_and_what_was_written_meanwhile_has_changed() {
    let mut tree = Tree::new(&["p/S.jsonl", "p/S/subagents/agent-x.jsonl"]);
    fs::rename(tree.path("p"), tree.path("moved")).unwrap();
    tree.append("moved/S.jsonl", 0);
    let changes = tree.look(&["p", "moved"]);
    let moved: Vec<_> = changes.moved.iter().map(|(from, to)| (from.clone(), to.path.clone())).collect();
    let pair = |name: &str| (tree.path("p").join(name), tree.path("moved").join(name));
    assert_eq!(moved, [pair("S.jsonl"), pair("S/subagents/agent-x.jsonl")]);
    assert_eq!((names(&changes.changed), changes.gone.len()), (vec!["moved/S.jsonl"], 0));
    assert!(changes.new_directories);
}

#[test]
fn a_smaller_file_with_the_inode_of_a_deleted_one_is_new() {
    let mut tree = Tree::new(&[]);
    tree.write("p/old.jsonl", "{}\n{}\n", 60);
    tree.sweep(Sweep::Full);
    // A rename and a cut have the outcome of an inode that is given out again, on every file system.
    fs::rename(tree.path("p/old.jsonl"), tree.path("p/new.jsonl")).unwrap();
    tree.write("p/new.jsonl", "{}\n", 0);
    let changes = tree.sweep(Sweep::Full);
    assert_eq!((names(&changes.changed), names(&changes.gone)), (vec!["p/new.jsonl"], vec!["p/old.jsonl"]));
    assert!(changes.moved.is_empty());
}

#[test]
fn a_file_in_the_place_of_another_has_changed_even_with_the_same_size_and_time() {
    let mut tree = Tree::new(&["p/S.jsonl"]);
    tree.write("p/S.new", "{}\n", 5 * DAY);
    fs::rename(tree.path("p/S.new"), tree.path("p/S.jsonl")).unwrap();
    let changes = tree.sweep(Sweep::Full);
    assert_eq!((names(&changes.changed), changes.gone.len()), (vec!["p/S.jsonl"], 0));
    // A hint finds the new file, and not the old one with a new size.
    tree.write("p/S.new", "{}\n", 5 * DAY);
    let id = FileId::of(&fs::metadata(tree.path("p/S.new")).unwrap());
    fs::rename(tree.path("p/S.new"), tree.path("p/S.jsonl")).unwrap();
    assert_eq!(tree.look(&["p/S.jsonl"]).changed[0].id, id);
    // A known file that takes another's name has moved there, and the name has changed.
    tree.write("p/T.jsonl", "{}\n{}\n", DAY * 4);
    tree.sweep(Sweep::Full);
    fs::rename(tree.path("p/T.jsonl"), tree.path("p/S.jsonl")).unwrap();
    let changes = tree.sweep(Sweep::Full);
    assert_eq!((names(&changes.changed), changes.gone.len()), (vec!["p/S.jsonl"], 0));
    assert_eq!(changes.moved.len(), 1);
    assert_eq!(tree.known(), ["p/S.jsonl"]);
}

#[test]
fn a_hard_link_is_counted_and_takes_over_when_the_first_name_goes() {
    let mut tree = Tree::new(&["p/S.jsonl"]);
    fs::hard_link(tree.path("p/S.jsonl"), tree.path("p/T.jsonl")).unwrap();
    let changes = tree.sweep(Sweep::Light);
    assert_eq!((changes.changed.len(), changes.repeated_files), (0, 1));
    fs::remove_file(tree.path("p/S.jsonl")).unwrap();
    let changes = tree.sweep(Sweep::Light);
    assert_eq!((changes.moved.len(), changes.gone.len(), changes.repeated_files), (1, 0, 0));
    assert_eq!(tree.known(), ["p/T.jsonl"]);
}

#[test]
fn an_empty_file_is_found_with_its_first_byte_and_an_emptied_one_stays_known() {
    let mut tree = Tree::new(&["p/S.jsonl"]);
    tree.write("p/E.jsonl", "", 60);
    tree.settle();
    assert_eq!(tree.sweep(Sweep::Full).empty_files, 1);
    // Neither this nor the cut moves the time of the directory.
    tree.append("p/E.jsonl", 30);
    let changes = tree.sweep(Sweep::Light);
    assert_eq!((names(&changes.changed), changes.empty_files), (vec!["p/E.jsonl"], 0));
    tree.write("p/E.jsonl", "", 0);
    let changes = tree.sweep(Sweep::Light);
    assert_eq!((changes.changed[0].size, changes.gone.len()), (0, 0));
}

#[test]
fn hints_show_what_they_name_and_nothing_else() {
    let mut tree = Tree::new(&["p/S.jsonl", "p/T.jsonl", "q/U.jsonl"]);
    for name in ["p/S.jsonl", "p/T.jsonl", "q/U.jsonl"] {
        tree.append(name, 0);
    }
    assert_eq!(names(&tree.look(&["p/S.jsonl"]).changed), ["p/S.jsonl"]);
    assert!(tree.look(&["p/S.jsonl", "p/S.jsonl"]).is_empty(), "a repeated hint is a change");
    assert_eq!(names(&tree.look(&["p"]).changed), ["p/T.jsonl"]);
    fs::remove_file(tree.path("q/U.jsonl")).unwrap();
    assert_eq!(names(&tree.look(&["q/U.jsonl"]).gone), ["q/U.jsonl"]);
    tree.write("q/V.jsonl", "{}\n", 0);
    tree.write("new/deep/W.jsonl", "{}\n", 0);
    tree.write("other/X.jsonl", "{}\n", 0);
    assert_eq!(names(&tree.look(&["q/V.jsonl"]).changed), ["q/V.jsonl"]);
    // A file in directories that are all unknown is found from the nearest known one.
    let changes = tree.look(&["new/deep/W.jsonl"]);
    assert!(names(&changes.changed).contains(&"new/deep/W.jsonl") && changes.new_directories);
    tree.look(&["other"]);
    fs::remove_dir_all(tree.path("other")).unwrap();
    assert_eq!(names(&tree.look(&["other"]).gone), ["other/X.jsonl"]);
}

#[test]
fn hints_at_nothing_of_interest_are_harmless() {
    let mut tree = Tree::new(&["p/S.jsonl"]);
    tree.write("p/notes.txt", "x", 0);
    tree.write("p/unseen.jsonl", "{}\n", 0);
    for name in [
        "p/notes.txt",
        "p/gone.txt",
        "p/agent-x.meta.json",
        "p/S.meta.json",
        "p/history.jsonl",
        "../projects.jsonl",
        "/",
    ] {
        let changes = tree.look(&[name]);
        assert!(changes.is_empty(), "{name}: {changes:?}");
    }
    // What was listed for a hint is listed again, for the hint may have come in the middle of the change.
    assert_eq!(names(&tree.look(&["p"]).changed), ["p/unseen.jsonl"]);
    tree.settle();
    let time = fs::metadata(tree.path("p")).unwrap().modified().unwrap();
    tree.look(&["p"]);
    tree.write("p/later.jsonl", "{}\n", 0);
    File::open(tree.path("p")).unwrap().set_modified(time).unwrap();
    assert_eq!(names(&tree.sweep(Sweep::Light).changed), ["p/later.jsonl"]);
}

#[test]
fn a_problem_is_told_once_and_its_end_as_well() {
    let mut tree = Tree::new(&["p/S.jsonl"]);
    assert!(Command::new("mkfifo").arg(tree.path("p/pipe.jsonl")).status().unwrap().success());
    fs::create_dir(tree.path("p/folder.jsonl")).unwrap();
    symlink("nowhere", tree.path("p/link.jsonl")).unwrap();
    symlink("/", tree.path("p/out")).unwrap();
    let changes = tree.sweep(Sweep::Light);
    assert_eq!(kinds(&changes), ["symlink_broken", "symlink_outside", "not_regular"]);
    for sweep in [Sweep::Light, Sweep::Full] {
        let changes = tree.sweep(sweep);
        assert!(changes.is_empty(), "{changes:?}");
    }
    // Another problem of the same name is told.
    fs::remove_file(tree.path("p/link.jsonl")).unwrap();
    symlink("/proc", tree.path("p/link.jsonl")).unwrap();
    assert_eq!(kinds(&tree.sweep(Sweep::Light)), ["symlink_outside"]);
    fs::remove_file(tree.path("p/link.jsonl")).unwrap();
    fs::remove_file(tree.path("p/pipe.jsonl")).unwrap();
    tree.write("p/pipe.jsonl", "{}\n", 0);
    let changes = tree.sweep(Sweep::Light);
    assert_eq!(names(&changes.changed), ["p/pipe.jsonl"]);
    let mut recovered = changes.recovered;
    recovered.sort();
    assert_eq!(recovered, ["p/link.jsonl", "p/pipe.jsonl"].map(|name| tree.path(name)));
    fs::remove_dir_all(tree.path("p")).unwrap();
    assert_eq!(tree.sweep(Sweep::Light).recovered, [tree.path("p/out")]);
    assert!(tree.sweep(Sweep::Full).is_empty());
}

#[test]
fn files_of_others_are_left_out_unless_their_root_was_named() {
    let own = |tree: &Tree| fs::metadata(tree.path("p/S.jsonl")).unwrap().uid();
    let mut tree = Tree::unswept(&["p/S.jsonl"], OwnerRule::Any);
    let owner = own(&tree);
    tree.scanner.rule = OwnerRule::Own(owner + 1);
    let changes = tree.sweep(Sweep::Full);
    assert!(
        matches!(&changes.problems[..], [SourceProblem::OtherOwner { path, owner: found }] if *path == tree.path("p/S.jsonl") && *found == owner),
        "{changes:?}"
    );
    assert!(tree.known().is_empty() && changes.changed.is_empty());
    assert!(tree.sweep(Sweep::Full).is_empty());
    // The file comes to be ours, then another's again.
    tree.scanner.rule = OwnerRule::Own(owner);
    let changes = tree.sweep(Sweep::Full);
    assert_eq!((names(&changes.changed), changes.recovered.len()), (vec!["p/S.jsonl"], 1));
    tree.append("p/S.jsonl", 0);
    tree.settle();
    tree.sweep(Sweep::Full);
    tree.scanner.rule = OwnerRule::Own(owner + 1);
    let changes = tree.sweep(Sweep::Light);
    assert_eq!((kinds(&changes), names(&changes.gone)), (vec!["other_owner"], vec!["p/S.jsonl"]));

    let root = Root { path: tree.base.clone(), origin: RootOrigin::Explicit };
    let mut named = Scanner::new(vec![root], OwnerRule::Own(owner + 1));
    assert_eq!(names(&named.sweep(Sweep::Full, 0).changed), ["p/S.jsonl"]);
}

#[test]
fn a_root_that_goes_and_comes_is_told_each_time() {
    let mut tree = Tree::new(&["p/S.jsonl"]);
    let root = Root { path: tree.base.clone(), origin: RootOrigin::Home };
    fs::remove_dir_all(&tree.base).unwrap();
    let changes = tree.sweep(Sweep::Light);
    assert_eq!((kinds(&changes), names(&changes.gone)), (vec!["vanished"], vec!["p/S.jsonl"]));
    assert!(tree.sweep(Sweep::Light).is_empty());
    assert!(tree.look(&["p/S.jsonl", ""]).is_empty());
    tree.write("p/S.jsonl", "{}\n", 0);
    let changes = tree.sweep(Sweep::Light);
    assert_eq!((changes.root_replaced, changes.recovered), (vec![root.clone()], vec![tree.base.clone()]));
    assert_eq!(names(&changes.changed), ["p/S.jsonl"]);
    // Gone and back within two looks: only its birth tells it from the former one.
    fs::remove_dir_all(&tree.base).unwrap();
    tree.write("p/T.jsonl", "{}\n", 0);
    let changes = tree.sweep(Sweep::Light);
    assert_eq!((changes.root_replaced, tree.known()), (vec![root.clone()], vec!["p/T.jsonl".to_owned()]));
    // A hint at the root itself says that something befell it.
    assert_eq!(tree.look(&[""]).root_replaced, [root]);
    assert!(tree.sweep(Sweep::Full).is_empty());
}

#[test]
fn a_root_that_is_missing_from_the_start_is_found_when_it_appears() {
    let mut tree = Tree::unswept(&[], OwnerRule::Any);
    let root = Root { path: tree.path("later"), origin: RootOrigin::Home };
    tree.scanner = Scanner::new(vec![root.clone()], OwnerRule::Any);
    assert_eq!(kinds(&tree.sweep(Sweep::Full)), ["vanished"]);
    tree.write("later/p/S.jsonl", "{}\n", 0);
    let changes = tree.sweep(Sweep::Light);
    assert_eq!((changes.root_replaced, names(&changes.changed)), (vec![root], vec!["p/S.jsonl"]));
}
