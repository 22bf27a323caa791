//! Flags that say what is read, what is sent, and when something is over: the same for all commands that rebuild.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use globset::{Glob, GlobSet, GlobSetBuilder};

use super::Surroundings;
use super::arguments::{Moment, duration, moment, not_inverted};
use super::client_telemetry;
use super::output::note;
use super::pass::SetupError;
use super::prices::price_table;
use super::privacy::PrivacyArgs;
use crate::config::ConfigError;
use crate::config::vocabulary::{are_vocabularies_chosen, resolve_genai_semconv, resolve_vocabularies};
use crate::pipeline::filter::{Filter, Shard};
use crate::pipeline::measuring::Measuring;
use crate::pipeline::read::ReadOptions;
use crate::pipeline::workers::RebuildOptions;
use crate::privacy::options::ContentOptions;
use crate::session::closing::ClosingOptions;
use crate::source;
use crate::telemetry::options::{GenAiSemconv, MapOptions, PathMode, TraceScope, Vocabularies};
use crate::transcript::claude::DecodeOptions;

/// A clock of another machine may be ahead by so much.
pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What is read.
#[derive(Debug, Args)]
pub(super) struct SourceArgs {
    /// Read transcripts below this folder; may be repeated [default: the client's own folders]
    #[arg(long = "root", value_name = "DIR")]
    pub roots: Vec<PathBuf>,
    /// Skip lines longer than this
    #[arg(long, value_name = "BYTES", default_value_t = source::DEFAULT_MAX_LINE_BYTES)]
    pub max_line_bytes: usize,
}

/// What is sent of it.
#[derive(Debug, Default, Args)]
pub(super) struct FilterArgs {
    /// Send turns that began at this time or later: a time, a day (UTC), or an age such as 7d
    #[arg(long, value_name = "WHEN", value_parser = moment, help_heading = "What is sent")]
    pub since: Option<Moment>,
    /// Send turns that began before this time
    #[arg(long, value_name = "WHEN", value_parser = moment, help_heading = "What is sent")]
    pub until: Option<Moment>,
    /// Send sessions in folders that match; may be repeated
    #[arg(long = "project", value_name = "GLOB", help_heading = "What is sent")]
    pub projects: Vec<String>,
    /// Send sessions whose id begins so; may be repeated
    #[arg(long = "session", value_name = "ID", help_heading = "What is sent")]
    pub sessions: Vec<String>,
    /// Send one of N equal parts of the sessions, counted from 0
    #[arg(long, value_name = "I/N", help_heading = "What is sent")]
    pub shard: Option<Shard>,
}

/// What spans look like, and when something is over.
#[derive(Debug, Args)]
pub(super) struct ShapeArgs {
    /// What one trace holds
    #[arg(long, value_enum, default_value_t = Scope::Turn, help_heading = "What is sent")]
    pub trace_scope: Scope,
    #[command(flatten)]
    pub shown: ShownArgs,
    #[arg(
        long,
        value_name = "NAMES",
        help = "Names to send beside OpenTelemetry's: claude_code, seed, openinference with commas between them, or \
                none [default: claude_code, unless the client sends telemetry itself]",
        help_heading = "What is sent"
    )]
    vocab: Option<String>,
    /// Names of the conventions for generative AI: 1.41, latest or both [default: both]
    #[arg(long, value_name = "RELEASE", help_heading = "What is sent")]
    genai_semconv: Option<String>,
}

/// What may be seen, whether it is sent or shown, and when something is over.
#[derive(Debug, Args)]
pub(super) struct ShownArgs {
    /// How much of paths may be seen: none (and no branch), name (the folder's last part), hash (keyed, of both), full
    #[arg(long, value_enum, default_value_t = Paths::Name, help_heading = "Privacy")]
    paths: Paths,
    /// Prices of models that stand above the program's own: a table as docs/cost.md describes it, or the file of litellm
    #[arg(long, value_name = "FILE", help_heading = "Prices")]
    pub prices: Option<PathBuf>,
    #[command(flatten)]
    privacy: PrivacyArgs,
    /// Quiet after which a turn with nothing pending, and a session's segment, is over; changes span ids of sessions
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "30m", help_heading = "What is over")]
    pub session_idle: Duration,
    /// Quiet after which a turn with an unanswered tool call or agent is over
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "24h", help_heading = "What is over")]
    pub max_open: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Scope {
    /// One turn
    Turn,
    /// One stretch of a session
    Session,
}

