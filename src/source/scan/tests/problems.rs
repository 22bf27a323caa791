//! What cannot be read, and roots that come and go.

use super::*;

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
