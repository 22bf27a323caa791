//! What the system's bounds on watching mean.

use crate::cli::doctor::finding::{Finding, Id};
use crate::cli::doctor::look::inotify::InotifySeen;
use crate::cli::words::{counted, grouped};

/// What it means that so many folders are to be watched. `is_watching` says that a watcher is at work, so that they
/// are among those in use already.
pub(in crate::cli::doctor) fn judge(seen: &InotifySeen, folders: u64, is_watching: bool) -> Vec<Finding> {
    let wanted = if is_watching { 0 } else { folders };
    let mut all = Vec::new();
    let facts = |finding: Finding| {
        let finding = finding.fact("folders", folders).fact("max_user_watches", seen.max_watches);
        let finding = finding.fact("watches", seen.watches).fact("max_user_instances", seen.max_instances);
        finding.fact("instances", seen.instances)
    };
    if seen.watches.saturating_add(wanted) > seen.max_watches {
        let text = format!(
            "{} are to be watched, and of {} that a user may watch {} are taken",
            counted(folders, "folder"),
            grouped(seen.max_watches),
            grouped(seen.watches)
        );
        let enough = (seen.watches + folders).saturating_mul(2).max(524_288);
        all.push(facts(Finding::new(Id::InotifyWatchesLow, text)).todo(format!(
            "sysctl fs.inotify.max_user_watches={enough} (and a file in /etc/sysctl.d); until then sweeps find what \
             events miss"
        )));
    }
    if !is_watching && seen.instances >= seen.max_instances {
        let text = format!(
            "all {} watchers that a user may have are taken ({} are in use)",
            grouped(seen.max_instances),
            grouped(seen.instances)
        );
        let enough = seen.max_instances.saturating_mul(2).max(1024);
        all.push(
            facts(Finding::new(Id::InotifyInstancesLow, text)).todo(format!(
                "sysctl fs.inotify.max_user_instances={enough} (and a file in /etc/sysctl.d), or --poll"
            )),
        );
    }
    if all.is_empty() {
        let text = format!(
            "{} to watch; {} of {} watches and {} of {} watchers are taken",
            counted(folders, "folder"),
            grouped(seen.watches),
            grouped(seen.max_watches),
            grouped(seen.instances),
            grouped(seen.max_instances)
        );
        all.push(facts(Finding::new(Id::InotifyEnough, text)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: InotifySeen = InotifySeen { max_watches: 100, max_instances: 8, watches: 60, instances: 3 };

    fn ids(seen: InotifySeen, folders: u64, is_watching: bool) -> Vec<Id> {
        judge(&seen, folders, is_watching).iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn what_is_taken_and_what_is_needed_together_have_to_fit() {
        assert_eq!(ids(SEEN, 40, false), [Id::InotifyEnough]);
        assert_eq!(ids(SEEN, 41, false), [Id::InotifyWatchesLow]);
        // A watcher has them already.
        assert_eq!(ids(SEEN, 41, true), [Id::InotifyEnough]);
        assert_eq!(ids(InotifySeen { instances: 8, ..SEEN }, 1, false), [Id::InotifyInstancesLow]);
        assert_eq!(ids(InotifySeen { instances: 8, ..SEEN }, 1, true), [Id::InotifyEnough]);
    }
}
