//! How variables and the file become flags.

use super::*;

fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
    let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Surroundings { environment, ..Surroundings::default() }
}

fn filled(line: &str, variables: &[(&str, &str)]) -> Result<Filled, Failure> {
    fill(&line.split_whitespace().map(Into::into).collect::<Vec<_>>(), surroundings(variables))
}

fn configuration(result: Result<Filled, Failure>) -> String {
    match result {
        Err(Failure::Configuration(text)) => text,
        other => panic!("{other:?}"),
    }
}

/// Every argument of every command.
fn arguments(command: &Command) -> Vec<clap::Arg> {
    let below = command.get_subcommands().flat_map(arguments);
    command.get_arguments().cloned().chain(below).collect()
}

#[test]
fn every_setting_with_a_flag_has_one_and_its_default() {
    let arguments = arguments(&Cli::command());
    for setting in ALL {
        let Some(flag) = setting.flag else { continue };
        let found = arguments.iter().find(|argument| argument.get_long() == Some(flag));
        let argument = found.unwrap_or_else(|| panic!("no command has --{flag}"));
        let default: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        assert!(default.is_empty() || default == [setting.default] || setting.kind == Kind::Switch, "--{flag}");
    }
}

#[test]
fn what_is_typed_beats_the_variable_and_the_variable_the_file() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("c.toml");
    fs::write(&path, "paths = \"full\"\ntrace_scope = \"session\"\nsession_idle = \"1h\"\n").unwrap();
    let line = format!("claude-otel backfill --paths none --config {}", path.display());
    let variables = [("CLAUDE_OTEL_PATHS", "name"), ("CLAUDE_OTEL_TRACE_SCOPE", "turn")];
    let given = filled(&line, &variables).unwrap().given;
    let seen = |name: &str| (given[name].texts.join(","), given[name].origin.clone());
    assert_eq!(seen("paths"), ("none".to_owned(), "--paths".to_owned()));
    assert_eq!(seen("trace_scope"), ("turn".to_owned(), "CLAUDE_OTEL_TRACE_SCOPE".to_owned()));
    assert_eq!(seen("session_idle"), ("1h".to_owned(), format!("{}:3 (session_idle)", path.display())));
    let debug = format!("{:?}", filled(&line, &variables).unwrap().cli);
    assert!(
        debug.contains("trace_scope: Turn") && debug.contains("paths: None") && debug.contains("session_idle: 3600s"),
        "{debug}"
    );
}

#[test]
fn a_command_takes_what_it_has_flags_for() {
    let variables = [("CLAUDE_OTEL_BACKFILL", "all"), ("CLAUDE_OTEL_POLL", "true"), ("CLAUDE_OTEL_SINCE", "7d")];
    assert!(filled("claude-otel status", &variables).is_ok());
    let watch = format!("{:?}", filled("claude-otel watch", &variables).unwrap().cli);
    assert!(watch.contains("backfill: All") && watch.contains("poll: true"), "{watch}");
    // What a command cannot do without may stand in a variable.
    assert!(filled("claude-otel reexport", &variables).is_ok());
    assert!(matches!(filled("claude-otel reexport", &[]), Err(Failure::Usage(_))));
}

#[test]
fn a_standard_variable_stands_between_ours_and_the_file() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("c.toml");
    fs::write(&path, "histogram = \"exponential\"").unwrap();
    let line = format!("claude-otel watch --config {}", path.display());
    let standard = ("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "explicit_bucket_histogram");
    let seen = |variables: &[(&str, &str)]| {
        let filled = filled(&line, variables).unwrap();
        let is_flag = format!("{:?}", filled.cli).contains("histogram: Some(Exponential)");
        (filled.given["histogram"].origin.clone(), is_flag)
    };
    assert!(seen(&[]).1);
    assert_eq!(seen(&[standard]), (standard.0.to_owned(), false));
    assert_eq!(seen(&[standard, ("CLAUDE_OTEL_HISTOGRAM", "exponential")]), ("CLAUDE_OTEL_HISTOGRAM".to_owned(), true));
}

#[test]
fn lists_have_commas_between_them() {
    let given = filled("claude-otel watch", &[("CLAUDE_OTEL_ROOTS", "/a, /b")]).unwrap();
    let debug = format!("{:?}", given.cli);
    assert!(debug.contains("[\"/a\", \"/b\"]"), "{debug}");
}

#[test]
fn a_value_that_no_flag_would_take_is_named_by_its_origin() {
    let text =
        configuration(filled("claude-otel watch", &[("CLAUDE_OTEL_PATHS", "all"), ("CLAUDE_OTEL_THREADS", "2")]));
    assert!(
        text.starts_with("CLAUDE_OTEL_PATHS: invalid value 'all'") && text.contains("none, name, hash, full"),
        "{text}"
    );
    let text = configuration(filled("claude-otel watch", &[("CLAUDE_OTEL_POLL", "yes")]));
    assert_eq!(text, "CLAUDE_OTEL_POLL is \"yes\", which is none of true, false");
    let text = configuration(filled("claude-otel watch --config /nope/c.toml", &[]));
    assert!(text.starts_with("the configuration file /nope/c.toml cannot be read"), "{text}");
    assert!(matches!(filled("claude-otel watch --nope", &[("CLAUDE_OTEL_THREADS", "2")]), Err(Failure::Usage(_))));
}
