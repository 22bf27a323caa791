//! What the state of a destination means.

use crate::cli::doctor::finding::{Finding, Id};
use crate::cli::doctor::look::state::{CopySeen, StateSeen};
use crate::cli::words::{age, counted, size};

/// A watcher that is behind by so much is held up.
const BEHIND_MS: i64 = 10 * 60_000;
/// A database wants some room to tidy up.
const ROOM_BYTES: u64 = 256 << 20;

/// What was seen of a state.
pub(in crate::cli::doctor) fn judge(state: &StateSeen, now: i64) -> Vec<Finding> {
    let dir = state.dir.display();
    let mut all = remembered(state, now);
    if !state.is_writable {
        let text = format!("the state in {dir} cannot be written");
        all.push(Finding::new(Id::StateUnwritable, text).todo(
            "correct the owner and the permissions, or name another place with XDG_STATE_HOME; in a container, mount \
             a volume that its user may write to",
        ));
    }
    if state.is_open {
        let text = format!("others on this machine can look into {dir}, which names sessions and folders");
        all.push(Finding::new(Id::StateOpen, text).todo(format!("chmod go-rwx {dir}")));
    }
    if let Some(kind) = state.network {
        let text = format!("the state in {dir} lies on {kind}, where locks and durable writes are not to be trusted");
        all.push(Finding::new(Id::StateNetwork, text).todo("name a folder on a local disk with XDG_STATE_HOME"));
    }
    if let Some(kind) = state.fleeting {
        let text = format!("the state in {dir} lies on {kind}, and goes with the container or the next start");
        all.push(Finding::new(Id::StateFleeting, text).todo(
            "mount a volume there, or name one with XDG_STATE_HOME; without it everything is sent again, under the \
             same ids",
        ));
    }
    if let Some(free) = state.free_bytes.filter(|free| *free < ROOM_BYTES) {
        let text = format!("the disk with the state in {dir} has {} left", size(free));
        all.push(
            Finding::new(Id::StateDiskLow, text)
                .todo("make room; reading waits while the disk is full")
                .fact("free_bytes", free),
        );
    }
    if state.urgent > 0 {
        let command = if state.is_urgent_open { "`claude-otel backfill --finish`" } else { "`claude-otel backfill`" };
        let text = format!("the client deletes {} within 3 days, undelivered", counted(state.urgent, "transcript"));
        let todo = format!("{command} exports now; cleanupPeriodDays in the client's settings keeps them for longer");
        all.push(Finding::new(Id::RetentionUrgent, text).todo(todo).fact("transcripts", state.urgent));
    }
    all
}

/// What is remembered, by whom, and how old it is.
fn remembered(state: &StateSeen, now: i64) -> Vec<Finding> {
    let dir = state.dir.display().to_string();
    let mut all = Vec::new();
    let holder = state
        .holder
        .as_ref()
        .map(|holder| format!("held by `{}` (pid {}) for {}", holder.command, holder.pid, age(now - holder.since)));
    match &state.copy {
        CopySeen::None if holder.is_none() => {
            let text = "nothing was delivered to this destination yet".to_owned();
            let todo = "`claude-otel watch` follows sessions from now on; `claude-otel backfill` exports what is there";
            all.push(Finding::new(Id::StateNone, text).todo(todo));
        }
        CopySeen::None => {
            let text = format!("{}; nothing was acknowledged yet", holder.as_deref().unwrap_or_default());
            let pid = state.holder.as_ref().map(|holder| holder.pid);
            all.push(Finding::new(Id::StateRead, text).fact("dir", dir).fact("pid", pid));
            return all;
        }
        CopySeen::Unreadable => {
            let text = format!("the copy of the state in {dir} cannot be read");
            all.push(
                Finding::new(Id::StateUnreadable, text)
                    .todo("the next run writes it anew; `claude-otel state check` looks at the state itself"),
            );
        }
        CopySeen::Read { acknowledged, rebuilds, degraded } => {
            let last = acknowledged.map_or_else(
                || "nothing was acknowledged yet".to_owned(),
                |time| format!("last acknowledged {} ago", age(now - time)),
            );
            let holder = holder.as_ref().map(|holder| format!("{holder}; ")).unwrap_or_default();
            // A database that somebody holds is read by whoever does; of one at rest only the copy was looked at.
            let by = if holder.is_empty() { " by its copy; `claude-otel state check` reads the database" } else { "" };
            let found = Finding::new(Id::StateRead, format!("{holder}{last}{by}")).fact("dir", dir.clone());
            all.push(found.fact("last_acknowledged", *acknowledged).fact("pid", state.holder.as_ref().map(|h| h.pid)));
            if let Some(why) = degraded {
                let text = format!("nothing can be kept: {why}");
                let todo = "the log of the watcher says since when; `claude-otel state check` looks at the state";
                all.push(Finding::new(Id::StateFailing, text).todo(todo));
            }
            if *rebuilds > 0 || state.set_aside > 0 {
                let text = format!(
                    "the state was damaged and begun anew; {} in {dir}/set-aside",
                    match state.set_aside {
                        0 => "none is kept".to_owned(),
                        1 => "the old one lies".to_owned(),
                        more => format!("{more} old ones lie"),
                    }
                );
                let todo = "nothing; what it could not be shown to have delivered was sent again under the same ids";
                all.push(Finding::new(Id::StateBegunAnew, text).todo(todo).fact("rebuilds", *rebuilds));
            }
        }
    }
    all.extend(behind(state, now));
    all
}

