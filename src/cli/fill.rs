//! Gives flags that nobody typed the values of their variables and of the configuration file.
//!
//! A variable or a key stands for a flag: it becomes one, behind those that were typed, and is read by the same parser.
//! So there is one place that says what a value may be, and a new flag needs no more than a row in
//! `config::settings`. Settings of destinations are decided elsewhere, by `config::targets`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command, CommandFactory, Parser};

use super::{Cli, Surroundings};
use crate::config::env;
use crate::config::file::{self, ConfigFile};
use crate::config::settings::{ALL, Kind, Part, Setting};

/// Commands that show and send nothing: what is to be sent does not narrow what they show.
const LOOKING: [&str; 3] = ["sessions", "report", "live"];
/// The command that says what is wrong, and therefore runs all the same.
const LOOKING_FOR_FAULTS: &str = "doctor";
/// Settings that say what is to be sent.
const OF_WHAT_IS_SENT: [&str; 5] = ["since", "until", "projects", "sessions", "shard"];

/// What came of the command line, the variables and the file together.
#[derive(Debug)]
pub(super) struct Filled {
    pub cli: Cli,
    pub surroundings: Surroundings,
    /// Values of the run's settings that somebody gave, by name.
    pub given: Given,
    /// What cannot be used of the file and the variables, for the command that looks for just that; every other one is
    /// not run then.
    pub wrong: Vec<String>,
}

/// Values by the names of their settings.
pub(super) type Given = BTreeMap<&'static str, GivenValue>;

/// A value and where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GivenValue {
    pub texts: Vec<String>,
    pub origin: String,
}

/// Why nothing is run.
#[derive(Debug)]
pub(super) enum Failure {
    /// What was typed is not understood, or help was asked for.
    Usage(clap::Error),
    /// The file or a variable cannot be used.
    Configuration(String),
}

/// Reads the command line with everything that stands behind it.
pub(super) fn fill(argv: &[OsString], mut surroundings: Surroundings) -> Result<Filled, Failure> {
    let command = Cli::command();
    // What is missing may stand in the file, and what is wrong is reported when all of it is read.
    let typed = command.clone().ignore_errors(true).try_get_matches_from(argv).map_err(Failure::Usage)?;
    let mut wrong = Vec::new();
    let is_run_anyway = typed.subcommand_name() == Some(LOOKING_FOR_FAULTS);
    let mut forgive = |failure: Failure| match failure {
        Failure::Configuration(text) if is_run_anyway => {
            wrong.push(text);
            Ok(())
        }
        failure => Err(failure),
    };
    surroundings.config = match config_file(typed.get_one::<PathBuf>("config"), &surroundings) {
        Ok(file) => file.map(Arc::new),
        Err(failure) => forgive(failure).map(|()| None)?,
    };
    let (matches, leaf) = leaf(&typed, command);
    let mut given = Given::new();
    let mut added: Vec<(OsString, String)> = Vec::new();
    for setting in ALL.iter().filter(|setting| setting.part == Part::Run) {
        let argument =
            leaf.get_arguments().find(|argument| argument.get_long().is_some() && argument.get_long() == setting.flag);
        if let Some(argument) = argument
            && matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine)
        {
            let raw = matches.get_raw(argument.get_id().as_str()).into_iter().flatten();
            let texts = raw.map(|text| text.to_string_lossy().into_owned()).collect();
            given.insert(setting.name, GivenValue { texts, origin: format!("--{}", setting.flag.unwrap_or_default()) });
            continue;
        }
        let found = found(setting, &surroundings).or_else(|failure| forgive(failure).map(|()| None))?;
        let Some(value) = found else { continue };
        let is_for_others = LOOKING.contains(&leaf.get_name()) && OF_WHAT_IS_SENT.contains(&setting.name);
        if argument.is_some() && !is_for_others && setting.standard != Some(value.origin.as_str()) {
            added.extend(as_flags(setting, &value).into_iter().map(|flag| (flag, value.origin.clone())));
        }
        given.insert(setting.name, value);
    }
    let cli = parse(argv, &added).or_else(|failure| {
        // Each by itself, so that one that is wrong takes none of the others with it.
        let (usable, unusable): (Vec<_>, Vec<_>) =
            added.iter().cloned().partition(|flag| parse(argv, std::slice::from_ref(flag)).is_ok());
        if !is_run_anyway || unusable.is_empty() {
            return Err(failure);
        }
        for flag in &unusable {
            parse(argv, std::slice::from_ref(flag)).err().map_or(Ok(()), &mut forgive)?;
        }
        parse(argv, &usable)
    })?;
    Ok(Filled { cli, surroundings, given, wrong })
}

