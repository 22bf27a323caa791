//! What a check comes to, and the table of everything that can be found.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cli::ExitCode;

/// How bad it is, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// As it should be.
    Ok,
    /// Worth knowing; nothing has to be done.
    Note,
    /// Something will be missed, lost or misread, now or some day.
    Warning,
    /// It does not work.
    Wrong,
}

impl Mark {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Ok, Self::Note, Self::Warning, Self::Wrong];

    /// Its name, for people and for programs.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
        }
    }
}

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// Settings, content and names.
    Configuration,
    /// The client's transcripts.
    Transcripts,
    /// The client's own settings.
    Client,
    /// The operating system.
    Machine,
    /// What is remembered of a destination.
    State,
    /// The way to a destination, and what it answers.
    Destination,
}

impl Group {
    /// Its name, for people and for programs.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Transcripts => "transcripts",
            Self::Client => "client",
            Self::Machine => "machine",
            Self::State => "state",
            Self::Destination => "destination",
        }
    }

    /// How the command ends when something of this is wrong.
    pub(super) const fn code(self) -> ExitCode {
        match self {
            Self::Configuration | Self::Transcripts => ExitCode::Configuration,
            Self::Client | Self::Machine | Self::State => ExitCode::Problems,
            Self::Destination => ExitCode::Destination,
        }
    }
}

/// Makes the table of all findings. The names are an interface: pages and scripts know them.
macro_rules! ids {
    ($($name:ident = $text:literal, $group:ident, $mark:ident;)+) => {
        /// What can be found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Id {
            $($name),+
        }

        impl Id {
            /// All of them, in the order of the documentation.
            #[cfg(test)]
            pub(super) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name by which pages and scripts know it.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// What it is about.
            pub(super) const fn group(self) -> Group {
                match self { $(Self::$name => Group::$group),+ }
            }

            /// How bad it is.
            pub(super) const fn mark(self) -> Mark {
                match self { $(Self::$name => Mark::$mark),+ }
            }
        }
    };
}

ids! {
    ConfigRead = "config-read", Configuration, Ok;
    ConfigWrong = "config-wrong", Configuration, Wrong;
    VariableUnread = "variable-unread", Configuration, Warning;
    DestinationSettings = "destination-settings", Configuration, Ok;
    DestinationUnset = "destination-unset", Configuration, Note;
    DestinationOff = "destination-off", Configuration, Note;
    OldDataSkipped = "old-data-skipped", Configuration, Note;
    KeysReadable = "keys-readable", Configuration, Warning;
    ContentNone = "content-none", Configuration, Ok;
    ContentLeaves = "content-leaves", Configuration, Note;
    NamesSent = "names-sent", Configuration, Ok;

    RootRead = "root-read", Transcripts, Ok;
    RootsNone = "roots-none", Transcripts, Warning;
    RootWrong = "root-wrong", Transcripts, Wrong;
    RootEmpty = "root-empty", Transcripts, Note;
    RootOwner = "root-owner", Transcripts, Warning;
    RootNetwork = "root-network", Transcripts, Warning;
    FilesUnreadable = "files-unreadable", Transcripts, Warning;
    FilesOfOthers = "files-of-others", Transcripts, Warning;
    LinksOutside = "links-outside", Transcripts, Warning;
    FilesOdd = "files-odd", Transcripts, Note;
    FilesOpen = "files-open", Transcripts, Note;
    TimesAhead = "times-ahead", Transcripts, Warning;
    RetentionKept = "retention-kept", Transcripts, Ok;

    PersistenceOff = "persistence-off", Client, Warning;
    PromptsKept = "prompts-kept", Client, Ok;
    PromptsLost = "prompts-lost", Client, Warning;
    ClientTelemetry = "client-telemetry", Client, Note;
    NamesTwice = "names-twice", Client, Warning;

    InotifyEnough = "inotify-enough", Machine, Ok;
    InotifyWatchesLow = "inotify-watches-low", Machine, Warning;
    InotifyInstancesLow = "inotify-instances-low", Machine, Warning;

    StateRead = "state-read", State, Ok;
    StateNone = "state-none", State, Note;
    StateUnwatched = "state-unwatched", State, Note;
    StateBehind = "state-behind", State, Warning;
    StateUnreadable = "state-unreadable", State, Warning;
    StateFailing = "state-failing", State, Wrong;
    StateBegunAnew = "state-begun-anew", State, Note;
    StateUnwritable = "state-unwritable", State, Wrong;
    StateOpen = "state-open", State, Warning;
    StateNetwork = "state-network", State, Warning;
    StateFleeting = "state-fleeting", State, Warning;
    StateDiskLow = "state-disk-low", State, Warning;
    RetentionUrgent = "retention-urgent", State, Warning;

    Offline = "offline", Destination, Note;
    FolderWritable = "folder-writable", Destination, Ok;
    FolderUnwritable = "folder-unwritable", Destination, Wrong;
    ProxyUsed = "proxy-used", Destination, Note;
    ProxyPassedBy = "proxy-passed-by", Destination, Note;
    Connected = "connected", Destination, Ok;
    NameUnknown = "name-unknown", Destination, Wrong;
    ConnectFailed = "connect-failed", Destination, Wrong;
    CertificateWrong = "certificate-wrong", Destination, Wrong;
    KeysRefused = "keys-refused", Destination, Wrong;
    AddressWrong = "address-wrong", Destination, Wrong;
    EncodingUnread = "encoding-unread", Destination, Wrong;
    AnswerNone = "answer-none", Destination, Wrong;
    ReceiverFails = "receiver-fails", Destination, Wrong;
    ReceiverBusy = "receiver-busy", Destination, Warning;
    SpanTaken = "span-taken", Destination, Ok;
    SpanRemarked = "span-remarked", Destination, Note;
    SpanRejected = "span-rejected", Destination, Wrong;
    SpanRefused = "span-refused", Destination, Wrong;
    SignalTaken = "signal-taken", Destination, Ok;
    SignalUncertain = "signal-uncertain", Destination, Note;
    ClockDiffers = "clock-differs", Destination, Warning;
}

