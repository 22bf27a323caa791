//! The transcripts that benches are made of: what the program finds in them is what was written.

#[path = "../bench/corpus/mod.rs"]
mod generated;

use super::support::program::Program;

#[test]
fn a_generated_tree_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = generated::size("3M").unwrap();
    let (root, truth) = generated::tree(folder.path(), generated::Wanted { bytes, seed: 21 }).unwrap();
    for shape in
        ["copied_sessions", "compactions", "interrupts", "agents", "nested_agents", "api_retries", "api_errors"]
    {
        assert!(truth["totals"][shape].as_u64() > Some(0), "no {shape}");
    }
    let run = Program::new().run(&["backfill", "--dry-run", "--json", "--root", root.to_str().unwrap()]);
    let summary = run.json();
    assert_eq!(generated::differences(&truth, &summary), Vec::<String>::new());
    assert_eq!(summary["problems"], serde_json::json!({}));
}

#[test]
fn the_same_seed_writes_the_same() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let trees = folders.each_ref().map(|folder| {
        let (root, truth) = generated::tree(folder.path(), generated::Wanted { bytes: 300_000, seed: 3 }).unwrap();
        let mut files: Vec<_> = generated::transcripts(&root).unwrap();
        files.sort();
        let texts: Vec<_> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
        (truth, texts)
    });
    assert_eq!(trees[0], trees[1]);
}
