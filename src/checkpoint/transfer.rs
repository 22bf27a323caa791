//! The whole state as JSON lines, so that it can be moved, looked at, and read by a later version.
//!
//! The first line says what it is, the last one how many lines there were, so that a cut export is known for one.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::about::{About, SCHEMA};
use super::batch::Refusal;
use super::error::StoreError;
use super::everything::{Everything, Reading};
use super::fresh;
use super::lock::Lock;
use super::path_text;
use super::rows::{Commit, DeliveredSpan, FileRow, Measured, SeriesName, SeriesRow, SessionCommit, SessionRow};
use super::set_aside;
use super::store::{Options, Store};
use crate::amount::Amount;

/// The format of an export; a newer one is refused.
pub const FORMAT: u64 = 1;

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    State {
        format: u64,
        schema: u64,
        about: About,
    },
    File {
        #[serde(with = "path_text")]
        path: PathBuf,
        row: FileRow,
    },
    Session {
        id: String,
        row: SessionRow,
        owned: Vec<u64>,
        /// Pairs of span id and fingerprint.
        delivered: Vec<(u64, u64)>,
        /// What it adds to series: name, kin, first time, amount.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        measured: Vec<(SeriesName, u64, i64, Amount)>,
    },
    Series {
        row: SeriesRow,
    },
    End {
        files: usize,
        sessions: usize,
    },
}

/// How much was moved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transferred {
    /// Files.
    pub files: usize,
    /// Sessions.
    pub sessions: usize,
    /// Where the state lies that was there before.
    pub set_aside: Option<PathBuf>,
}

impl Store {
    /// Writes everything that is remembered.
    pub fn export(&self, mut out: impl Write) -> Result<Transferred, StoreError> {
        let mut reading = Reading::default();
        let all = self.usable(|| Ok(Everything::read(&self.database, &mut reading)))?;
        if reading != (Reading { sound: reading.sound, ..Reading::default() }) {
            let dir = self.place().dir().to_path_buf();
            return Err(StoreError::Damaged { dir, cause: "not every row can be read".to_owned() });
        }
        let moved = Transferred { files: all.rows.files.len(), sessions: all.rows.sessions.len(), set_aside: None };
        write(&mut out, all).and_then(|()| out.flush()).map_err(|source| StoreError::Transfer { source })?;
        Ok(moved)
    }
}

fn write(mut out: impl Write, all: Everything) -> std::io::Result<()> {
    let (Commit { files, sessions, .. }, series) = (all.rows, all.series);
    let mut line = |line: &Line| {
        serde_json::to_writer(&mut out, line)?;
        out.write_all(b"\n")
    };
    line(&Line::State { format: FORMAT, schema: SCHEMA, about: all.about })?;
    let end = Line::End { files: files.len(), sessions: sessions.len() };
    for row in files {
        line(&Line::File { path: row.path.clone(), row })?;
    }
    for SessionCommit { row, owned, delivered, measured } in sessions {
        let delivered = delivered.iter().map(|span| (span.span_id, span.print)).collect();
        let measured = measured.into_iter().map(|part| (part.series, part.kin, part.first, part.amount)).collect();
        line(&Line::Session { id: row.id.clone(), row, owned, delivered, measured })?;
    }
    for row in series {
        line(&Line::Series { row })?;
    }
    line(&end)
}

/// Puts an export in the place of the state that is locked; nothing changes unless all of it can be read.
///
/// What is there stays unless `overwrite` is set; then it is set aside.
pub fn import(lock: &Lock, options: &Options, input: impl BufRead, overwrite: bool) -> Result<Transferred, StoreError> {
    let place = lock.place();
    let all = read(input, lock, options)?;
    fresh::finish(place).map_err(|source| StoreError::Unavailable { dir: place.dir().to_path_buf(), source })?;
    if !overwrite && place.database().exists() {
        let there = Store::open(lock, options)?.0.load()?;
        let (files, sessions) = (there.files.len(), there.sessions.len());
        if files + sessions > 0 {
            return Err(StoreError::NotEmpty { dir: place.dir().to_path_buf(), files, sessions });
        }
    }
    let mut moved = Transferred { files: all.rows.files.len(), sessions: all.rows.sessions.len(), set_aside: None };
    let made = fresh::make(place, |batch| all.put(batch)).and_then(|()| {
        moved.set_aside = set_aside::everything(place, "replaced", options.now_unix_ms).map_err(Refusal::of_io)?;
        fresh::take_place(place)
    });
    made.map_err(|refusal| refusal.in_state(place.dir()))?;
    Ok(moved)
}

fn read(input: impl BufRead, lock: &Lock, options: &Options) -> Result<Everything, StoreError> {
    let dir = || lock.place().dir().to_path_buf();
    let mut all = Everything::default();
    let (mut number, mut is_begun, mut is_ended) = (0, false, false);
    for line in input.lines() {
        let line = line.map_err(|source| StoreError::Transfer { source })?;
        number += 1;
        let wrong = |cause: String| StoreError::NotAnExport { line: number, cause };
        // The format comes first, for lines of a newer one may not be readable at all.
        if let Some(found) = format_of(&line).filter(|found| !is_begun && *found > FORMAT) {
            return Err(StoreError::Newer { dir: dir(), found, known: FORMAT });
        }
        match serde_json::from_str(&line).map_err(|error| wrong(error.to_string()))? {
            Line::State { schema, .. } if schema > SCHEMA => {
                return Err(StoreError::Newer { dir: dir(), found: schema, known: SCHEMA });
            }
            Line::State { about, .. } if about.id_scheme != options.id_scheme => {
                return Err(StoreError::IdScheme { dir: dir(), found: about.id_scheme, ours: options.id_scheme });
            }
            Line::State { about, .. } if !is_begun => (all.about, is_begun) = (about, true),
            _ if !is_begun || is_ended => return Err(wrong("it is out of place".to_owned())),
            Line::File { path, row } => all.rows.files.push(FileRow { path, ..row }),
            Line::Series { row } => all.series.push(row),
            Line::Session { id, row, owned, delivered, measured } => {
                let delivered = delivered.into_iter().map(|(span_id, print)| DeliveredSpan { span_id, print });
                let row = SessionRow { id, ..row };
                let measured =
                    measured.into_iter().map(|(series, kin, first, amount)| Measured { series, kin, first, amount });
                all.rows.sessions.push(SessionCommit {
                    row,
                    owned,
                    delivered: delivered.collect(),
                    measured: measured.collect(),
                });
            }
            Line::End { files, sessions } if (files, sessions) == (all.rows.files.len(), all.rows.sessions.len()) => {
                is_ended = true;
            }
            Line::State { .. } | Line::End { .. } => return Err(wrong("lines before it are missing".to_owned())),
        }
    }
    if !is_ended {
        return Err(StoreError::NotAnExport { line: number + 1, cause: "it is missing".to_owned() });
    }
    Ok(all)
}

fn format_of(line: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Format {
        format: u64,
    }
    serde_json::from_str::<Format>(line).ok().map(|line| line.format)
}
