//! What a sweep finds, and what it does not look at.

use super::*;

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