/// Whether anybody sends what is written.
fn behind(state: &StateSeen, now: i64) -> Option<Finding> {
    let lag = state.lag;
    let oldest = lag.oldest.map(|oldest| now - oldest)?;
    let text =
        format!("{} of {} behind, up to {} old", size(lag.bytes), counted(lag.transcripts, "transcript"), age(oldest));
    let with = |finding: Finding| {
        finding.fact("bytes", lag.bytes).fact("transcripts", lag.transcripts).fact("oldest_ms", oldest)
    };
    if state.holder.is_none() {
        let todo = "`claude-otel watch` follows; `claude-otel backfill` sends what is there, once";
        return Some(with(Finding::new(Id::StateUnwatched, format!("nobody follows; {text}"))).todo(todo));
    }
    let todo = "the log of the watcher says what the destination answers; below is what it answers now";
    (oldest > BEHIND_MS).then(|| with(Finding::new(Id::StateBehind, text)).todo(todo))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::lock::Holder;
    use crate::cli::doctor::look::state::Lag;

    const NOW: i64 = 1_795_305_600_000;

    fn well() -> StateSeen {
        StateSeen {
            dir: "/s".into(),
            exists: true,
            is_writable: true,
            free_bytes: Some(1 << 40),
            copy: CopySeen::Read { acknowledged: Some(NOW - 60_000), rebuilds: 0, degraded: None },
            ..StateSeen::default()
        }
    }

    fn holder() -> Holder {
        Holder { pid: 7, since: NOW - 3_600_000, command: "watch".to_owned(), version: "0.1.0".to_owned() }
    }

    fn ids(state: &StateSeen) -> Vec<Id> {
        judge(state, NOW).iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn a_state_that_is_well_says_who_has_it_and_how_old_it_is() {
        let found = judge(&StateSeen { holder: Some(holder()), ..well() }, NOW);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].said, "held by `watch` (pid 7) for 1 h; last acknowledged 1 min ago");
    }

    #[test]
    fn each_fault_of_a_state_is_found() {
        let alone = |state: StateSeen| ids(&state)[1..].to_vec();
        assert_eq!(ids(&StateSeen { copy: CopySeen::None, ..well() }), [Id::StateNone]);
        assert_eq!(ids(&StateSeen { copy: CopySeen::None, holder: Some(holder()), ..well() }), [Id::StateRead]);
        assert_eq!(ids(&StateSeen { copy: CopySeen::Unreadable, ..well() }), [Id::StateUnreadable]);
        assert_eq!(alone(StateSeen { is_writable: false, ..well() }), [Id::StateUnwritable]);
        assert_eq!(alone(StateSeen { is_open: true, ..well() }), [Id::StateOpen]);
        assert_eq!(alone(StateSeen { network: Some("NFS"), ..well() }), [Id::StateNetwork]);
        assert_eq!(alone(StateSeen { fleeting: Some("overlay"), ..well() }), [Id::StateFleeting]);
        assert_eq!(alone(StateSeen { free_bytes: Some(ROOM_BYTES - 1), ..well() }), [Id::StateDiskLow]);
        assert_eq!(alone(StateSeen { urgent: 2, ..well() }), [Id::RetentionUrgent]);
        assert_eq!(alone(StateSeen { set_aside: 1, ..well() }), [Id::StateBegunAnew]);
        let degraded = CopySeen::Read { acknowledged: None, rebuilds: 1, degraded: Some("full".to_owned()) };
        assert_eq!(alone(StateSeen { copy: degraded, ..well() }), [Id::StateFailing, Id::StateBegunAnew]);
    }

    #[test]
    fn what_is_behind_is_nobodys_or_held_up() {
        let lag = |age: i64| Lag { transcripts: 2, bytes: 2_000, oldest: Some(NOW - age) };
        let of = |holder, age| ids(&StateSeen { holder, lag: lag(age), ..well() })[1..].to_vec();
        assert_eq!(of(None, 1_000), [Id::StateUnwatched]);
        assert_eq!(of(Some(holder()), BEHIND_MS), []);
        assert_eq!(of(Some(holder()), BEHIND_MS + 1), [Id::StateBehind]);
    }

    #[test]
    fn what_waits_only_for_the_end_of_a_turn_is_finished_by_hand() {
        let todo = |is_urgent_open| {
            let found = judge(&StateSeen { urgent: 1, is_urgent_open, ..well() }, NOW);
            found.last().and_then(|finding| finding.todo.clone()).unwrap()
        };
        assert!(todo(true).starts_with("`claude-otel backfill --finish`"));
        assert!(todo(false).starts_with("`claude-otel backfill` exports"));
    }
}