/// What one check has come to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    pub id: Id,
    /// The destination that it is about, where it is about one.
    pub destination: Option<String>,
    /// What was seen.
    pub said: String,
    /// What to do about it.
    pub todo: Option<String>,
    /// The same in numbers and names, for programs.
    pub facts: BTreeMap<&'static str, Value>,
}

impl Finding {
    /// A finding about which there is nothing to do.
    pub(super) fn new(id: Id, said: impl Into<String>) -> Self {
        Self { id, destination: None, said: said.into(), todo: None, facts: BTreeMap::new() }
    }

    /// What to do about it.
    pub(super) fn todo(mut self, todo: impl Into<String>) -> Self {
        self.todo = Some(todo.into());
        self
    }

    /// A number or a name, for programs.
    pub(super) fn fact(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.facts.insert(name, value.into());
        self
    }

    /// How bad it is.
    pub(super) const fn mark(&self) -> Mark {
        self.id.mark()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn page(name: &str) -> String {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
    }

    /// The rows of the page's tables of findings: name and mark.
    fn rows(page: &str) -> Vec<(String, String)> {
        let row = |line: &str| {
            let cells: Vec<&str> = line.strip_prefix("| `")?.strip_suffix(" |")?.split(" | ").collect();
            let mark = cells.get(1).filter(|mark| Mark::ALL.iter().any(|known| known.name() == **mark))?;
            Some((cells[0].trim_end_matches('`').to_owned(), (*mark).to_owned()))
        };
        page.lines().filter_map(row).collect()
    }

    #[test]
    fn every_finding_has_its_row_on_the_page_and_every_row_its_finding() {
        let expected: Vec<_> = Id::ALL.iter().map(|id| (id.name().to_owned(), id.mark().name().to_owned())).collect();
        assert_eq!(rows(&page("doctor.md")), expected);
        let names: BTreeSet<&str> = Id::ALL.iter().map(|id| id.name()).collect();
        assert_eq!(names.len(), Id::ALL.len(), "two findings have one name");
    }

    #[test]
    fn whatever_is_wrong_or_warned_of_stands_beside_its_symptom() {
        let page = page("troubleshooting.md");
        for id in Id::ALL.iter().filter(|id| id.mark() >= Mark::Warning) {
            assert!(page.contains(&format!("`{}`", id.name())), "troubleshooting.md does not name {}", id.name());
        }
        // What the page says that doctor says is something that it can say.
        for line in page.lines().filter(|line| line.contains("doctor`: ") || line.starts_with("`claude-otel doctor`")) {
            let (_, named) = line.split_once("doctor`").unwrap();
            let ids: Vec<&str> = named.split('`').skip(1).step_by(2).collect();
            assert!(!ids.is_empty(), "{line}");
            for name in ids {
                assert!(Id::ALL.iter().any(|id| id.name() == name), "{name} is no finding: {line}");
            }
        }
    }

    #[test]
    fn only_what_is_wrong_fails_the_command() {
        assert!(Id::ALL.iter().all(|id| id.group().code() != ExitCode::Done));
        assert!(Mark::ALL.is_sorted());
    }
}
