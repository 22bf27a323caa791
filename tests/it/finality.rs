//! What is sent while a session is written stays what a reader of the whole would send.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use claude_otel::pipeline::delivered::Delivered;
use claude_otel::pipeline::family::{EmitOptions, emit_family};
use claude_otel::pipeline::fingerprint;
use claude_otel::pipeline::ledger::OwnedIds;
use claude_otel::pipeline::live::LiveSession;
use claude_otel::pipeline::measuring::Measuring;
use claude_otel::pipeline::peek::Peeker;
use claude_otel::pipeline::plan::Plan;
use claude_otel::pipeline::workers::RebuildOptions;
use claude_otel::session::closing::ClosingOptions;
use claude_otel::session::ownership;
use claude_otel::source::{self, OwnerRule, TranscriptReader};
use claude_otel::telemetry::log::LogRecord;
use claude_otel::telemetry::options::Vocabulary;
use claude_otel::telemetry::span::{Span, Telemetry};

use crate::golden::{folders, options, rebuild};

/// One line of one file, and when it was written.
pub(crate) struct Written {
    pub(crate) time: i64,
    pub(crate) file: PathBuf,
    pub(crate) line: Vec<u8>,
}

/// The lines of a scenario in the order in which they were written, as far as their times tell.
pub(crate) fn script(root: &Path) -> Vec<Written> {
    let mut lines = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let file = path.strip_prefix(root).unwrap().to_path_buf();
            let bytes = fs::read(&path).unwrap();
            if path.extension().is_none_or(|extension| extension != "jsonl") {
                // A description stands beside its agent's first lines.
                lines.push(Written { time: i64::MIN, file, line: bytes });
                continue;
            }
            // Lines without a time that begin a file were written when the first one with a time was: a copy that
            // begins with a summary is no older than what it copies.
            let mut last = bytes.split_inclusive(|byte| *byte == b'\n').find_map(time_of).unwrap_or(i64::MIN + 1);
            for line in bytes.split_inclusive(|byte| *byte == b'\n') {
                last = last.max(time_of(line).unwrap_or(last));
                lines.push(Written { time: last, file: file.clone(), line: line.to_vec() });
            }
        }
    }
    // Copies keep the times of what they copy, and come after it: the file that ends first is the origin.
    let mut ends: BTreeMap<PathBuf, i64> = BTreeMap::new();
    for line in &lines {
        let end = ends.entry(line.file.clone()).or_insert(line.time);
        *end = line.time.max(*end);
    }
    write_copies_at_once(&mut lines, &ends);
    lines.sort_by_cached_key(|line| (line.time, ends[&line.file], line.file.clone()));
    lines
}

/// A copy of history is written in one go when the copy begins, whatever the times in it.
fn write_copies_at_once(lines: &mut [Written], ends: &BTreeMap<PathBuf, i64>) {
    let mut files: Vec<&PathBuf> = ends.keys().collect();
    files.sort_by_key(|file| (ends[*file], (*file).clone()));
    let mut seen = BTreeSet::new();
    for file in files {
        let own: Vec<usize> = (0..lines.len()).filter(|place| lines[*place].file == *file).collect();
        let is_copy = |place: &usize| seen.contains(&(lines[*place].time, kind_of(&lines[*place].line)));
        let first_own = own.iter().find(|place| !is_copy(place)).or(own.last()).map(|place| lines[*place].time);
        let born = first_own.filter(|_| own.first().is_some_and(is_copy));
        seen.extend(own.iter().map(|place| (lines[*place].time, kind_of(&lines[*place].line))));
        for place in own {
            lines[place].time = lines[place].time.max(born.unwrap_or(i64::MIN));
        }
    }
}

fn kind_of(line: &[u8]) -> Option<String> {
    let record: serde_json::Value = serde_json::from_slice(line).ok()?;
    Some(record["type"].as_str()?.to_owned())
}

fn time_of(line: &[u8]) -> Option<i64> {
    let record: serde_json::Value = serde_json::from_slice(line).ok()?;
    let time = chrono::DateTime::parse_from_rfc3339(record["timestamp"].as_str()?).ok()?;
    // Absurd times are no times.
    Some(time.timestamp_millis()).filter(|time| (1_577_836_800_000..4_000_000_000_000).contains(time))
}

