//! What helps at the command line: examples, suggestions, completions, manual pages.

use clap::{Command, CommandFactory, Parser};
use claude_otel::cli::Cli;

use crate::support::program::Program;

/// Every command with the words that lead to it, its groups too.
fn commands() -> Vec<(String, Command)> {
    fn walk(path: &str, command: &Command, all: &mut Vec<(String, Command)>) {
        all.push((path.to_owned(), command.clone()));
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            walk(&format!("{path} {}", below.get_name()), below, all);
        }
    }
    let mut all = Vec::new();
    let top = Cli::command();
    walk("claude-otel", &top, &mut all);
    all
}

#[test]
fn every_command_has_examples_of_itself_that_are_understood() {
    let commands = commands();
    assert!(commands.len() > 12, "{}", commands.len());
    for (path, command) in commands {
        let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples: Vec<&str> = text.lines().skip_while(|line| *line != "Examples:").skip(1).map(str::trim).collect();
        assert!(!examples.is_empty(), "{path} has no examples");
        for example in examples {
            // What a shell does with the output is none of the program's business.
            let typed = example.split(['|', '>']).next().unwrap();
            let parsed = Cli::try_parse_from(typed.split_whitespace());
            assert!(parsed.is_ok(), "{path}: {example}: {}", parsed.unwrap_err());
            let mut words = typed.split_whitespace();
            assert!(path.split(' ').all(|word| words.any(|typed| typed == word)), "{path}: {example}");
        }
    }
}

#[test]
fn a_mistyped_command_or_flag_is_told_what_was_meant() {
    let program = Program::new();
    let said = |args: &[&str], code: i32| {
        let run = program.run(args);
        assert_eq!(run.code(), code, "{args:?}: {}", run.stderr());
        run.stderr()
    };
    assert!(said(&["bakfill"], 2).contains("similar subcommand exists: 'backfill'"));
    assert!(said(&["watch", "--endpont", "http://h"], 2).contains("similar argument exists: '--endpoint'"));
    assert!(said(&["backfill", "--content", "ful"], 2).contains("similar value exists: 'full'"));
    let config = program.path("config.toml");
    std::fs::write(&config, "endpont = \"http://h\"\n").unwrap();
    let said = said(&["--config", config.to_str().unwrap(), "config", "check"], 3);
    assert!(said.contains(":1: there is no setting endpont (did you mean endpoint?)"), "{said}");
}

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    let program = Program::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = program.run(&["completions", shell]);
        assert_eq!((run.code(), run.stderr().as_str()), (0, ""), "{shell}");
        for (path, _) in commands() {
            let name = path.split(' ').next_back().unwrap();
            assert!(run.stdout().contains(name), "{shell} does not know {name}");
        }
        assert!(run.stdout().contains("max-line-bytes"), "{shell} knows no flags");
    }
    assert_eq!(program.run(&["completions", "tcsh"]).code(), 2);
    // A shell that can be had checks the script made for it.
    let script = program.path("claude-otel.bash");
    std::fs::write(&script, program.run(&["completions", "bash"]).0.stdout).unwrap();
    if let Ok(checked) = std::process::Command::new("bash").arg("-n").arg(&script).output() {
        assert!(checked.status.success(), "{checked:?}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let program = Program::new();
    let page = program.run(&["man"]);
    assert_eq!(page.code(), 0);
    assert!(page.stdout().contains(".TH claude-otel 1"), "{}", page.stdout());
    let dir = program.path("share/man/man1");
    assert_eq!(program.run(&["man", dir.to_str().unwrap()]).code(), 0);
    for (path, command) in commands() {
        let text = std::fs::read_to_string(dir.join(format!("{}.1", path.replace(' ', "-")))).unwrap();
        let about = command.get_about().unwrap().to_string();
        let first = about.split([' ', ',', ':']).next().unwrap();
        assert!(text.contains(first), "{path}: {text}");
        assert!(text.contains("Examples:"), "{path}: {text}");
    }
    let taken = program.path("file");
    std::fs::write(&taken, "").unwrap();
    let run = program.run(&["man", taken.to_str().unwrap()]);
    assert_eq!(run.code(), 1);
    assert!(run.stderr().contains("cannot write the pages into"), "{}", run.stderr());
}
