//! Whether sessions were exported, as the copies of the states tell.

use super::look::Known;
use super::states_in;
use crate::checkpoint::mirror::Mirror;
use crate::cli::Surroundings;
use crate::pipeline::plan::SessionFiles;

/// Whether a session was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) enum Exported {
    /// All of it was delivered, to every destination that has a state.
    Yes,
    /// Some of it was not, or not to every destination.
    InPart,
    /// Nothing of it was.
    No,
}

impl Exported {
    /// Its name for people.
    pub(in crate::cli) const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::InPart => "in part",
            Self::No => "no",
        }
    }

    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::InPart }
    }
}

/// The copies of all states that have one.
pub(in crate::cli) fn mirrors(surroundings: &Surroundings) -> Vec<Mirror> {
    let dirs = states_in(&surroundings.state_dir().join("destinations"));
    dirs.iter().filter_map(|dir| Mirror::read(dir)).collect()
}

/// What the copies know, to be looked up.
pub(in crate::cli) struct Exports<'a>(Vec<Known<'a>>);

impl<'a> Exports<'a> {
    pub(in crate::cli) fn of(mirrors: &'a [Mirror]) -> Self {
        Self(mirrors.iter().map(Known::of).collect())
    }

    /// How far a session was exported; none where there is no state at all.
    pub(in crate::cli) fn look_up(&self, files: &SessionFiles) -> Option<Exported> {
        self.0.iter().map(|known| in_state(known, files)).reduce(Exported::and)
    }
}

fn in_state(known: &Known<'_>, files: &SessionFiles) -> Exported {
    let each = files.mains.iter().chain(&files.agents).map(|file| match known.standing(file) {
        None => Exported::Yes,
        Some((_, None | Some(0))) => Exported::No,
        Some(_) if known.is_untouched(&files.id) => Exported::No,
        Some(_) => Exported::InPart,
    });
    each.reduce(Exported::and).unwrap_or(Exported::No)
}
