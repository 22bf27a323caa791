//! A recorded run, made another one: with ids of its own, so that many can be written into one root.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::stamps;

/// One run that is to be written again.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    /// The folder that it was taken from, and which copy of it this is.
    pub(crate) name: String,
    /// Transcripts, by their places below the root.
    pub(crate) transcripts: BTreeMap<PathBuf, Vec<Line>>,
    /// Everything else.
    pub(crate) others: BTreeMap<PathBuf, Vec<u8>>,
}

/// One line with its newline, if it has one.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) bytes: Vec<u8>,
    /// When it was written, in milliseconds since 1970, as far as the times in the file tell.
    pub(crate) time: i64,
}

impl Story {
    /// Reads everything below `root`, and gives it the ids of copy number `number`.
    pub(crate) fn read(name: &str, root: &Path, number: u16) -> Self {
        let mut files = BTreeMap::new();
        read_below(root, root, &mut files);
        let mut transcripts = BTreeMap::new();
        let mut others = BTreeMap::new();
        for (path, bytes) in files {
            let path = PathBuf::from(String::from_utf8(salted(path.to_str().unwrap().as_bytes(), number)).unwrap());
            let mut parts = path.components();
            let project = parts.next().unwrap().as_os_str().to_str().unwrap().to_owned();
            let path = PathBuf::from(format!("-i{number:03}{project}")).join(parts.as_path());
            let bytes = salted(&bytes, number);
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                let lines = bytes.split_inclusive(|byte| *byte == b'\n');
                transcripts.insert(path, lines.map(|line| Line { bytes: line.to_vec(), time: 0 }).collect());
            } else {
                others.insert(path, bytes);
            }
        }
        let mut story = Self { name: format!("{name}#{number}"), transcripts, others };
        story.date();
        story
    }

    /// Finds out when every line was written: at its time, but never before the line above it; copied history with the
    /// first line that is the copy's own.
    fn date(&mut self) {
        let copies = self.copies();
        for (path, lines) in &mut self.transcripts {
            let own: Vec<Option<i64>> = lines
                .iter()
                .map(|line| {
                    let is_copied = line_uuid(&line.bytes).is_some_and(|uuid| copies.contains(&(path.clone(), uuid)));
                    stamps::of_line(&line.bytes).filter(|_| !is_copied)
                })
                .collect();
            let all: Vec<Option<i64>> = lines.iter().map(|line| stamps::of_line(&line.bytes)).collect();
            let last = all.iter().flatten().max().copied().unwrap_or_default();
            let mut time = i64::MIN;
            for (place, line) in lines.iter_mut().enumerate() {
                // What has no time of its own, as copied lines, is written together with the next line that has one.
                let at = own.get(place..).unwrap().iter().flatten().next().copied().unwrap_or(last);
                time = time.max(at);
                line.time = time;
            }
        }
    }

    /// Lines, by file and uuid, that stand in an earlier file of the story too.
    fn copies(&self) -> std::collections::HashSet<(PathBuf, String)> {
        let mut holders: HashMap<String, Vec<&PathBuf>> = HashMap::new();
        for (path, lines) in &self.transcripts {
            for uuid in lines.iter().filter_map(|line| line_uuid(&line.bytes)) {
                let holders = holders.entry(uuid).or_default();
                if holders.last() != Some(&path) {
                    holders.push(path);
                }
            }
        }
        // The origin is the file that begins first; of two that begin together, the one whose first line of its own is
        // the earlier, for a file without one has been copied whole.
        let begun = |path: &PathBuf| {
            let times = |line: &Line| stamps::of_line(&line.bytes);
            let own = self.transcripts[path].iter().filter(|line| {
                line_uuid(&line.bytes).is_some_and(|uuid| holders.get(&uuid).is_some_and(|all| all.len() == 1))
            });
            let first = self.transcripts[path].iter().find_map(times);
            (first, own.filter_map(times).min().unwrap_or(i64::MIN))
        };
        let shared = holders.iter().filter(|(_, holders)| holders.len() > 1);
        shared
            .flat_map(|(uuid, holders)| {
                let origin = holders.iter().min_by_key(|path| begun(path)).copied();
                let copies = holders.iter().filter(move |path| Some(**path) != origin);
                copies.map(|path| ((*path).clone(), uuid.clone()))
            })
            .collect()
    }
}

fn read_below(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_below(root, &path, files);
        } else {
            files.insert(path.strip_prefix(root).unwrap().to_path_buf(), fs::read(&path).unwrap());
        }
    }
}

fn line_uuid(line: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(line).ok()?;
    Some(value.get("uuid")?.as_str()?.to_owned())
}

/// The same text with other ids: those that begin with a word get the number behind it, and in UUIDs it is mixed into
/// the third group, so that they keep their order.
fn salted(bytes: &[u8], number: u16) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(word) = [&b"msg_"[..], b"toolu_", b"req_"].into_iter().find(|word| rest.starts_with(word)) {
            out.extend_from_slice(word);
            out.extend_from_slice(format!("i{number:03}").as_bytes());
            at += word.len();
        } else if let Some(uuid) = rest.get(..36).filter(|text| is_uuid(text)) {
            let mut uuid = uuid.to_vec();
            let group = u16::from_str_radix(std::str::from_utf8(&uuid[14..18]).unwrap(), 16).unwrap();
            uuid[14..18].copy_from_slice(format!("{:04x}", group ^ number).as_bytes());
            out.extend_from_slice(&uuid);
            at += 36;
        } else {
            out.push(rest[0]);
            at += 1;
        }
    }
    out
}

fn is_uuid(text: &[u8]) -> bool {
    let is_dash = |place: usize| matches!(place, 8 | 13 | 18 | 23);
    text.iter().enumerate().all(
        |(place, byte)| {
            if is_dash(place) { *byte == b'-' } else { matches!(byte, b'0'..=b'9' | b'a'..=b'f') }
        },
    )
}

#[test]
fn a_copy_of_a_story_has_ids_of_its_own_and_the_same_length_of_uuids() {
    let text =
        br#"{"uuid":"ae484bb2-c271-4f9e-a81a-c4e6bf9781b3","id":"msg_lab1","t":"<tool-use-id>toolu_9</tool-use-id>"}"#;
    assert_eq!(
        String::from_utf8(salted(text, 3)).unwrap(),
        r#"{"uuid":"ae484bb2-c271-4f9d-a81a-c4e6bf9781b3","id":"msg_i003lab1","t":"<tool-use-id>toolu_i0039</tool-use-id>"}"#
    );
}
