//! Whose files are read: on a shared machine another user could put files into a directory that is read.

use super::roots::RootOrigin;

/// Whose files are taken for transcripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerRule {
    /// Those of the user with this id alone, except below roots that were named on purpose.
    Own(u32),
    /// Everybody's.
    Any,
}

impl OwnerRule {
    /// Takes the files of the user as whom this process runs.
    pub fn of_this_process() -> Self {
        Self::Own(rustix::process::geteuid().as_raw())
    }

    /// Says whether a file of `owner` below such a root is taken.
    pub(super) fn takes(self, owner: u32, origin: RootOrigin) -> bool {
        match self {
            Self::Own(own) => owner == own || origin == RootOrigin::Explicit,
            Self::Any => true,
        }
    }
}
