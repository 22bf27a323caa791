//! What the mapping may be told.

use std::sync::Arc;

use super::prices::PriceTable;
use crate::privacy::Sanitizer;
use crate::privacy::options::{ContentOptions, Keeping};

/// What one trace holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TraceScope {
    /// One trace per turn; the session's span is a small trace of its own.
    #[default]
    Turn,
    /// One trace per session segment.
    Session,
}

/// How much of paths leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PathMode {
    /// Neither paths nor branches.
    None,
    /// The last part of the working folder, and the branch.
    #[default]
    Name,
    /// Keyed hashes of the working folder, of its last part and of the branch.
    Hash,
    /// The working folder too, with the home folder as `~`.
    Full,
}

/// Which names of the conventions for generative AI leave, where newer ones replace older ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum GenAiSemconv {
    /// Those of release 1.41, which most receivers know.
    V1_41,
    /// The newest.
    Latest,
    /// Both beside each other.
    #[default]
    Both,
}

impl GenAiSemconv {
    /// Every choice, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::V1_41, Self::Latest, Self::Both];

    /// As a user writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1_41 => "1.41",
            Self::Latest => "latest",
            Self::Both => "both",
        }
    }

    /// Whether the names of release 1.41 leave.
    pub const fn has_older(self) -> bool {
        matches!(self, Self::V1_41 | Self::Both)
    }

    /// Whether the newest names leave.
    pub const fn has_latest(self) -> bool {
        matches!(self, Self::Latest | Self::Both)
    }
}

/// The buckets of histograms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HistogramKind {
    /// The fixed buckets that the conventions name.
    #[default]
    Explicit,
    /// Buckets that grow by a factor.
    Exponential,
}

/// One of the vocabularies beside OpenTelemetry's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vocabulary {
    /// The client's own names of metrics and events.
    ClaudeCode,
    /// The names of the two systems that came before this one.
    Seed,
    /// `OpenInference`, which Phoenix and Arize read.
    OpenInference,
}

impl Vocabulary {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::ClaudeCode, Self::Seed, Self::OpenInference];

    /// As a user writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude_code",
            Self::Seed => "seed",
            Self::OpenInference => "openinference",
        }
    }
}

/// Which vocabularies leave beside OpenTelemetry's own, which always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vocabularies {
    /// Whether metrics and events leave that the client's own telemetry has by the same names.
    pub claude_code: bool,
    /// Whether names of the systems before this one leave as well.
    pub seed: bool,
    /// Whether names of `OpenInference` leave as well.
    pub openinference: bool,
}

impl Default for Vocabularies {
    fn default() -> Self {
        Self { claude_code: true, seed: false, openinference: false }
    }
}

impl FromIterator<Vocabulary> for Vocabularies {
    fn from_iter<I: IntoIterator<Item = Vocabulary>>(chosen: I) -> Self {
        let mut set = Self { claude_code: false, seed: false, openinference: false };
        for vocabulary in chosen {
            match vocabulary {
                Vocabulary::ClaudeCode => set.claude_code = true,
                Vocabulary::Seed => set.seed = true,
                Vocabulary::OpenInference => set.openinference = true,
            }
        }
        set
    }
}

/// The options of this stage.
#[derive(Debug, Clone, Default)]
pub struct MapOptions {
    /// What one trace holds.
    pub trace_scope: TraceScope,
    /// How much of paths leaves.
    pub paths: PathMode,
    /// The home folder: a project that is this folder is called `~`, since its name is the user's.
    pub home: Option<Arc<str>>,
    /// What calls cost.
    pub prices: Arc<PriceTable>,
    /// Which names of the conventions for generative AI leave.
    pub genai_semconv: GenAiSemconv,
    /// Whether events stay away, because nobody takes them.
    pub without_events: bool,
    /// Which names leave beside these.
    pub vocab: Vocabularies,
    /// What every text goes through before it leaves.
    pub privacy: Arc<Sanitizer>,
    /// How much of what people and models wrote leaves.
    pub content: ContentOptions,
}

impl MapOptions {
    /// What is kept of texts while lines are read; none when none are wanted.
    pub fn keeping(&self) -> Option<Keeping> {
        let keeping = || Keeping { privacy: Arc::clone(&self.privacy), content: self.content };
        self.content.wants_texts().then(keeping)
    }
}
