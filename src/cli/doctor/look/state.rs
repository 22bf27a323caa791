//! What is remembered of a destination, as it looks from outside; no lock is taken.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access, statvfs};

use crate::checkpoint::file_system::{fleeting_kind, remote_kind};
use crate::checkpoint::lock::Holder;
use crate::checkpoint::mirror::Mirror;
use crate::checkpoint::place::Place;
use crate::cli::Surroundings;
use crate::cli::status::View;
use crate::cli::status::look::{Look, Reason};
use crate::source::Root;

/// One state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli::doctor) struct StateSeen {
    pub dir: PathBuf,
    pub exists: bool,
    pub holder: Option<Holder>,
    pub copy: CopySeen,
    /// How many damaged ones were set aside.
    pub set_aside: u64,
    pub lag: Lag,
    /// Transcripts that the client deletes soon and of which something was not delivered.
    pub urgent: u64,
    /// Whether all of these only wait for a turn to end.
    pub is_urgent_open: bool,
    /// Whether others may look into it.
    pub is_open: bool,
    /// Whether it can be written to, or made.
    pub is_writable: bool,
    pub network: Option<&'static str>,
    pub fleeting: Option<&'static str>,
    pub free_bytes: Option<u64>,
}

/// The copy that every run leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli::doctor) enum CopySeen {
    #[default]
    None,
    Unreadable,
    Read {
        /// When the destination last acknowledged something, in milliseconds since 1970.
        acknowledged: Option<i64>,
        rebuilds: u64,
        /// Why nothing can be kept now, if so.
        degraded: Option<String>,
    },
}

/// What was written and not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::cli::doctor) struct Lag {
    pub transcripts: u64,
    pub bytes: u64,
    /// When the oldest of it was written, in milliseconds since 1970.
    pub oldest: Option<i64>,
}

/// Looks at the state in a folder.
pub(in crate::cli::doctor) fn look(dir: &Path, roots: Option<&[Root]>, surroundings: &Surroundings) -> StateSeen {
    let view = View::of(dir, roots, surroundings);
    let exists = dir.exists();
    let there = dir.ancestors().find(|path| path.exists()).unwrap_or(dir);
    let mut seen = StateSeen {
        dir: dir.to_path_buf(),
        exists,
        copy: copy(dir, view.mirror.as_ref()),
        set_aside: view.set_aside.len() as u64,
        is_open: exists && fs::metadata(dir).is_ok_and(|about| about.permissions().mode() & 0o077 != 0),
        is_writable: access(there, Access::WRITE_OK | Access::EXEC_OK).is_ok(),
        network: remote_kind(there),
        fleeting: fleeting_kind(there),
        free_bytes: statvfs(there).ok().map(|about| about.f_bavail.saturating_mul(about.f_frsize)),
        holder: view.holder,
        ..StateSeen::default()
    };
    // Without a copy nothing was delivered, as far as anybody knows.
    let look = view.look.or_else(|| Some(Look::at(roots?, &Mirror::default(), surroundings)));
    let Some(look) = look else { return seen };
    if view.mirror.is_some() {
        let lag = look.lag();
        seen.lag = Lag {
            transcripts: lag.len() as u64,
            bytes: lag.iter().map(|unsent| unsent.behind).sum(),
            oldest: lag.iter().map(|unsent| unsent.written).min(),
        };
    }
    let urgent = look.unsent.iter().filter(|unsent| unsent.is_urgent(surroundings.now));
    // What a filter has left out of a file that was delivered is no danger.
    let urgent: Vec<Reason> =
        urgent.map(|unsent| unsent.reason).filter(|reason| *reason != Reason::LeftOutInPart).collect();
    seen.urgent = urgent.len() as u64;
    seen.is_urgent_open = urgent.iter().all(|reason| *reason == Reason::Open);
    seen
}

fn copy(dir: &Path, mirror: Option<&Mirror>) -> CopySeen {
    let place = Place::new(dir);
    match mirror {
        Some(mirror) => CopySeen::Read {
            acknowledged: mirror.last_acknowledged_unix_ms,
            rebuilds: mirror.health.rebuilds,
            degraded: mirror.health.degraded.clone(),
        },
        None if place.mirror().exists() || place.previous_mirror().exists() => CopySeen::Unreadable,
        None => CopySeen::None,
    }
}
