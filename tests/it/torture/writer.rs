//! Writes stories into a root as a client would have: line by line, in pieces, at their times.

use std::collections::{HashMap, HashSet};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::dice::Dice;
use super::stamps::{Pace, Times};
use super::story::Story;

/// How stories are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) pace: Pace,
    /// The last story begins so many milliseconds after the first.
    pub(crate) spread: u64,
    /// How many of a hundred lines arrive in pieces.
    pub(crate) cut: u64,
    /// Of each file's first line, the second half comes so many milliseconds after the first.
    pub(crate) halved: u64,
    /// How many of a hundred stories are there at once and whole when it begins.
    pub(crate) whole: u64,
    /// How many of a hundred transcripts without agents move to another folder half-way, as worktrees make them.
    pub(crate) moved: u64,
}

/// What is done to a file.
#[derive(Debug, Clone)]
enum Act {
    Append(Vec<u8>),
    Move(PathBuf),
}

/// Everything that is going to be written, in order.
#[derive(Debug)]
pub(crate) struct Script {
    /// When (milliseconds from the start), the file's number, what.
    acts: Vec<(u64, usize, Act)>,
    /// Where every file is at first.
    paths: Vec<PathBuf>,
    /// Which story a file is of.
    stories: Vec<usize>,
    names: Vec<String>,
    /// The times in it count from here, in milliseconds since 1970.
    base: i64,
}

impl Script {
    pub(crate) fn new(stories: &[Story], manner: Manner, mut dice: Dice) -> Self {
        let base = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() as i64 + 300;
        let mut script = Self { acts: Vec::new(), paths: Vec::new(), stories: Vec::new(), names: Vec::new(), base };
        for (number, story) in stories.iter().enumerate() {
            script.names.push(story.name.clone());
            script.add(number, story, manner, dice.fork());
        }
        // Acts of one file keep their order: the sort is stable, and their times never go back.
        script.acts.sort_by_key(|(at, _, _)| *at);
        script
    }

    /// How long writing takes.
    pub(crate) fn duration(&self) -> Duration {
        Duration::from_millis(self.acts.last().map_or(0, |(at, _, _)| *at))
    }

    /// The story of a session, by its id.
    pub(crate) fn story_of(&self, session: &str) -> Option<&str> {
        let named =
            |path: &&PathBuf| path.components().any(|part| part.as_os_str().to_string_lossy().starts_with(session));
        let place = self.paths.iter().position(|path| named(&path))?;
        Some(&self.names[self.stories[place]])
    }

    fn add(&mut self, number: usize, story: &Story, manner: Manner, mut dice: Dice) {
        let lines = story.transcripts.values().flatten();
        let times = Times::new(lines.map(|line| line.time), manner.pace);
        let is_whole = dice.percent(manner.whole);
        let start = if is_whole { 0 } else { dice.below(manner.spread) };
        // What is there at the beginning was written before it.
        let base = if is_whole { self.base - times.end() - 300 } else { self.base + start as i64 };
        let mut begins: HashMap<PathBuf, u64> = HashMap::new();
        let mut lines = Vec::new();
        for (path, of_path) in &story.transcripts {
            let file = self.file(number, path.clone());
            let moves = story.transcripts.len() == 1
                && (story.name.contains("worktree") || dice.percent(manner.moved))
                && of_path.len() > 3;
            if moves && let Some(place) = self.paths.get_mut(file) {
                *place = Path::new(&format!("-before{number:03}")).join(path.file_name().unwrap());
            }
            for (place, line) in of_path.iter().enumerate() {
                let due = if is_whole { 0 } else { start + times.place(line.time) as u64 };
                begins.entry(path.clone()).or_insert(due);
                let moves_now = moves && place == of_path.len() / 2;
                lines.push((due, file, times.rewrite(&line.bytes, base), moves_now.then(|| path.clone())));
            }
        }
        // All files of a story keep the order of their times: an agent has ended before its result is written.
        lines.sort_by_key(|(due, ..)| *due);
        let (mut at, mut begun) = (0, HashSet::new());
        for (due, file, mut bytes, moves_to) in lines {
            at = at.max(due);
            self.acts.extend(moves_to.map(|path| (at, file, Act::Move(path))));
            if begun.insert(file) && !is_whole && manner.halved > 0 {
                let rest = bytes.split_off(bytes.len() / 2);
                self.acts.push((at, file, Act::Append(bytes)));
                at += manner.halved;
                bytes = rest;
            }
            while !is_whole && bytes.len() > 2 && dice.percent(manner.cut) {
                let rest = bytes.split_off(1 + dice.below(bytes.len() as u64 - 1) as usize);
                self.acts.push((at, file, Act::Append(bytes)));
                at += dice.below(40);
                bytes = rest;
            }
            self.acts.push((at, file, Act::Append(bytes)));
        }
        for (path, bytes) in &story.others {
            let file = self.file(number, path.clone());
            // Agents are described when they begin, or a moment later.
            let transcript = path.to_str().unwrap().strip_suffix(".meta.json").map(|stem| format!("{stem}.jsonl"));
            let begun = transcript.and_then(|transcript| begins.get(Path::new(&transcript)));
            let due = begun.map_or(start, |begun| begun + if is_whole { 0 } else { dice.below(300) });
            self.acts.push((due, file, Act::Append(bytes.clone())));
        }
    }

    fn file(&mut self, story: usize, path: PathBuf) -> usize {
        self.paths.push(path);
        self.stories.push(story);
        self.paths.len() - 1
    }

    /// Writes everything; returns the longest that any story was behind its times.
    pub(crate) fn play(&self, root: &Path) -> Duration {
        let mut paths: Vec<PathBuf> = self.paths.iter().map(|path| root.join(path)).collect();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() as i64;
        let started = Instant::now() + Duration::from_millis((self.base - now).max(0) as u64);
        let mut latest = Duration::ZERO;
        for (at, file, act) in &self.acts {
            let due = started + Duration::from_millis(*at);
            if *at > 0 {
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                latest = latest.max(Instant::now().saturating_duration_since(due));
            }
            let path = &mut paths[*file];
            match act {
                Act::Append(bytes) => {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(bytes).unwrap();
                }
                Act::Move(to) => {
                    let to = root.join(to);
                    fs::create_dir_all(to.parent().unwrap()).unwrap();
                    fs::rename(&path, &to).unwrap();
                    *path = to;
                }
            }
        }
        latest
    }
}