/// The command that is run, at the end of the way through its groups.
fn leaf(matches: &ArgMatches, command: Command) -> (ArgMatches, Command) {
    match matches.subcommand() {
        Some((name, below)) => match command.find_subcommand(name).cloned() {
            Some(command) => leaf(below, command),
            None => (matches.clone(), command),
        },
        None => (matches.clone(), command),
    }
}

fn parse(argv: &[OsString], added: &[(OsString, String)]) -> Result<Cli, Failure> {
    let with = |added: &[(OsString, String)]| {
        // Behind `--` there are no flags.
        let end = argv.iter().position(|argument| argument == "--").unwrap_or(argv.len());
        let (before, behind) = argv.split_at(end);
        Cli::try_parse_from(before.iter().chain(added.iter().map(|(flag, _)| flag)).chain(behind))
    };
    let error = match with(added) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    // One of those that were added is the culprit when all is well, or wrong in another way, without it.
    let alone = with(&[]).err();
    let culprit = added.iter().find(|flag| {
        let error = with(std::slice::from_ref(flag)).err();
        error.is_some_and(|error| alone.as_ref().is_none_or(|alone| alone.to_string() != error.to_string()))
    });
    Err(match culprit {
        Some((_, origin)) => Failure::Configuration(format!("{origin}: {}", in_short(&error))),
        None => Failure::Usage(error),
    })
}

/// What the parser says, without its advice about the command line.
fn in_short(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines = text.lines().take_while(|line| !line.starts_with("For more") && !line.starts_with("Usage"));
    let lines: Vec<&str> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ").trim_start_matches("error: ").to_owned()
}

/// What a variable or, without one, the file says of a setting.
fn found(setting: &Setting, surroundings: &Surroundings) -> Result<Option<GivenValue>, Failure> {
    for name in setting.variables {
        let Some(text) = surroundings.variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
        else {
            continue;
        };
        let texts = match setting.kind {
            Kind::Texts | Kind::Paths => text.split(',').map(|part| part.trim().to_owned()).collect(),
            Kind::Switch if !matches!(text.as_str(), "true" | "false") => {
                return Err(Failure::Configuration(format!("{name} is {text:?}, which is none of true, false")));
            }
            _ => vec![text],
        };
        return Ok(Some(GivenValue { texts, origin: (*name).to_owned() }));
    }
    if let Some((name, value)) = setting.standard.and_then(|name| Some((name, surroundings.variable(name)?))) {
        return Ok(Some(GivenValue { texts: vec![value], origin: name.to_owned() }));
    }
    let of_file = surroundings.config.as_deref().and_then(|file| {
        let value = file.values.get(setting.name)?;
        let origin = format!("{}:{} ({})", file.path.display(), value.line, setting.name);
        Some(GivenValue { texts: value.texts.clone(), origin })
    });
    Ok(of_file)
}

fn as_flags(setting: &Setting, value: &GivenValue) -> Vec<OsString> {
    let flag = setting.flag.unwrap_or_default();
    match setting.kind {
        Kind::Switch if value.texts.iter().any(|text| text == "true") => vec![format!("--{flag}").into()],
        Kind::Switch => Vec::new(),
        _ => value.texts.iter().map(|text| format!("--{flag}={text}").into()).collect(),
    }
}

/// Where the file is looked for when nobody names one.
pub(super) fn usual_place(surroundings: &Surroundings) -> Option<PathBuf> {
    let base = surroundings.variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| Some(surroundings.home()?.join(".config")))?;
    Some(base.join("claude-otel/config.toml"))
}

fn config_file(flag: Option<&PathBuf>, surroundings: &Surroundings) -> Result<Option<ConfigFile>, Failure> {
    let named = flag.cloned().or_else(|| surroundings.variable(env::CLAUDE_OTEL_CONFIG).map(PathBuf::from));
    let is_named = named.is_some();
    let Some(path) = named.or_else(|| usual_place(surroundings)) else { return Ok(None) };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if !is_named && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => {
            let text = format!("the configuration file {} cannot be read: {error}", path.display());
            return Err(Failure::Configuration(text));
        }
    };
    let whole = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
    let read = |path: &Path| file::parse(path, &text, surroundings.home());
    read(&whole).map(Some).map_err(|error| Failure::Configuration(error.to_string()))
}

#[cfg(test)]
#[path = "fill_tests.rs"]
mod tests;
