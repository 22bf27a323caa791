//! What the roots mean.

use crate::cli::doctor::finding::{Finding, Id};
use crate::cli::doctor::look::transcripts::RootSeen;
use crate::cli::status::keeping::Keeping;
use crate::cli::words::{age, counted, utc};
use crate::source::SourceError;

/// Clocks may differ by so much before it matters.
const CLOCK_MS: i64 = 2 * 60_000;

/// What kinds of things that were left out mean, and what to do.
const LEFT_OUT: [(Id, &[&str], &str, &str); 4] = [
    (
        Id::FilesUnreadable,
        &["directory_unreadable", "file_unreadable"],
        "cannot be read, and is left out",
        "run as the user who owns it, or give that user the right to read it",
    ),
    (
        Id::FilesOfOthers,
        &["other_owner"],
        "belongs to another user, who could put anything into it, and is left out",
        "name the folder with --root if it is wanted",
    ),
    (
        Id::LinksOutside,
        &["symlink_outside"],
        "is a link out of the roots, and is not followed",
        "name where it leads with --root if it is wanted",
    ),
    (
        Id::FilesOdd,
        &["not_regular", "symlink_broken"],
        "is no file, or a link that leads nowhere, and is left out",
        "remove it, if nothing needs it",
    ),
];

/// Why there are no roots.
pub(in crate::cli::doctor) fn without_roots(error: &SourceError) -> Finding {
    match error {
        SourceError::NoRoots { searched } => {
            let places: Vec<String> = searched.iter().map(|path| path.display().to_string()).collect();
            Finding::new(Id::RootsNone, format!("there are no transcripts; looked in {}", places.join(", ")))
                .todo(
                    "if the client runs as another user, in a container, or with a CLAUDE_CONFIG_DIR that is not set \
                     here, name its folder with --root; `claude-otel watch` waits for the first",
                )
                .fact("searched", places)
        }
        error => {
            // The error says all in one: what is wrong, what was kept, what to do.
            let text = error.to_string();
            let parts: Vec<&str> = text.split("; ").collect();
            let todo = parts.last().copied().unwrap_or_default();
            Finding::new(Id::RootWrong, parts.first().copied().unwrap_or_default()).todo(todo)
        }
    }
}

/// What a root means. `user` is the id of the user as whom this runs.
pub(in crate::cli::doctor) fn judge(root: &RootSeen, user: u32, now: i64) -> Vec<Finding> {
    let path = root.path.display();
    let mut all = Vec::new();
    if let (Some(newest), true) = (root.newest, root.transcripts > 0) {
        let (sessions, transcripts) = (counted(root.sessions, "session"), counted(root.transcripts, "transcript"));
        let text = format!("{path}: {sessions}, {transcripts}, the newest {} old", age(now - newest));
        let found = Finding::new(Id::RootRead, text).fact("root", path.to_string());
        all.push(found.fact("sessions", root.sessions).fact("transcripts", root.transcripts).fact("newest", newest));
    } else {
        let text = format!("{path} is there, and holds no transcripts");
        let todo = "nothing, if the client has not run yet; else --root names the folder above the projects' folders";
        all.push(Finding::new(Id::RootEmpty, text).todo(todo));
    }
    if root.owner != user && !root.is_named {
        let text = format!("{path} belongs to the user with id {}, and this runs as {user}", root.owner);
        all.push(
            Finding::new(Id::RootOwner, text)
                .todo("run as that user; or name the folder with --root, which takes everybody's files in it"),
        );
    }
    if let Some(quiet) = root.quiet {
        let text = format!("{path} lies on {quiet}, which does not tell of what other machines write");
        all.push(
            Finding::new(Id::RootNetwork, text)
                .todo("say --poll (poll = true in the file): `claude-otel watch` then looks every two seconds"),
        );
    }
    for (id, kinds, what, todo) in LEFT_OUT {
        let found: Vec<_> = root.problems.iter().filter(|(kind, _)| kinds.contains(kind)).collect();
        let count: u64 = found.iter().map(|(_, (count, _))| count).sum();
        let Some((_, (_, first))) = found.first() else { continue };
        let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
        let text = format!("{} {what}{more}", first.display());
        all.push(Finding::new(id, text).todo(todo).fact("count", count).fact("first", first.display().to_string()));
    }
    if root.open > 0 && root.lets_others_in {
        let text = format!("{} in {path} can be read by others on this machine", counted(root.open, "transcript"));
        let todo = format!("chmod go-rwx {path} closes the folder; prompts and outputs are in there");
        all.push(Finding::new(Id::FilesOpen, text).todo(todo).fact("count", root.open));
    }
    all.extend(ahead(root, now));
    all
}