impl Scope {
    /// As a user writes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Session => "session",
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Paths {
    /// Neither paths nor branches
    None,
    /// The folder's last part, and the branch
    Name,
    /// Keyed hashes of the folder, its last part and the branch
    Hash,
    /// The whole path too, with the home folder as ~
    Full,
}

/// A flag that cannot mean what it says.
#[derive(Debug, thiserror::Error)]
#[error("{flag} {pattern:?} is no pattern: {problem}")]
pub(super) struct PatternError {
    flag: &'static str,
    pattern: String,
    problem: globset::Error,
}

impl FilterArgs {
    /// The filter at this time.
    pub(super) fn filter(&self, now: i64) -> Result<Filter, SetupError> {
        let (since, until) = (self.since.map(|since| since.millis(now)), self.until.map(|until| until.millis(now)));
        not_inverted(since, until)?;
        Ok(Filter {
            since,
            until,
            projects: globs("--project", &self.projects)?,
            sessions: self.sessions.clone(),
            shard: self.shard,
            max_age: None,
        })
    }
}

/// A length of time in milliseconds.
pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// How everything is rebuilt to be sent. With `finish`, what is open counts as over.
pub(super) fn rebuild_options(
    source: &SourceArgs,
    shape: &ShapeArgs,
    filter: Filter,
    finish: bool,
    threads: Option<NonZeroUsize>,
    surroundings: &Surroundings,
) -> Result<RebuildOptions, SetupError> {
    let options = shown_options(source, &shape.shown, filter, finish, surroundings)?;
    let environment = |name: &str| surroundings.variable(name);
    let map = MapOptions {
        trace_scope: match shape.trace_scope {
            Scope::Turn => TraceScope::Turn,
            Scope::Session => TraceScope::Session,
        },
        genai_semconv: resolve_genai_semconv(shape.genai_semconv.as_deref(), &environment)?,
        vocab: vocabularies(shape, surroundings)?,
        ..options.map
    };
    let threads = threads.map_or(options.threads, NonZeroUsize::get);
    Ok(RebuildOptions { map, threads, ..options })
}

/// How everything is rebuilt to be looked at.
pub(super) fn shown_options(
    source: &SourceArgs,
    shown: &ShownArgs,
    filter: Filter,
    finish: bool,
    surroundings: &Surroundings,
) -> Result<RebuildOptions, SetupError> {
    let (privacy, content) = shown.privacy.resolve(matches!(shown.paths, Paths::Hash), surroundings)?;
    let now = surroundings.now;
    let closing = ClosingOptions {
        session_idle: millis(shown.session_idle),
        max_open: millis(shown.max_open),
        now: (!finish).then_some(now),
        written: None,
    };
    let resting_since = (!finish).then(|| now.saturating_sub(closing.session_idle).saturating_mul(1_000_000));
    Ok(RebuildOptions {
        source: source::Options { roots: source.roots.clone(), max_line_bytes: source.max_line_bytes },
        read: ReadOptions {
            decode: DecodeOptions { latest: now.saturating_add(DAY_MS), texts: content.wants_texts() },
            resting_since,
        },
        closing,
        map: MapOptions {
            paths: match shown.paths {
                Paths::None => PathMode::None,
                Paths::Name => PathMode::Name,
                Paths::Hash => PathMode::Hash,
                Paths::Full => PathMode::Full,
            },
            home: surroundings.home().and_then(|home| home.to_str()).map(Into::into),
            privacy,
            content,
            prices: price_table(shown.prices.as_deref())?,
            // Each destination says whether it takes events.
            without_events: false,
            ..MapOptions::default()
        },
        filter,
        threads: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        now,
        measuring: Measuring::Off,
        by_mtime: false,
        memory: None,
        assumed: HashSet::new(),
    })
}

/// What leaves, and by which names.
#[derive(Debug, Clone)]
pub(super) struct Leaving {
    pub content: ContentOptions,
    pub vocab: Vocabularies,
    pub genai_semconv: GenAiSemconv,
    pub prices: String,
    /// What switches the client's own telemetry on, if it is on.
    pub client_sends: Option<String>,
}

impl ShapeArgs {
    /// Reads everything that these flags name, and makes nothing.
    pub(super) fn look(&self, surroundings: &Surroundings) -> Result<Leaving, SetupError> {
        let (content, ..) = self.shown.privacy.look(surroundings)?;
        let environment = |name: &str| surroundings.variable(name);
        let client_sends = client_telemetry::found(surroundings);
        Ok(Leaving {
            content,
            vocab: resolve_vocabularies(self.vocab.as_deref(), &environment, client_sends.is_some())?,
            genai_semconv: resolve_genai_semconv(self.genai_semconv.as_deref(), &environment)?,
            prices: price_table(self.shown.prices.as_deref())?.id(),
            client_sends,
        })
    }
}

/// The vocabularies, and a word on those that are left out.
fn vocabularies(shape: &ShapeArgs, surroundings: &Surroundings) -> Result<Vocabularies, ConfigError> {
    let (flag, environment) = (shape.vocab.as_deref(), |name: &str| surroundings.variable(name));
    let sending =
        if are_vocabularies_chosen(flag, &environment) { None } else { client_telemetry::found(surroundings) };
    if let Some(origin) = &sending {
        note(&format!(
            "the client sends telemetry itself ({origin}): events and metrics of its names are left to it; \
             --vocab claude_code sends them all the same"
        ));
    }
    resolve_vocabularies(flag, &environment, sending.is_some())
}

/// Patterns of which one has to match; none where there are none.
pub(super) fn globs(flag: &'static str, patterns: &[String]) -> Result<Option<GlobSet>, PatternError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|problem| PatternError { flag, pattern: pattern.clone(), problem })?);
    }
    set.build().map(Some).map_err(|problem| PatternError { flag, pattern: patterns.join(" "), problem })
}