/// Something that was sent.
#[derive(Debug)]
enum Item {
    Span(Span),
    Event(LogRecord),
}

impl Item {
    fn all(part: Telemetry) -> impl Iterator<Item = ([u8; 8], Self)> {
        let spans = part.spans.into_iter().map(|span| (span.span_id.to_bytes(), Self::Span(span)));
        spans.chain(part.logs.into_iter().map(|record| (record.id.to_bytes(), Self::Event(record))))
    }

    fn name(&self) -> &str {
        match self {
            Self::Span(span) => &span.name,
            Self::Event(record) => record.event_name,
        }
    }

    fn print(&self) -> u64 {
        match self {
            Self::Span(span) => fingerprint::of_span(span),
            Self::Event(record) => fingerprint::of_record(record),
        }
    }
}

/// A root that is written and followed step by step.
struct Replay {
    root: tempfile::TempDir,
    options: RebuildOptions,
    owned: OwnedIds,
    lives: BTreeMap<String, LiveSession>,
    /// By span or event: what was said, each time.
    said: BTreeMap<[u8; 8], Vec<Item>>,
}

impl Replay {
    fn append(&self, written: &Written, now: i64) {
        let path = self.root.path().join("projects").join(&written.file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = File::options().append(true).create(true).open(path).unwrap();
        file.write_all(&written.line).unwrap();
        let time = UNIX_EPOCH + Duration::from_millis(now.max(0) as u64);
        file.set_times(FileTimes::new().set_modified(time)).unwrap();
    }

    /// Looks at everything, as the watcher does at one session after the other.
    fn look(&mut self, now: Option<i64>) {
        let roots = source::resolve(&self.options.source.roots, |_| None, None).unwrap();
        let found = source::discover(&roots, OwnerRule::Any);
        let mut reader = TranscriptReader::new(&self.options.source);
        let mut peeker = Peeker::new(TranscriptReader::new(&self.options.source), self.options.read.decode);
        let plan = Plan::of(found.files.into_iter().map(Arc::new), |file| peeker.peek(file));
        let read = claude_otel::pipeline::read::ReadOptions {
            resting_since: now.map(|now| (now - self.options.closing.session_idle).saturating_mul(1_000_000)),
            ..self.options.read
        };
        for family in &plan.families {
            let mut lives: Vec<LiveSession> = family
                .sessions
                .iter()
                .map(|files| {
                    self.lives.remove(&files.id).unwrap_or_else(|| LiveSession::new(&files.id, Delivered::of(&[])))
                })
                .collect();
            let mut facts = Vec::new();
            for (files, live) in family.sessions.iter().zip(&mut lives) {
                let caught_up = live.catch_up(files, &mut reader, read);
                assert!(caught_up.problems.is_empty(), "{:?}", caught_up.problems);
                facts.push(live.resolve(ClosingOptions { now, written: live.written(), ..self.options.closing }));
            }
            ownership::owner_order(&mut facts);
            ownership::settle(&mut facts, &self.owned);
            let owned = self.owned.add(&facts);
            let emit = EmitOptions {
                map: &self.options.map,
                filter: &self.options.filter,
                assumed: &HashSet::new(),
                measuring: Measuring::Totals,
                is_counting: false,
                now: now.unwrap_or_default(),
            };
            let said = &mut self.said;
            emit_family(family, &facts, owned, &mut lives, emit, |part| {
                for (id, item) in Item::all(part) {
                    said.entry(id).or_default().push(item);
                }
            });
            // Whoever follows does not map again what is as it was.
            for facts in facts {
                let place = family.sessions.iter().position(|files| files.id == *facts.id).unwrap();
                lives[place].told = Some(facts);
            }
            for (files, live) in family.sessions.iter().zip(lives) {
                self.lives.insert(files.id.clone(), live);
            }
        }
    }
}

/// What every vocabulary says has to stay true as well.
fn all_names(mut options: RebuildOptions) -> RebuildOptions {
    options.map.vocab = Vocabulary::ALL.into_iter().collect();
    options
}

fn replay(folder: &Path, projects: &str) -> Replay {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("projects")).unwrap();
    let options = all_names(options(root.path(), 1));
    let mut replay =
        Replay { root, options, owned: OwnedIds::default(), lives: BTreeMap::new(), said: BTreeMap::new() };
    let script = script(&folder.join(projects));
    for (place, written) in script.iter().enumerate() {
        let now = written.time.max(0);
        replay.append(written, now);
        let next = script.get(place + 1).map_or(i64::MAX, |next| next.time);
        if written.time < 0 {
            continue;
        }
        replay.look(Some(now));
        // A pause is looked at as the watcher does: when something may have settled, and when quiet has ended it.
        for pause in [2_100, 31 * 60 * 1000, 25 * 60 * 60 * 1000] {
            if now + pause < next && next != i64::MAX {
                replay.look(Some(now + pause));
            }
        }
    }
    replay.look(None);
    replay
}

