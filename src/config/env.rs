//! Every environment variable that is read.

use super::alike::{meant, most_similar};

/// Reads variables; an empty value counts as absent, as the OpenTelemetry specification wants it.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

macro_rules! variables {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {
        $($(#[doc = $doc])+ pub const $name: &str = stringify!($name);)+

        /// All of them, in the order of the documentation.
        pub const ALL: &[&str] = &[$($name),+];
    };
}

variables! {
    /// Switches everything off when it is `true`.
    OTEL_SDK_DISABLED;
    /// `otlp`, or `none` to send no traces.
    OTEL_TRACES_EXPORTER;
    /// `otlp`, or `none` to send no metrics.
    OTEL_METRICS_EXPORTER;
    /// `otlp`, or `none` to send no log records.
    OTEL_LOGS_EXPORTER;
    /// Which signals are sent: `traces,metrics,logs`, or some of them.
    CLAUDE_OTEL_SIGNALS;
    /// The configuration file.
    CLAUDE_OTEL_CONFIG;
    /// As `--root`; several with commas between them.
    CLAUDE_OTEL_ROOTS;
    /// As `--max-line-bytes`.
    CLAUDE_OTEL_MAX_LINE_BYTES;
    /// As `--since`.
    CLAUDE_OTEL_SINCE;
    /// As `--until`.
    CLAUDE_OTEL_UNTIL;
    /// As `--project`; several with commas between them.
    CLAUDE_OTEL_PROJECTS;
    /// As `--session`; several with commas between them.
    CLAUDE_OTEL_SESSIONS;
    /// As `--shard`.
    CLAUDE_OTEL_SHARD;
    /// As `--trace-scope`.
    CLAUDE_OTEL_TRACE_SCOPE;
    /// As `--paths`.
    CLAUDE_OTEL_PATHS;
    /// As `--session-idle`.
    CLAUDE_OTEL_SESSION_IDLE;
    /// As `--max-open`.
    CLAUDE_OTEL_MAX_OPEN;
    /// As `--backfill`.
    CLAUDE_OTEL_BACKFILL;
    /// `true`: as `--poll`.
    CLAUDE_OTEL_POLL;
    /// As `--send-every`.
    CLAUDE_OTEL_SEND_EVERY;
    /// As `--stop-timeout`.
    CLAUDE_OTEL_STOP_TIMEOUT;
    /// As `--threads`.
    CLAUDE_OTEL_THREADS;
    /// `true`: as `--strict`.
    CLAUDE_OTEL_STRICT;
    /// The preset, as `--preset`.
    CLAUDE_OTEL_PRESET;
    /// As `--max-age`.
    CLAUDE_OTEL_MAX_AGE;
    /// As `--old-data`.
    CLAUDE_OTEL_OLD_DATA;
    /// A file with headers, as `--headers-file`.
    CLAUDE_OTEL_HEADERS_FILE;
    /// The receiver's address; over HTTP, `/v1/traces` and so on are appended.
    CLAUDE_OTEL_ENDPOINT;
    /// A folder to write OTLP/JSON lines to instead.
    CLAUDE_OTEL_OTLP_FILE;
    /// The bound in bytes on all files of that folder.
    CLAUDE_OTEL_OTLP_FILE_MAX_BYTES;
    /// The bound in days on the age of its files.
    CLAUDE_OTEL_OTLP_FILE_MAX_DAYS;
    /// `grpc`, `http/protobuf` or `http/json`.
    CLAUDE_OTEL_PROTOCOL;
    /// `name=value,name=value`, percent-encoded.
    CLAUDE_OTEL_HEADERS;
    /// `none`, `gzip` or `zstd`.
    CLAUDE_OTEL_COMPRESSION;
    /// Milliseconds for one request.
    CLAUDE_OTEL_TIMEOUT;
    /// A PEM file with the authorities to trust.
    CLAUDE_OTEL_CERTIFICATE;
    /// A PEM file with our private key.
    CLAUDE_OTEL_CLIENT_KEY;
    /// A PEM file with our certificate.
    CLAUDE_OTEL_CLIENT_CERTIFICATE;
    /// The receiver's address for traces, used as it is.
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
    /// As `CLAUDE_OTEL_PROTOCOL`, for traces.
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL;
    /// As `CLAUDE_OTEL_HEADERS`, for traces; replaces the general ones.
    OTEL_EXPORTER_OTLP_TRACES_HEADERS;
    /// As `CLAUDE_OTEL_COMPRESSION`, for traces.
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION;
    /// As `CLAUDE_OTEL_TIMEOUT`, for traces.
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT;
    /// Whether a gRPC endpoint without a scheme is unencrypted, for traces.
    OTEL_EXPORTER_OTLP_TRACES_INSECURE;
    /// As `CLAUDE_OTEL_CERTIFICATE`, for traces.
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE;
    /// As `CLAUDE_OTEL_CLIENT_KEY`, for traces.
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY;
    /// As `CLAUDE_OTEL_CLIENT_CERTIFICATE`, for traces.
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE;
    /// The receiver's address for metrics, used as it is.
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT;
    /// As `CLAUDE_OTEL_PROTOCOL`, for metrics.
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL;
    /// As `CLAUDE_OTEL_HEADERS`, for metrics; replaces the general ones.
    OTEL_EXPORTER_OTLP_METRICS_HEADERS;
    /// As `CLAUDE_OTEL_COMPRESSION`, for metrics.
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION;
    /// As `CLAUDE_OTEL_TIMEOUT`, for metrics.
    OTEL_EXPORTER_OTLP_METRICS_TIMEOUT;
    /// Whether a gRPC endpoint without a scheme is unencrypted, for metrics.
    OTEL_EXPORTER_OTLP_METRICS_INSECURE;
    /// As `CLAUDE_OTEL_CERTIFICATE`, for metrics.
    OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE;
    /// As `CLAUDE_OTEL_CLIENT_KEY`, for metrics.
    OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY;
    /// As `CLAUDE_OTEL_CLIENT_CERTIFICATE`, for metrics.
    OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE;
    /// The receiver's address for logs, used as it is.
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT;
    /// As `CLAUDE_OTEL_PROTOCOL`, for logs.
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL;
    /// As `CLAUDE_OTEL_HEADERS`, for logs; replaces the general ones.
    OTEL_EXPORTER_OTLP_LOGS_HEADERS;
    /// As `CLAUDE_OTEL_COMPRESSION`, for logs.
    OTEL_EXPORTER_OTLP_LOGS_COMPRESSION;
    /// As `CLAUDE_OTEL_TIMEOUT`, for logs.
    OTEL_EXPORTER_OTLP_LOGS_TIMEOUT;
    /// Whether a gRPC endpoint without a scheme is unencrypted, for logs.
    OTEL_EXPORTER_OTLP_LOGS_INSECURE;
    /// As `CLAUDE_OTEL_CERTIFICATE`, for logs.
    OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE;
    /// As `CLAUDE_OTEL_CLIENT_KEY`, for logs.
    OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY;
    /// As `CLAUDE_OTEL_CLIENT_CERTIFICATE`, for logs.
    OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE;
    /// The receiver's address; over HTTP, `/v1/traces` and so on are appended.
    OTEL_EXPORTER_OTLP_ENDPOINT;
    /// As `CLAUDE_OTEL_PROTOCOL`.
    OTEL_EXPORTER_OTLP_PROTOCOL;
    /// As `CLAUDE_OTEL_HEADERS`.
    OTEL_EXPORTER_OTLP_HEADERS;
    /// As `CLAUDE_OTEL_COMPRESSION`.
    OTEL_EXPORTER_OTLP_COMPRESSION;
    /// As `CLAUDE_OTEL_TIMEOUT`.
    OTEL_EXPORTER_OTLP_TIMEOUT;
    /// Whether a gRPC endpoint without a scheme is unencrypted.
    OTEL_EXPORTER_OTLP_INSECURE;
    /// As `CLAUDE_OTEL_CERTIFICATE`.
    OTEL_EXPORTER_OTLP_CERTIFICATE;
    /// As `CLAUDE_OTEL_CLIENT_KEY`.
    OTEL_EXPORTER_OTLP_CLIENT_KEY;
    /// As `CLAUDE_OTEL_CLIENT_CERTIFICATE`.
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE;
    /// Milliseconds between two tellings of metrics.
    OTEL_METRIC_EXPORT_INTERVAL;
    /// `cumulative`, `delta` or `lowmemory`.
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE;
    /// `explicit_bucket_histogram` or `base2_exponential_bucket_histogram`.
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION;
    /// `none`, `historical` or `now`: what `backfill` tells of metrics.
    CLAUDE_OTEL_METRICS;
    /// `explicit` or `exponential`.
    CLAUDE_OTEL_HISTOGRAM;
    /// `on` or `off`: whether the watcher tells of its own health with its metrics.
    CLAUDE_OTEL_SELF_TELEMETRY;
    /// An address, or `unix:` and a path, at which a watcher answers how it is.
    CLAUDE_OTEL_HEALTH;
    /// Whether that may be an address that others can reach.
    CLAUDE_OTEL_HEALTH_PUBLIC;
    /// As `--max-attribute-bytes`.
    CLAUDE_OTEL_MAX_ATTRIBUTE_BYTES;
    /// A file with prices of models.
    CLAUDE_OTEL_PRICES;
    /// The vocabularies beside OpenTelemetry's own.
    CLAUDE_OTEL_VOCAB;
    /// Which names of the conventions for generative AI leave.
    CLAUDE_OTEL_GENAI_SEMCONV;
    /// How much content leaves: `none`, `summary` or `full`.
    CLAUDE_OTEL_CONTENT;
    /// A file of rules for secrets.
    CLAUDE_OTEL_PRIVACY_RULES;
    /// The resource's `service.name`.
    OTEL_SERVICE_NAME;
    /// More resource attributes: `name=value,name=value`, percent-encoded.
    OTEL_RESOURCE_ATTRIBUTES;
    /// The width of what is shown, in columns.
    COLUMNS;
    /// Anything: what is shown has no colours.
    NO_COLOR;
    /// The local time, for commands that show it.
    TZ;
    /// The key of Logfire, whose region it holds.
    LOGFIRE_TOKEN;
    /// The address of a Logfire of one's own.
    LOGFIRE_BASE_URL;
    /// The address of a Sentry project, with its public key.
    SENTRY_DSN;
    /// The public half of Langfuse's key.
    LANGFUSE_PUBLIC_KEY;
    /// The secret half of Langfuse's key.
    LANGFUSE_SECRET_KEY;
    /// The address of Langfuse.
    LANGFUSE_BASE_URL;
    /// The same under its older name.
    LANGFUSE_HOST;
    /// The address of Phoenix.
    PHOENIX_COLLECTOR_ENDPOINT;
    /// The key of Phoenix, where it wants one.
    PHOENIX_API_KEY;
    /// The project in Phoenix.
    PHOENIX_PROJECT_NAME;
    /// The address of an `MLflow` server.
    MLFLOW_TRACKING_URI;
    /// The number of the experiment in `MLflow`.
    MLFLOW_EXPERIMENT_ID;
    /// The key of `MLflow`, where it wants one.
    MLFLOW_TRACKING_TOKEN;
    /// The key of Honeycomb.
    HONEYCOMB_API_KEY;
    /// The address of Honeycomb, where it is not the American one.
    HONEYCOMB_API_ENDPOINT;
    /// The key of Datadog.
    DD_API_KEY;
    /// Datadog's site.
    DD_SITE;
    /// The key of Dynatrace.
    DT_API_TOKEN;
    /// The key of Dash0.
    DASH0_AUTH_TOKEN;
    /// The key of New Relic.
    NEW_RELIC_LICENSE_KEY;
}

/// A variable's value, unless it is absent or empty.
pub(super) fn get(env: &Environment<'_>, name: &str) -> Option<String> {
    env(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Whether a switch is on: only `true` is, in any case.
pub(super) fn is_on(env: &Environment<'_>, name: &str) -> bool {
    get(env, name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// What every variable of our own begins with.
const OWN: &str = "CLAUDE_OTEL_";

/// What to say of a variable that looks like ours and that nobody reads; nothing of any other one.
pub fn unread(name: &str) -> Option<String> {
    let rest = name.strip_prefix(OWN).filter(|_| !ALL.contains(&name))?;
    // What all of them begin with makes none more alike.
    let known = ALL.iter().filter_map(|known| known.strip_prefix(OWN));
    let similar = most_similar(rest, known).map(|known| format!("{OWN}{known}"));
    Some(format!("no setting is named {name}{}", meant(similar.as_deref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_has_a_row_in_the_documentation_and_every_row_a_variable() {
        let page = include_str!("../../docs/configuration.md");
        let rows: Vec<_> = page
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
            .map(|(name, _)| name)
            .filter(|name| {
                // Names of other things have no underscore; these do not have one either.
                let is_variable = name.contains('_') || [COLUMNS, TZ].contains(name);
                is_variable && name.bytes().all(|b| b == b'_' || b.is_ascii_digit() || b.is_ascii_uppercase())
            })
            .collect();
        assert_eq!(rows, ALL);
    }

    #[test]
    fn only_names_like_ours_that_nobody_reads_are_told_of() {
        assert!(ALL.iter().all(|name| unread(name).is_none()));
        assert_eq!(unread("OTEL_EXPORTER_OTLP_SPAN_ENDPOINT"), None);
        let said = |name| unread(name).unwrap();
        assert_eq!(said("CLAUDE_OTEL_ROOT"), "no setting is named CLAUDE_OTEL_ROOT (did you mean CLAUDE_OTEL_ROOTS?)");
        assert_eq!(said("CLAUDE_OTEL_QQ"), "no setting is named CLAUDE_OTEL_QQ");
    }

    #[test]
    fn empty_is_absent_and_only_true_is_on() {
        let env = |name: &str| (name == "A").then(|| "  ".to_owned());
        assert_eq!(get(&env, "A"), None);
        let on = |value: &'static str| is_on(&move |_: &str| Some(value.to_owned()), "A");
        assert_eq!(["true", "TRUE", "1", "yes", "false"].map(on), [true, true, false, false, false]);
    }
}
