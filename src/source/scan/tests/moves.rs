//! Files and folders under other names, and others under theirs.

use super::*;

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
