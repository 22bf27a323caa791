//! Writes a tree of transcripts of any size, the same for the same seed, and knows what is in it.
//!
//! The text is synthetic; lengths, kinds and order of lines follow what transcripts of real clients look like, with the
//! traps that make wrong ways of counting wrong: usage that is repeated and preliminary, results between the lines of one
//! response, copied history, agents' messages mirrored into their parents' files, calls that are never answered.

mod agents;
mod clock;
mod dice;
mod file;
mod response;
mod session;
mod texts;
mod tools;
mod truth;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub(crate) use truth::differences;

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// The bytes of all transcripts together; the last session goes over it.
    pub(crate) bytes: u64,
    pub(crate) seed: u64,
}

/// The tree below a folder, from an earlier run if it is there: its root, and the truth about it.
pub(crate) fn tree(folder: &Path, wanted: Wanted) -> io::Result<(PathBuf, Value)> {
    let place = folder.join(format!("corpus-{}-{}", wanted.bytes, wanted.seed));
    let (root, truth) = (place.join("projects"), place.join("truth.json"));
    // The truth is written last, so that a tree that has one is whole.
    if let Ok(text) = fs::read_to_string(&truth)
        && let Ok(known) = serde_json::from_str(&text)
    {
        return Ok((root, known));
    }
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    let known = session::write_all(&root, wanted)?.to_json();
    fs::write(&truth, serde_json::to_string_pretty(&known)?)?;
    Ok((root, known))
}

/// All transcripts below a root, in no order.
pub(crate) fn transcripts(root: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// Reads a size such as `500k`, `100M` or `1G`, of 1000 bytes each.
pub(crate) fn size(text: &str) -> Option<u64> {
    let factor = match text.chars().last()?.to_ascii_lowercase() {
        'k' => 1_000,
        'm' => 1_000_000,
        'g' => 1_000_000_000,
        _ => return text.parse().ok(),
    };
    let number: f64 = text[..text.len() - 1].parse().ok()?;
    Some((number * f64::from(factor)) as u64)
}
