//! `live --plain` and `live --json`: a line for each thing that happens.

use std::collections::HashMap;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::LiveArgs;
use super::following::{Arrival, follow, now};
use super::line::{LineStyle, line};
use super::signals::asked_to_end;
use crate::cli::output::note;
use crate::cli::pass::SetupError;
use crate::cli::selection::millis;
use crate::cli::words::counted;
use crate::cli::{ExitCode, Surroundings};
use crate::config::env;
use crate::pipeline::looking::Origin;
use crate::pipeline::workers::RebuildOptions;
use crate::privacy::Sanitized;
use crate::source::Root;
use crate::view::live::event::Event;
use crate::view::live::glimpse::Glimpse;
use crate::view::live::tell::{First, Teller};

/// How long is waited at once, so that a request to end is seen.
const WAIT: Duration = Duration::from_millis(200);

/// Prints lines until it is asked to end, or nobody reads them any more.
pub(super) fn run(
    args: &LiveArgs,
    options: RebuildOptions,
    roots: Vec<Root>,
    banner: &[String],
    surroundings: &Surroundings,
) -> Result<ExitCode, SetupError> {
    let is_asked = asked_to_end(None)?;
    for line in banner {
        note(line);
    }
    let is_terminal = std::io::stdout().is_terminal();
    let columns = rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| usize::from(size.ws_col));
    let style = LineStyle {
        zone: args.zone(),
        has_emoji: !args.no_emoji,
        has_colours: is_terminal && surroundings.variable(env::NO_COLOR).is_none(),
        columns: columns.filter(|columns| is_terminal && *columns > 0),
    };
    let mut stream = Stream {
        teller: Teller::default(),
        lives: HashMap::new(),
        started: options.now,
        kept_ms: millis(args.since),
        is_from_start: args.from_start,
        early: Some(Vec::new()),
        style: (!args.json).then_some(style),
    };
    let arrivals = follow(args, options, roots, None)?;
    while !is_asked.load(Ordering::Relaxed) {
        let written = match arrivals.recv_timeout(WAIT) {
            Ok(Arrival::Session { glimpse, origin, .. }) => stream.take(&glimpse, origin),
            Ok(Arrival::Recent) => {
                let mut events = stream.early.take().unwrap_or_default();
                events.sort_by_key(|event| (event.time_unix_ms, event.event));
                stream.print(&events)
            }
            Ok(Arrival::CaughtUp { sessions, files }) => {
                let (sessions, files) = (counted(sessions as u64, "session"), counted(files as u64, "transcript"));
                note(&format!("following {sessions} in {files}"));
                Ok(())
            }
            Ok(Arrival::Problem(problem)) => {
                note(&problem);
                Ok(())
            }
            Err(RecvTimeoutError::Timeout) => {
                stream.let_go();
                Ok(())
            }
            Err(RecvTimeoutError::Disconnected) => {
                note("error: following has ended by a fault of this program");
                return Ok(ExitCode::Internal);
            }
        };
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
            Err(error) => {
                note(&format!("error: standard output cannot be written: {error}"));
                return Ok(ExitCode::Internal);
            }
        }
    }
    Ok(ExitCode::Done)
}

/// The lines, and what was printed.
#[derive(Debug)]
struct Stream {
    teller: Teller,
    /// The sessions that are remembered in full, with their latest signs of life.
    lives: HashMap<Sanitized, i64>,
    started: i64,
    kept_ms: i64,
    is_from_start: bool,
    /// What happened before, until all of it is there and can be put in order.
    early: Option<Vec<Event>>,
    /// None for JSON.
    style: Option<LineStyle>,
}

impl Stream {
    fn take(&mut self, glimpse: &Glimpse, origin: Origin) -> std::io::Result<()> {
        let first = match origin {
            Origin::AtStart if self.is_from_start => First::Nothing,
            Origin::AtStart => First::Everything,
            Origin::Older => First::Before(self.started),
            Origin::New => First::Nothing,
        };
        self.lives.insert(glimpse.id().clone(), glimpse.sign_of_life());
        let mut events = self.teller.tell(glimpse, first, now());
        match &mut self.early {
            Some(early) => {
                early.append(&mut events);
                Ok(())
            }
            None => self.print(&events),
        }
    }

    fn print(&self, events: &[Event]) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        for event in events {
            match self.style {
                Some(style) => writeln!(out, "{}", line(event, style))?,
                None => writeln!(out, "{}", serde_json::to_string(event).unwrap_or_default())?,
            }
        }
        out.flush()
    }

    /// Forgets the single events of sessions that went quiet.
    fn let_go(&mut self) {
        let quiet_since = now().saturating_sub(self.kept_ms.saturating_add(super::following::GRACE_MS));
        let teller = &mut self.teller;
        self.lives.retain(|id, last| {
            let is_kept = *last > quiet_since;
            if !is_kept {
                teller.let_go(id, *last);
            }
            is_kept
        });
    }
}
