//! `claude-otel man`: the manual pages, made of the help texts.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::output::{line, note};
use super::{Cli, ExitCode};

/// Print the manual page, or write the pages of all commands into a folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel man | man -l -
  claude-otel man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Write a page for every command into this folder, which is made if it is missing
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Prints or writes the pages.
pub(super) fn run(args: &ManArgs) -> ExitCode {
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        let text = Man::new(Cli::command()).render(&mut page).map(|()| String::from_utf8_lossy(&page).into_owned());
        let is_told = text.is_ok_and(|text| line(text.trim_end()));
        return if is_told { ExitCode::Done } else { ExitCode::Internal };
    };
    match write(dir) {
        Ok(()) => ExitCode::Done,
        Err(error) => {
            note(&format!(
                "error: cannot write the pages into {}: {error}; what was written before is whole",
                dir.display()
            ));
            ExitCode::Internal
        }
    }
}

fn write(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    clap_mangen::generate_to(Cli::command(), dir)
}