/// Times that are still to come.
fn ahead(root: &RootSeen, now: i64) -> Option<Finding> {
    let latest = root.newest.max(root.latest)?;
    if latest - now <= CLOCK_MS {
        return None;
    }
    let (path, by) = (root.path.display(), age(latest - now));
    let text = format!("transcripts in {path} are of {}, which is {by} ahead of this machine's clock", utc(latest));
    let todo = "set the clocks (of this machine, and of the one that wrote them) by NTP: what is ahead counts as open, \
                and is sent late";
    Some(Finding::new(Id::TimesAhead, text).todo(todo).fact("ahead_ms", latest - now))
}

/// For how long the client keeps what is in the roots.
pub(in crate::cli::doctor) fn keeping(all: &[Keeping]) -> Option<Finding> {
    let shortest = all.iter().min_by_key(|keeping| keeping.days)?;
    let days = counted(shortest.days, "day");
    let text = match &shortest.named_in {
        Some(path) => format!("the client keeps transcripts for {days}, says {}", path.display()),
        None => format!("the client keeps transcripts for {days}, its default"),
    };
    Some(Finding::new(Id::RetentionKept, text).fact("days", shortest.days))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const NOW: i64 = 1_795_305_600_000;

    fn root() -> RootSeen {
        RootSeen {
            path: "/home/mira/.claude/projects".into(),
            owner: 1000,
            transcripts: 3,
            sessions: 2,
            newest: Some(NOW - 60_000),
            latest: Some(NOW - 61_000),
            ..RootSeen::default()
        }
    }

    fn ids(root: &RootSeen) -> Vec<Id> {
        judge(root, 1000, NOW).iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn a_root_that_is_as_it_should_be_is_one_line() {
        let found = judge(&root(), 1000, NOW);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].said, "/home/mira/.claude/projects: 2 sessions, 3 transcripts, the newest 1 min old");
    }

    #[test]
    fn each_fault_of_a_root_is_found() {
        assert_eq!(ids(&RootSeen { transcripts: 0, newest: None, latest: None, ..root() }), [Id::RootEmpty]);
        assert_eq!(ids(&RootSeen { owner: 0, ..root() }), [Id::RootRead, Id::RootOwner]);
        assert_eq!(ids(&RootSeen { owner: 0, is_named: true, ..root() }), [Id::RootRead]);
        assert_eq!(ids(&RootSeen { quiet: Some("NFS"), ..root() }), [Id::RootRead, Id::RootNetwork]);
        assert_eq!(ids(&RootSeen { open: 3, lets_others_in: true, ..root() }), [Id::RootRead, Id::FilesOpen]);
        assert_eq!(ids(&RootSeen { open: 3, ..root() }), [Id::RootRead]);
    }

    #[test]
    fn what_is_left_out_is_told_by_kind_with_one_of_it() {
        let kinds = ["file_unreadable", "directory_unreadable", "other_owner", "symlink_outside", "symlink_broken"];
        let problems = kinds.map(|kind| (kind, (2, PathBuf::from(format!("/r/{kind}"))))).into();
        let found = judge(&RootSeen { problems, ..root() }, 1000, NOW);
        let ids: Vec<Id> = found.iter().skip(1).map(|finding| finding.id).collect();
        assert_eq!(ids, [Id::FilesUnreadable, Id::FilesOfOthers, Id::LinksOutside, Id::FilesOdd]);
        assert!(found[1].said.ends_with("and 3 more"), "{}", found[1].said);
        assert!(found[3].said.starts_with("/r/symlink_outside is a link"), "{}", found[3].said);
    }

    #[test]
    fn times_that_are_to_come_are_found_on_lines_and_on_files() {
        assert_eq!(ids(&RootSeen { latest: Some(NOW + CLOCK_MS), ..root() }), [Id::RootRead]);
        assert_eq!(ids(&RootSeen { latest: Some(NOW + CLOCK_MS + 1), ..root() }), [Id::RootRead, Id::TimesAhead]);
        assert_eq!(ids(&RootSeen { newest: Some(NOW + 86_400_000), ..root() }), [Id::RootRead, Id::TimesAhead]);
    }

    #[test]
    fn a_root_that_is_named_and_wrong_is_told_from_none_at_all() {
        let missing = without_roots(&SourceError::RootMissing { path: "/nope".into() });
        assert_eq!((missing.id, missing.said.as_str()), (Id::RootWrong, "root /nope does not exist"));
        assert_eq!(missing.todo.as_deref(), Some("name an existing directory"));
        let none = without_roots(&SourceError::NoRoots { searched: vec!["/a".into(), "/b".into()] });
        assert_eq!((none.id, none.said.as_str()), (Id::RootsNone, "there are no transcripts; looked in /a, /b"));
    }

    #[test]
    fn the_shortest_time_is_the_one_that_counts() {
        let by = Keeping { days: 5, named_in: Some("/h/settings.json".into()) };
        let found = keeping(&[Keeping { days: 30, named_in: None }, by]).unwrap();
        assert_eq!(found.said, "the client keeps transcripts for 5 days, says /h/settings.json");
        assert_eq!(keeping(&[]), None);
    }
}
