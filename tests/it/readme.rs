//! Holds the documents to what they point at, since a wrong first command costs a reader.

use std::fs;
use std::path::{Path, PathBuf};

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The one command in the fenced block behind the marker.
fn marked_command(text: &str, marker: &str) -> String {
    let (before, after) = text.split_once(&format!("<!-- {marker} -->\n")).unwrap();
    assert!(!before.contains("```sh\n") || before.matches("```").count() % 2 == 0, "{marker} stands inside of a block");
    let block = after.strip_prefix("```sh\n").unwrap().split("```").next().unwrap();
    let mut lines = block.lines();
    let command = lines.next().unwrap().to_owned();
    assert_eq!(lines.next(), None, "{marker} is more than one command");
    command
}

#[test]
fn two_commands_are_enough_on_a_fresh_machine() {
    let readme = fs::read_to_string(package().join("README.md")).unwrap();
    assert_eq!(readme.matches("<!-- main-job -->").count(), 1);
    assert_eq!(readme.matches("<!-- tests -->").count(), 1);
    assert_eq!(marked_command(&readme, "tests"), "cargo test --locked");
    let main_job = marked_command(&readme, "main-job");
    assert!(main_job.starts_with("cargo run --release -- backfill --root fixtures/sample "), "{main_job}");
}

#[test]
fn the_check_script_takes_the_test_command_from_the_readme() {
    let script = fs::read_to_string(package().join(".ci/run")).unwrap();
    assert!(script.contains("<!-- tests -->"));
    // What it runs beside, the benches in a small way, are commands of other names.
    let own = marked_command(&fs::read_to_string(package().join("README.md")).unwrap(), "tests");
    assert!(script.lines().all(|line| line.trim() != own), "the script has a test command of its own");
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    let mut documents = vec![package().join("README.md"), package().join("CHANGELOG.md")];
    for folder in ["docs", "docs/decisions", "docs/backends", "docs/how-to"] {
        let entries = fs::read_dir(package().join(folder)).unwrap();
        documents.extend(
            entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "md")),
        );
    }
    let broken: Vec<_> = documents.iter().flat_map(|document| broken_links(document)).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

fn broken_links(document: &Path) -> Vec<(PathBuf, String)> {
    let text = fs::read_to_string(document).unwrap();
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let folder = document.parent().unwrap();
    targets
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .filter(|target| !folder.join(target).exists())
        .map(|target| (document.to_path_buf(), target.to_owned()))
        .collect()
}