/// What a replay of a scenario shows to be wrong; and what was sent more than once.
fn faults(name: &str, folder: &Path, projects: &str) -> (Vec<String>, Vec<String>) {
    let replay = replay(folder, projects);
    let whole = rebuild(replay.root.path(), all_names(options(replay.root.path(), 1)));
    let whole = Telemetry { spans: whole.spans, logs: whole.logs };
    let expected: BTreeMap<[u8; 8], Item> = Item::all(whole).collect();
    let mut wrong = Vec::new();
    let mut corrected = Vec::new();
    let ids: BTreeSet<_> = expected.keys().chain(replay.said.keys()).collect();
    for id in ids {
        match (expected.get(id), replay.said.get(id)) {
            (Some(item), None) => wrong.push(format!("{name}: {} was never sent", item.name())),
            (None, Some(said)) => wrong.push(format!("{name}: {} should not have been sent", said[0].name())),
            (Some(item), Some(said)) => {
                if said.len() > 1 {
                    corrected.push(format!("{name}: {}", differences(said)));
                }
                let last = said.last().unwrap();
                if last.print() != item.print() {
                    wrong.push(format!("{name}: {} ended as\n{last:#?}\ninstead of\n{item:#?}", item.name()));
                }
            }
            (None, None) => {}
        }
    }
    (wrong, corrected)
}

/// What was said at first and later.
fn differences(said: &[Item]) -> String {
    let text = |item: &Item| format!("{item:#?}");
    let (first, last) = (text(&said[0]), text(&said[said.len() - 1]));
    let changed =
        first.lines().zip(last.lines()).filter(|(a, b)| a != b).map(|(a, b)| format!("{} -> {}", a.trim(), b.trim()));
    let changed: Vec<String> = changed.take(4).collect();
    format!("{} was sent {} times: {}", said[0].name(), said.len(), changed.join("; "))
}

#[test]
fn every_scenario_written_line_by_line_ends_as_if_it_was_read_at_once() {
    let (mut wrong, mut corrected) = (Vec::new(), Vec::new());
    for folder in folders() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let (faults, again) = faults(&name, &folder, "projects");
        wrong.extend(faults);
        corrected.extend(again);
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(corrected.is_empty(), "{} corrected:\n{}", corrected.len(), corrected.join("\n"));
}

/// Runs of real clients, where somebody names the folder that holds them.
#[test]
fn every_recorded_run_written_line_by_line_ends_as_if_it_was_read_at_once() {
    let Some(lab) = std::env::var_os("CLAUDE_OTEL_LAB") else { return };
    let (mut wrong, mut corrected, mut runs) = (Vec::new(), Vec::new(), 0);
    for version in fs::read_dir(lab).unwrap().map(|entry| entry.unwrap().path()) {
        for run in fs::read_dir(&version).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            if run.join("transcripts").is_dir() {
                let name = run.strip_prefix(version.parent().unwrap()).unwrap().display().to_string();
                let (faults, again) = faults(&name, &run, "transcripts");
                wrong.extend(faults);
                corrected.extend(again);
                runs += 1;
            }
        }
    }
    assert!(runs > 0);
    assert!(corrected.is_empty(), "{} corrected:\n{}", corrected.len(), corrected.join("\n"));
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
