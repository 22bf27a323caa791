//! Why the two sides may differ: a closed list. What no rule of it explains is unexplained.

/// Makes the closed list of reasons.
macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $meaning:literal, $advice:literal;)+) => {
        /// A rule that explains a difference, by facts of the session or of the telemetry itself.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[$doc])* $variant,)+
        }

        impl Reason {
            /// Every reason, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name, for programs.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it means, in one sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            /// What to do about it.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)+ }
            }
        }
    };
}

reasons! {
    /// The request's source is one of those whose answers no client writes down, or its tokens are in what the metric
    /// calls auxiliary.
    ClientsOwnWork = "clients_own_work",
        "the client made the call for itself (a title, a compaction's summary, a web search) and wrote no line of it",
        "nothing; its tokens are in the client's totals, which this program sends as hidden usage where they exist";
    /// Everything that the session told is of a client without a terminal, and no file has its name.
    NotPersisted = "not_persisted",
        "a session without a terminal left no transcript, as --no-session-persistence makes it",
        "nothing, or start it without that flag; if it ran elsewhere, read the transcripts of that machine too";
    /// The call has no stop reason on record, and the telemetry has more output tokens, and nothing else.
    PlaceholderOutput = "placeholder_output",
        "the client wrote its line before the answer's length was known: the transcript's output tokens are a lower bound",
        "trust the telemetry's number; newer clients write the final one";
    /// The call was cut in its stream: the line says so, or its turn was interrupted before a stop reason came.
    CutStream = "cut_stream",
        "the answer was cut while it was written, and the client reports only whole ones",
        "nothing; the transcript shows what was written until then";
    /// The tool call was rejected or denied, on either side, and it was not accepted.
    ToolRefused = "tool_refused",
        "a person or a rule refused the tool call, and the client tells no result of it",
        "nothing; the transcript has the outcome";
    /// The result is an error, nothing was decided about the call, no span shows it, and no event is missing around it.
    ToolNotStarted = "tool_not_started",
        "the call named no known tool or had bad input, so that it was answered before anything was decided",
        "nothing; the transcript has the outcome";
    /// The call was accepted, and has no genuine result: its turn was interrupted or cut, or its process died.
    ToolCut = "tool_cut",
        "the tool was cut off with its turn or its process, so that no result could be told",
        "nothing; the transcript marks it interrupted or orphaned";
    /// The turn was cut without an end, and the session tells nothing from the call's end to its next turn.
    LostFlush = "lost_flush",
        "the process ended before it sent its last records, as kill -9 makes it",
        "a shorter OTEL_LOGS_EXPORT_INTERVAL and OTEL_METRIC_EXPORT_INTERVAL loses less; the transcript has it";
    /// Failed attempts without an HTTP status are on record, and the metric's excess is no more than they can have used.
    CutAttempts = "cut_attempts",
        "the metric also counts attempts whose connection was cut and which were made again",
        "nothing; they are billed, and no line shows their tokens";
    /// It lies more than a minute beyond the first or last record of all files.
    OutsideFiles = "outside_files",
        "it happened before the first or after the last record of the files",
        "give the files of that time too";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_name_of_its_own_and_says_what_it_means() {
        let names: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert!(reason.meaning().len() > 20 && !reason.advice().is_empty(), "{}", reason.name());
        }
    }
}
