//! The findings for people.

use std::fmt::Write;

use super::finding::{Finding, Id, Mark};
use crate::cli::words::{counted, grouped, wrapped};

/// The columns before the text: two of a group's indent, and the widest mark with what keeps it apart.
const INDENT: usize = 11;
/// Prose that is wider is hard to read.
const WIDEST: usize = 100;
/// How many of one kind are shown.
const SHOWN: u64 = 3;

/// How it is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// The width of a terminal.
    pub columns: Option<usize>,
    pub is_coloured: bool,
}

/// All findings, group by group, and how many there are of each kind.
pub(super) fn of(findings: &[Finding], look: Look) -> String {
    let of = |finding: &Finding| (finding.id.group(), finding.destination.clone());
    let mut lines: Vec<String> = Vec::new();
    for group in findings.chunk_by(|one, next| of(one) == of(next)) {
        let Some((name, destination)) = group.first().map(of) else { continue };
        lines.push(match destination {
            Some(destination) => format!("{} {destination}", name.name()),
            None => name.name().to_owned(),
        });
        lines.extend(group_of(group, look));
    }
    lines.push(String::new());
    lines.push(sum(findings));
    lines.join("\n")
}

/// The lines of one group. Of many findings of one kind, as there are below many roots, a few are enough.
fn group_of(findings: &[Finding], look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    let mut counts: Vec<(Id, u64)> = Vec::new();
    for finding in findings {
        if counts.iter().all(|(id, _)| *id != finding.id) {
            counts.push((finding.id, 0));
        }
        let Some((_, count)) = counts.iter_mut().find(|(id, _)| *id == finding.id) else { continue };
        *count += 1;
        if *count <= SHOWN {
            lines.extend(one(finding, look));
        }
    }
    for (id, count) in counts.into_iter().filter(|(_, count)| *count > SHOWN) {
        let more = grouped(count - SHOWN);
        lines.push(format!("{}and {more} more of {}; --json lists all", painted(id.mark(), look), id.name()));
    }
    lines
}

fn one(finding: &Finding, look: Look) -> Vec<String> {
    let mark = finding.mark();
    let width = look.columns.unwrap_or(WIDEST).clamp(INDENT + 20, WIDEST) - INDENT;
    // What is well needs no name to be looked up by.
    let id = if mark == Mark::Ok { String::new() } else { format!(" [{}]", finding.id.name()) };
    let mut lines = Vec::new();
    for (place, line) in wrapped(&format!("{}{id}", printable(&finding.said)), width).into_iter().enumerate() {
        let front = if place == 0 { painted(mark, look) } else { " ".repeat(INDENT) };
        lines.push(format!("{front}{line}"));
    }
    let todo = finding.todo.as_deref().map(printable).unwrap_or_default();
    for (place, line) in wrapped(&todo, width - 3).into_iter().filter(|line| !line.is_empty()).enumerate() {
        let front = if place == 0 { "-> " } else { "   " };
        lines.push(format!("{:INDENT$}{front}{line}", ""));
    }
    lines
}

/// What receivers and file names hold must not move the cursor.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn painted(mark: Mark, look: Look) -> String {
    let name = mark.name();
    if !look.is_coloured {
        return format!("  {name:<width$}", width = INDENT - 2);
    }
    let colour = match mark {
        Mark::Ok => "32",
        Mark::Note => "36",
        Mark::Warning => "33",
        Mark::Wrong => "1;31",
    };
    format!("  \u{1b}[{colour}m{name}\u{1b}[0m{:width$}", "", width = INDENT - 2 - name.len())
}

/// How many there are of each kind.
fn sum(findings: &[Finding]) -> String {
    let count = |mark: Mark| findings.iter().filter(|finding| finding.mark() == mark).count() as u64;
    let (wrong, warnings, notes) = (count(Mark::Wrong), count(Mark::Warning), count(Mark::Note));
    let mut text = match wrong {
        0 => "nothing is wrong".to_owned(),
        1 => "1 thing is wrong".to_owned(),
        more => format!("{more} things are wrong"),
    };
    for (count, what) in [(warnings, "warning"), (notes, "note")].into_iter().filter(|(count, _)| *count > 0) {
        let _never_fails = write!(text, ", {}", counted(count, what));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Vec<Finding> {
        let of = |finding: Finding, name: &str| Finding { destination: Some(name.to_owned()), ..finding };
        vec![
            Finding::new(Id::ConfigRead, "/home/mira/.config/claude-otel/config.toml is read"),
            Finding::new(Id::ContentLeaves, "content full: prompts, answers, tool inputs and outputs leave, without known secrets")
                .todo("nothing, if that is meant; --content none keeps them here"),
            Finding::new(Id::PromptsLost, "3 of 9 prompts of the last 7 days belong to 2 sessions without a transcript")
                .todo("leave --no-session-persistence and CLAUDE_CODE_SKIP_PROMPT_HISTORY away; where they are wanted, the client's own telemetry (CLAUDE_CODE_ENABLE_TELEMETRY=1) is the only way"),
            of(Finding::new(Id::Connected, "localhost:4318 (127.0.0.1) connected in 1 ms"), "home"),
            of(Finding::new(Id::KeysRefused, "the key is not accepted for the test span: HTTP 401 who\u{1b}[2J?").todo("check the key"), "work"),
        ]
    }

    #[test]
    fn a_page_of_findings_at_each_width() {
        for columns in [80, 200] {
            let look = Look { columns: Some(columns), is_coloured: false };
            let text = of(&findings(), look);
            assert!(text.lines().all(|line| line.chars().count() <= columns.min(WIDEST)), "{text}");
            let snapshots = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/snapshots");
            insta::with_settings!({snapshot_path => snapshots, prepend_module_to_snapshot => false}, {
                insta::assert_snapshot!(format!("doctor_page_at_{columns}"), text);
            });
        }
    }

    #[test]
    fn colour_changes_nothing_but_marks() {
        let look = |is_coloured| Look { columns: Some(80), is_coloured };
        let plain: Vec<Finding> = findings().into_iter().take(4).collect();
        let (plain, painted) = (of(&plain, look(false)), of(&plain, look(true)));
        assert!(painted.contains("\u{1b}[33mwarning\u{1b}[0m  "), "{painted}");
        let mut bare = painted;
        for code in ["\u{1b}[32m", "\u{1b}[36m", "\u{1b}[33m", "\u{1b}[0m"] {
            bare = bare.replace(code, "");
        }
        assert_eq!(bare, plain);
    }

    #[test]
    fn what_is_said_elsewhere_cannot_move_the_cursor() {
        let text = of(&findings(), Look { columns: None, is_coloured: false });
        assert!(text.chars().all(|c| !c.is_control() || c == '\n'), "{text:?}");
    }

    #[test]
    fn of_many_of_one_kind_a_few_are_shown_and_all_are_counted() {
        let many: Vec<Finding> = (0..9)
            .flat_map(|root| {
                let open = Finding::new(Id::FilesOpen, format!("open {root}"));
                [Finding::new(Id::RootRead, format!("root {root}")), open]
            })
            .collect();
        let text = of(&many, Look { columns: None, is_coloured: false });
        assert!(text.contains("root 2") && !text.contains("root 3"), "{text}");
        assert!(text.contains("  note     and 6 more of files-open; --json lists all\n"), "{text}");
        assert!(text.ends_with("nothing is wrong, 9 notes"), "{text}");
    }

    #[test]
    fn the_sum_counts_each_kind() {
        assert_eq!(sum(&findings()), "1 thing is wrong, 1 warning, 1 note");
        assert_eq!(sum(&findings()[..1]), "nothing is wrong");
    }
}
