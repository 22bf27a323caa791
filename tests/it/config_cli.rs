//! `config show` and `config check`, and how the file is found.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::program::Program;

fn setting<'a>(settings: &'a Value, name: &str) -> (&'a Value, &'a str) {
    let found = settings.as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap();
    (&found["value"], found["origin"].as_str().unwrap())
}

fn write(program: &Program, name: &str, text: &str) -> String {
    let path = program.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.display().to_string()
}

#[test]
fn every_value_is_shown_with_its_origin_and_no_key_is() {
    let program = Program::new();
    let keys = write(&program, "keys", "x-key: s3cret-of-file\n");
    let config = write(
        &program,
        "home/.config/claude-otel/config.toml",
        &format!(
            "session_idle = \"1h\"\npaths = \"full\"\n\n[destinations.a]\nendpoint = \"https://h.example/otlp?key=s3cret\"\nheaders_file = \"{keys}\"\n"
        ),
    );
    let output = program
        .command(&["config", "show", "--json", "--trace-scope", "session", "-vv"])
        .env("CLAUDE_OTEL_PATHS", "none")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(!out.contains("s3cret") && !err.contains("s3cret"), "{out} {err}");
    let shown: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(shown["file"], config);
    let run = &shown["settings"];
    assert_eq!(setting(run, "trace_scope"), (&"session".into(), "--trace-scope"));
    assert_eq!(setting(run, "paths"), (&"none".into(), "CLAUDE_OTEL_PATHS"));
    assert_eq!(setting(run, "session_idle"), (&"1h".into(), format!("{config}:1 (session_idle)").as_str()));
    assert_eq!(setting(run, "max_open"), (&"24h".into(), "default"));
    let one = &shown["destinations"][0];
    assert_eq!(one["name"], "a");
    let settings = &one["settings"];
    assert_eq!(
        setting(settings, "endpoint"),
        (&"https://h.example/otlp".into(), format!("{config}:5 (destinations.a.endpoint)").as_str())
    );
    assert_eq!(setting(settings, "headers").0, "x-key=***");
    let text = program.run(&["config", "show"]);
    assert!(text.stdout().contains("destination a: https://h.example:443/otlp"), "{}", text.stdout());
    assert!(!text.stdout().contains("s3cret"));
}

#[test]
fn a_file_with_keys_that_others_can_read_is_warned_of() {
    let program = Program::new();
    let keys = write(&program, "keys", "x-key=1\n");
    let args = ["config", "check", "--endpoint", "http://127.0.0.1:1", "--headers-file", &keys];
    let closed = program.run(&args);
    assert_eq!(closed.code(), 0, "{}", closed.stderr());
    assert!(!closed.stderr().contains("chmod"), "{}", closed.stderr());
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = program.run(&args);
    assert!(open.stderr().contains("chmod 600"), "{}", open.stderr());
    assert!(open.stdout().contains("with the headers x-key=***"), "{}", open.stdout());
}

#[test]
fn check_names_everything_that_cannot_work() {
    let program = Program::new();
    let config = write(
        &program,
        "config.toml",
        "[destinations.a]\nendpoint = \"https://h.example\"\ncertificate = \"nope.pem\"\n[destinations.b]\notlp_file = \"out\"\n",
    );
    let checked = program.run(&["config", "check", "--config", &config]);
    assert_eq!(checked.code(), 3);
    assert!(checked.stderr().contains("a: ") && checked.stderr().contains("nope.pem"), "{}", checked.stderr());
    assert!(checked.stdout().contains("b: traces,metrics,logs go to OTLP/JSON files in"), "{}", checked.stdout());
    assert!(!program.path("out").exists() && !program.path("state").exists());
    let root = program.run(&["config", "check", "--root", "/nope", "--otlp-file", "out"]);
    assert_eq!(root.code(), 3);
}

#[test]
fn mistakes_in_the_file_end_with_3_and_name_the_line() {
    let program = Program::new();
    for (text, words) in [
        ("\nrots = []", "config.toml:2: there is no setting rots"),
        ("paths = \"all\"", "config.toml:1 (paths): invalid value 'all'"),
        ("[destinations.a]\nheaders = { k = \"s3cret\" }", "headers_file"),
        ("[destinations.a]\nendpoint = \"h\"", "config.toml:2 (destinations.a.endpoint) must start with"),
        ("preset = \"nope\"", "there is no preset \"nope\""),
    ] {
        let config = write(&program, "config.toml", text);
        let ran = program.run(&["watch", "--config", &config, "--once"]);
        assert_eq!(ran.code(), 3, "{text}: {}", ran.stderr());
        assert!(ran.stderr().contains(words) && !ran.stderr().contains("s3cret"), "{text}: {}", ran.stderr());
    }
    let two = program.command(&["config", "show"]).env("LOGFIRE_TOKEN", "t").env("DD_API_KEY", "k").output().unwrap();
    assert_eq!(two.status.code(), Some(3));
}

#[test]
fn the_example_in_the_documentation_can_be_read() {
    let page = include_str!("../../docs/configuration.md");
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let program = Program::new();
    std::fs::create_dir_all(program.path("claude/projects")).unwrap();
    let example = example.replace("~/.claude/projects", program.path("claude/projects").to_str().unwrap());
    write(&program, "langfuse.headers", "authorization: Basic eDp5\n");
    let config = write(&program, "config.toml", &example);
    let checked = program
        .command(&["config", "check", "--config", &config])
        .env("LOGFIRE_TOKEN", "pylf_v1_eu_t")
        .output()
        .unwrap();
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stderr));
    // Every key of the table stands in the example, so that it stays the reference.
    for setting in claude_otel::config::settings::ALL.iter().filter(|setting| setting.is_in_files()) {
        let is_there = example.lines().any(|line| {
            let line = line.trim_start_matches("# ").trim_start_matches('[');
            line.starts_with(setting.name) && !line[setting.name.len()..].starts_with('_')
        });
        assert!(is_there, "{} is not in the example", setting.name);
    }
}
