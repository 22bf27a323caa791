//! Looks at what hints name.

use super::*;

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
