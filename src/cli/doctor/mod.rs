//! `claude-otel doctor`: looks at everything around, and says what to do about what it finds.
//!
//! `look` reads files, the system and the network and judges nothing; `judge` says what that means and reads nothing;
//! `finding` has the table of everything that can be found.
//!
//! **Invariant:** no lock is taken, and nothing is written anywhere. **Invariant:** neither secrets nor what people wrote
//! is printed.
//!
//! To add a check: what it sees in `look`, what that means in `judge`, and a row for each finding in `finding` and in
//! `docs/doctor.md`.

mod examine;
mod finding;
mod json;
mod judge;
mod look;
mod text;

use std::io::IsTerminal;

use clap::Args;

use super::destination::DestinationArgs;
use super::draw::terminal_columns;
use super::output::line;
use super::pass::block_on;
use super::selection::{ShapeArgs, SourceArgs};
use super::together::gravity;
use super::{ExitCode, Surroundings};
use finding::{Finding, Mark};

/// Look at everything around, and say what to do about what is found.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel doctor
  claude-otel doctor --endpoint http://localhost:4318
  claude-otel doctor --offline --json")]
pub struct DoctorArgs {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    destination: DestinationArgs,
    #[command(flatten)]
    shape: ShapeArgs,
    /// Contact nobody: no name is looked up, and no test span is sent
    #[arg(long)]
    offline: bool,
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command. What is `wrong` with the file and the variables is known already.
pub(super) fn run(args: &DoctorArgs, surroundings: &Surroundings, wrong: &[String]) -> ExitCode {
    block_on(async {
        let findings = examine::all(args, surroundings, wrong).await;
        let code = code(&findings);
        let text = if args.json {
            json::of(&findings, code.number()).to_string()
        } else {
            text::of(&findings, appearance(surroundings))
        };
        Ok(if line(&text) { code } else { ExitCode::Internal })
    })
}

/// What the command ends with: the gravest of what is wrong.
fn code(findings: &[Finding]) -> ExitCode {
    let wrong = findings.iter().filter(|finding| finding.mark() == Mark::Wrong);
    wrong.map(|finding| finding.id.group().code()).max_by_key(|code| gravity(*code)).unwrap_or(ExitCode::Done)
}

/// How the page is shown where it goes.
fn appearance(surroundings: &Surroundings) -> text::Look {
    let is_terminal = std::io::stdout().is_terminal();
    let is_plain = surroundings.variable("NO_COLOR").is_some()
        || surroundings.variable("TERM").is_some_and(|terminal| terminal == "dumb");
    text::Look { columns: if is_terminal { terminal_columns() } else { None }, is_coloured: is_terminal && !is_plain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use finding::Id;

    #[test]
    fn the_gravest_of_what_is_wrong_decides() {
        let of = |ids: &[Id]| code(&ids.iter().map(|id| Finding::new(*id, "")).collect::<Vec<_>>());
        assert_eq!(of(&[]), ExitCode::Done);
        assert_eq!(of(&[Id::Connected, Id::Offline, Id::StateBehind]), ExitCode::Done);
        assert_eq!(of(&[Id::StateUnwritable]), ExitCode::Problems);
        assert_eq!(of(&[Id::StateUnwritable, Id::KeysRefused]), ExitCode::Destination);
        assert_eq!(of(&[Id::KeysRefused, Id::RootWrong]), ExitCode::Configuration);
    }
}
