//! `claude-otel status`: how far everything is, from the copy of the state; it takes no lock and changes nothing.

mod json;
pub(super) mod exported;
pub(super) mod keeping;
pub(super) mod look;
mod text;
pub(super) mod brief;
pub(super) mod unexported;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Args;

use super::destination::DestinationArgs;
use super::draw::terminal_columns;
use super::output::{line, note};
use super::pass::{self, SetupError};
use super::{ExitCode, Surroundings, state_of};
use crate::checkpoint::lock::{Holder, Lock};
use crate::checkpoint::mirror::Mirror;
use crate::checkpoint::place::Place;
use crate::source::Root;
use look::Look;

/// What has less time left than this is warned of, in milliseconds.
const WARNED_MS: i64 = 3 * 86_400_000;

/// Show what was delivered, what is behind, and what the client will delete first.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel status
  claude-otel status --json
  claude-otel status --endpoint http://localhost:4318")]
pub struct StatusArgs {
    /// Look below this folder instead of those that were read last; may be repeated
    #[arg(long = "root", value_name = "DIR")]
    roots: Vec<PathBuf>,
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    destination: DestinationArgs,
}

/// One state, as it looks from outside.
#[derive(Debug)]
pub(super) struct View {
    /// The name of its folder.
    name: String,
    dir: PathBuf,
    /// The destination that was asked for, in words.
    wanted: Option<String>,
    /// Milliseconds since 1970.
    now: i64,
    pub(super) holder: Option<Holder>,
    pub(super) mirror: Option<Mirror>,
    /// What was set aside, by name.
    pub(super) set_aside: Vec<PathBuf>,
    /// The transcripts, as far as there is something to compare them with.
    pub(super) look: Option<Look>,
}

/// Runs the command.
pub fn run(args: &StatusArgs, surroundings: &Surroundings) -> ExitCode {
    show(args, surroundings).unwrap_or_else(|error| {
        note(&format!("error: {error}"));
        error.code()
    })
}

fn show(args: &StatusArgs, surroundings: &Surroundings) -> Result<ExitCode, SetupError> {
    let destinations = surroundings.state_dir().join("destinations");
    let dirs = if args.destination.is_given() {
        vec![state_of::folder_by(&args.destination, surroundings)?]
    } else {
        states_in(&destinations)
    };
    // A root that is named and not there is a mistake, whatever is kept.
    let named = match args.roots.as_slice() {
        [] => None,
        roots => Some(pass::roots(roots, surroundings)?),
    };
    let mut views: Vec<View> = dirs.iter().map(|dir| View::of(dir, named.as_deref(), surroundings)).collect();
    // By name alone nobody knows where it went.
    if let ([view], None, true) = (views.as_mut_slice(), &args.destination.name, args.destination.is_given()) {
        view.wanted = args.destination.resolve_one(surroundings).ok().map(|target| target.destination.describe());
    }
    let text = if args.json {
        json::of(&views, surroundings.now).to_string()
    } else if views.is_empty() {
        text::nothing(&destinations)
    } else {
        let width = if std::io::stdout().is_terminal() { terminal_columns() } else { None };
        views.iter().map(|view| text::of(view, width)).collect::<Vec<_>>().join("\n\n")
    };
    Ok(if line(&text) { ExitCode::Done } else { ExitCode::Internal })
}

/// The folders of all states, by name.
fn states_in(destinations: &Path) -> Vec<PathBuf> {
    let entries = destinations.read_dir().into_iter().flatten().flatten();
    let mut dirs: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    dirs.sort();
    dirs
}

impl View {
    /// Looks at the state in a folder, and at the roots that are named or that it knows.
    pub(super) fn of(dir: &Path, named: Option<&[Root]>, surroundings: &Surroundings) -> Self {
        let mirror = Mirror::read(dir);
        let look = mirror.as_ref().map(|mirror| match named {
            Some(roots) => Look::at(roots, mirror, surroundings),
            None => Look::at(&look::roots_of(mirror, surroundings), mirror, surroundings),
        });
        let set_aside = Place::new(dir).set_aside().read_dir().into_iter().flatten().flatten();
        let mut set_aside: Vec<PathBuf> = set_aside.map(|entry| entry.path()).collect();
        set_aside.sort();
        Self {
            name: dir.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            dir: dir.to_path_buf(),
            wanted: None,
            now: surroundings.now,
            holder: Lock::holder(dir),
            mirror,
            set_aside,
            look,
        }
    }
}
