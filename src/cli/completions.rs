//! `claude-otel completions`: what a shell needs to complete commands and flags.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::output::line;
use super::{Cli, ExitCode};

/// Print what a shell needs to complete commands and flags.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel completions bash > ~/.local/share/bash-completion/completions/claude-otel
  claude-otel completions zsh > ~/.zfunc/_claude-otel
  claude-otel completions fish > ~/.config/fish/completions/claude-otel.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script.
pub(super) fn run(args: &CompletionsArgs) -> ExitCode {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    // Into memory first: the generator does not expect that a reader goes away.
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    if line(String::from_utf8_lossy(&script).trim_end()) { ExitCode::Done } else { ExitCode::Internal }
}
