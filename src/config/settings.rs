//! The table of all settings: what each is called on the command line, in the environment and in the file.
//!
//! To add a setting: its flag, a row here, its variable in `env`, and rows in `docs/configuration.md`. A row without
//! more is enough to make the variable and the key of the file stand for the flag.

use super::env;

/// One setting under all its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The key in the file, which is its name everywhere else too.
    pub name: &'static str,
    /// The flag, without dashes.
    pub flag: Option<&'static str>,
    /// The variables, those that win first.
    pub variables: &'static [&'static str],
    /// A variable of OpenTelemetry that says it in other words; it stands between our own variable and the file, and is
    /// read by whoever knows the words.
    pub standard: Option<&'static str>,
    /// What values it takes.
    pub kind: Kind,
    /// What holds when nobody says anything, in words where it is found out; empty for nothing.
    pub default: &'static str,
    /// What it is a setting of.
    pub part: Part,
    /// Whether its value must not be shown.
    pub is_secret: bool,
}

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A length of time, as a text.
    Duration,
    /// A whole number.
    Number,
    /// Yes or no.
    Switch,
    /// A file or a folder.
    Path,
    /// Several texts; in a variable with commas between them.
    Texts,
    /// Several files or folders; in a variable with commas between them.
    Paths,
    /// Names with values.
    Pairs,
}

/// What a setting is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The whole run; its variable and its key stand for its flag.
    Run,
    /// One destination.
    Destination,
    /// The resource.
    Resource,
}

const NO_SETTING: Setting = Setting {
    name: "",
    flag: None,
    variables: &[],
    standard: None,
    kind: Kind::Text,
    default: "",
    part: Part::Run,
    is_secret: false,
};

macro_rules! run {
    ($name:literal, $flag:literal, $variable:ident, $kind:ident, $default:literal) => {
        Setting {
            name: $name,
            flag: Some($flag),
            variables: &[env::$variable],
            kind: Kind::$kind,
            default: $default,
            ..NO_SETTING
        }
    };
}

macro_rules! destination {
    ($name:literal, $flag:expr, [$($variable:ident),*], $kind:ident, $default:literal) => {
        Setting {
            name: $name,
            flag: $flag,
            variables: &[$(env::$variable),*],
            kind: Kind::$kind,
            default: $default,
            part: Part::Destination,
            ..NO_SETTING
        }
    };
}

/// All settings, in the order in which they are shown.
pub const ALL: &[Setting] = &[
    run!("roots", "root", CLAUDE_OTEL_ROOTS, Paths, "the client's own folders"),
    run!("max_line_bytes", "max-line-bytes", CLAUDE_OTEL_MAX_LINE_BYTES, Number, "16777216"),
    run!("since", "since", CLAUDE_OTEL_SINCE, Text, ""),
    run!("until", "until", CLAUDE_OTEL_UNTIL, Text, ""),
    run!("projects", "project", CLAUDE_OTEL_PROJECTS, Texts, "all"),
    run!("sessions", "session", CLAUDE_OTEL_SESSIONS, Texts, "all"),
    run!("shard", "shard", CLAUDE_OTEL_SHARD, Text, ""),
    run!("trace_scope", "trace-scope", CLAUDE_OTEL_TRACE_SCOPE, Text, "turn"),
    run!("paths", "paths", CLAUDE_OTEL_PATHS, Text, "name"),
    run!("content", "content", CLAUDE_OTEL_CONTENT, Text, "none"),
    run!("privacy_rules", "privacy-rules", CLAUDE_OTEL_PRIVACY_RULES, Path, "the program's own"),
    run!("max_attribute_bytes", "max-attribute-bytes", CLAUDE_OTEL_MAX_ATTRIBUTE_BYTES, Number, "2048"),
    run!("prices", "prices", CLAUDE_OTEL_PRICES, Path, "the program's own"),
    run!("vocab", "vocab", CLAUDE_OTEL_VOCAB, Text, "claude_code, unless the client sends telemetry itself"),
    run!("genai_semconv", "genai-semconv", CLAUDE_OTEL_GENAI_SEMCONV, Text, "both"),
    run!("metrics", "metrics", CLAUDE_OTEL_METRICS, Text, "none"),
    Setting {
        standard: Some(env::OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION),
        ..run!("histogram", "histogram", CLAUDE_OTEL_HISTOGRAM, Text, "explicit")
    },
    run!("session_idle", "session-idle", CLAUDE_OTEL_SESSION_IDLE, Duration, "30m"),
    run!("max_open", "max-open", CLAUDE_OTEL_MAX_OPEN, Duration, "24h"),
    run!("backfill", "backfill", CLAUDE_OTEL_BACKFILL, Text, "24h"),
    run!("poll", "poll", CLAUDE_OTEL_POLL, Switch, "false"),
    run!("send_every", "send-every", CLAUDE_OTEL_SEND_EVERY, Duration, "1s"),
    run!("stop_timeout", "stop-timeout", CLAUDE_OTEL_STOP_TIMEOUT, Duration, "10s"),
    run!("health", "health", CLAUDE_OTEL_HEALTH, Text, ""),
    run!("health_public", "health-public", CLAUDE_OTEL_HEALTH_PUBLIC, Switch, "false"),
    run!("self_telemetry", "self-telemetry", CLAUDE_OTEL_SELF_TELEMETRY, Text, "on"),
    run!("threads", "threads", CLAUDE_OTEL_THREADS, Number, "one per core"),
    run!("strict", "strict", CLAUDE_OTEL_STRICT, Switch, "false"),
    Setting {
        name: "service_name",
        variables: &[env::OTEL_SERVICE_NAME],
        default: "claude-otel",
        part: Part::Resource,
        ..NO_SETTING
    },
    Setting {
        name: "resource_attributes",
        variables: &[env::OTEL_RESOURCE_ATTRIBUTES],
        kind: Kind::Pairs,
        part: Part::Resource,
        ..NO_SETTING
    },
    destination!("preset", Some("preset"), [CLAUDE_OTEL_PRESET], Text, ""),
    destination!(
        "endpoint",
        Some("endpoint"),
        [
            CLAUDE_OTEL_ENDPOINT,
            OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
            OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
            OTEL_EXPORTER_OTLP_LOGS_ENDPOINT,
            OTEL_EXPORTER_OTLP_ENDPOINT
        ],
        Text,
        ""
    ),
    destination!(
        "protocol",
        Some("protocol"),
        [
            CLAUDE_OTEL_PROTOCOL,
            OTEL_EXPORTER_OTLP_TRACES_PROTOCOL,
            OTEL_EXPORTER_OTLP_METRICS_PROTOCOL,
            OTEL_EXPORTER_OTLP_LOGS_PROTOCOL,
            OTEL_EXPORTER_OTLP_PROTOCOL
        ],
        Text,
        "http/protobuf"
    ),
    destination!("signals", Some("signals"), [CLAUDE_OTEL_SIGNALS], Text, "traces,metrics,logs"),
    destination!("headers_file", Some("headers-file"), [CLAUDE_OTEL_HEADERS_FILE], Path, ""),
    destination!("headers_env", None, [], Text, ""),
    Setting {
        name: "headers",
        variables: &[
            env::CLAUDE_OTEL_HEADERS,
            env::OTEL_EXPORTER_OTLP_TRACES_HEADERS,
            env::OTEL_EXPORTER_OTLP_METRICS_HEADERS,
            env::OTEL_EXPORTER_OTLP_LOGS_HEADERS,
            env::OTEL_EXPORTER_OTLP_HEADERS,
        ],
        kind: Kind::Pairs,
        part: Part::Destination,
        is_secret: true,
        ..NO_SETTING
    },
    destination!(
        "compression",
        Some("compression"),
        [
            CLAUDE_OTEL_COMPRESSION,
            OTEL_EXPORTER_OTLP_TRACES_COMPRESSION,
            OTEL_EXPORTER_OTLP_METRICS_COMPRESSION,
            OTEL_EXPORTER_OTLP_LOGS_COMPRESSION,
            OTEL_EXPORTER_OTLP_COMPRESSION
        ],
        Text,
        "none"
    ),
    destination!(
        "timeout",
        Some("timeout"),
        [
            CLAUDE_OTEL_TIMEOUT,
            OTEL_EXPORTER_OTLP_TRACES_TIMEOUT,
            OTEL_EXPORTER_OTLP_METRICS_TIMEOUT,
            OTEL_EXPORTER_OTLP_LOGS_TIMEOUT,
            OTEL_EXPORTER_OTLP_TIMEOUT
        ],
        Duration,
        "10s"
    ),
    destination!(
        "certificate",
        None,
        [
            CLAUDE_OTEL_CERTIFICATE,
            OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE,
            OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE,
            OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE,
            OTEL_EXPORTER_OTLP_CERTIFICATE
        ],
        Path,
        "the system's"
    ),
    destination!(
        "client_key",
        None,
        [
            CLAUDE_OTEL_CLIENT_KEY,
            OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY,
            OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY,
            OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY,
            OTEL_EXPORTER_OTLP_CLIENT_KEY
        ],
        Path,
        ""
    ),
    destination!(
        "client_certificate",
        None,
        [
            CLAUDE_OTEL_CLIENT_CERTIFICATE,
            OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE,
            OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE,
            OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE,
            OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE
        ],
        Path,
        ""
    ),
    destination!("otlp_file", Some("otlp-file"), [CLAUDE_OTEL_OTLP_FILE], Path, ""),
    destination!("otlp_file_max_bytes", None, [CLAUDE_OTEL_OTLP_FILE_MAX_BYTES], Number, "1073741824"),
    destination!("otlp_file_max_days", None, [CLAUDE_OTEL_OTLP_FILE_MAX_DAYS], Number, "30"),
    destination!("max_age", Some("max-age"), [CLAUDE_OTEL_MAX_AGE], Duration, ""),
    destination!("old_data", Some("old-data"), [CLAUDE_OTEL_OLD_DATA], Text, "send"),
];

impl Setting {
    /// The setting of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|setting| setting.name == name)
    }

    /// Whether a file may hold it: headers come from elsewhere, for a file is shown around.
    pub fn is_in_files(&self) -> bool {
        !self.is_secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_flags_and_own_variables_are_unique_and_say_the_same() {
        for (place, setting) in ALL.iter().enumerate() {
            assert!(ALL.iter().skip(place + 1).all(|other| other.name != setting.name), "{}", setting.name);
            let flag = setting.flag.map(|flag| flag.replace('-', "_"));
            assert!(flag.is_none_or(|flag| setting.name == flag || setting.name == format!("{flag}s")));
            for variable in setting.variables {
                assert!(env::ALL.contains(variable), "{variable}");
                let own = variable.strip_prefix("CLAUDE_OTEL_");
                assert!(own.is_none_or(|own| own.to_lowercase() == setting.name), "{variable}");
            }
        }
    }
}
