//! `doctor` as a person or a script meets it.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use claude_otel::export::destination::Protocol;
use serde_json::Value;
use tokio::runtime::Runtime;
use tonic::Code;

use crate::otlp_tls::Authority;
use crate::status::session;
use crate::support::otlp_server::{Listen, OtlpServer, Step, refuse};
use crate::support::program::{Program, Run};

const ID: &str = "10000000-0000-4000-8000-000000000001";

/// A home with one session in the client's usual place.
fn at_home() -> Program {
    let program = Program::new();
    write(&transcript(&program), &session(ID));
    program
}

fn transcript(program: &Program) -> PathBuf {
    program.path(&format!("home/.claude/projects/-srv-api/{ID}.jsonl"))
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn server(listen: Listen, script: impl IntoIterator<Item = Step>) -> (Runtime, OtlpServer) {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(OtlpServer::start(listen, script));
    (runtime, server)
}

fn doctor(program: &Program, more: &[&str]) -> Run {
    program.run(&[&["doctor", "--json"], more].concat())
}

fn finding<'a>(report: &'a Value, id: &str) -> &'a Value {
    let found = report["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == id);
    found.unwrap_or_else(|| panic!("no {id} in {report:#}"))
}

fn has(report: &Value, id: &str) -> bool {
    report["findings"].as_array().unwrap().iter().any(|finding| finding["id"] == id)
}

fn ids_of(report: &Value, mark: &str) -> Vec<String> {
    let found = report["findings"].as_array().unwrap().iter().filter(|finding| finding["mark"] == mark);
    found.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

/// Everything below a folder, with what it holds and when it was written.
fn everything(dir: &Path) -> Vec<(PathBuf, Vec<u8>, Option<SystemTime>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().map(Result::unwrap) {
        let path = entry.path();
        let written = entry.metadata().unwrap().modified().ok();
        if path.is_dir() {
            all.push((path.clone(), Vec::new(), written));
            all.extend(everything(&path));
        } else {
            all.push((path.clone(), fs::read(&path).unwrap(), written));
        }
    }
    all.sort();
    all
}

#[test]
fn where_all_is_well_a_test_span_is_taken_and_nothing_is_touched() {
    let program = at_home();
    let (_runtime, server) = server(Listen::Http, []);
    let endpoint = format!("http://{}", server.addr);
    let before = everything(program.dir.path());
    let run = doctor(&program, &["--endpoint", &endpoint]);
    assert_eq!((run.code(), run.stderr().as_str()), (0, ""));
    assert_eq!(everything(program.dir.path()), before);
    let report = run.json();
    assert_eq!((&report["worst"], &report["code"]), (&report["worst"], &0.into()), "{report:#}");
    assert!(ids_of(&report, "wrong").is_empty() && report["counts"]["wrong"] == 0, "{report:#}");
    assert_eq!(finding(&report, "root-read")["facts"]["sessions"], 1);
    // What it says was sent is what came, and nothing else came.
    let received = server.received();
    assert_eq!(received.len(), 1);
    let spans = &received[0].request.resource_spans[0].scope_spans[0].spans;
    assert_eq!((spans.len(), spans[0].name.as_str()), (1, "claude-otel doctor"));
    assert_eq!(spans[0].attributes[0].key, "claude_otel.doctor");
    let trace = format!("{:032x}", u128::from_be_bytes(spans[0].trace_id.as_slice().try_into().unwrap()));
    let taken = finding(&report, "span-taken");
    assert_eq!(taken["facts"]["trace_id"], trace);
    assert!(taken["said"].as_str().unwrap().ends_with(&trace) && taken["facts"]["latency_ms"].is_u64(), "{taken}");
    let service = received[0].request.resource_spans[0].resource.as_ref().unwrap();
    assert!(service.attributes.iter().any(|attribute| attribute.key == "service.instance.id"));
    assert_eq!((server.received_metrics().len(), server.received_logs().len()), (1, 1));
    assert!(server.received_logs()[0].request.resource_logs.is_empty());
    // Another try has another trace.
    let again = doctor(&program, &["--endpoint", &endpoint]).json();
    assert_ne!(finding(&again, "span-taken")["facts"]["trace_id"], trace);
}

#[test]
fn every_transport_carries_the_test_span() {
    let program = at_home();
    for (listen, protocol) in [(Listen::Grpc, "grpc"), (Listen::Http, "http/json"), (Listen::Http, "http/protobuf")] {
        let (_runtime, server) = server(listen, []);
        let endpoint = format!("http://{}", server.addr);
        let args = ["--endpoint", &endpoint, "--protocol", protocol, "--compression", "gzip"];
        let run = doctor(&program, &args);
        assert_eq!((run.code(), has(&run.json(), "span-taken")), (0, true), "{protocol}: {}", run.stdout());
        assert_eq!(server.received().len(), 1, "{protocol}");
    }
}

#[test]
fn offline_contacts_nobody() {
    let program = at_home();
    let (_runtime, server) = server(Listen::Http, []);
    let report = doctor(&program, &["--offline", "--endpoint", &format!("http://{}", server.addr)]).json();
    assert!(has(&report, "offline") && !has(&report, "connected"), "{report:#}");
    assert!(server.received().is_empty());
}

#[test]
fn without_a_destination_there_is_a_note() {
    let run = doctor(&at_home(), &[]);
    assert_eq!(run.code(), 0);
    assert_eq!(finding(&run.json(), "destination-unset")["mark"], "note");
    let empty = doctor(&Program::new(), &[]);
    assert_eq!((empty.code(), finding(&empty.json(), "roots-none")["mark"].as_str()), (0, Some("warning")));
    let program = Program::new();
    fs::write(program.path("file"), "").unwrap();
    let run = doctor(&program, &["--otlp-file", program.path("file/out").to_str().unwrap()]);
    assert_eq!(run.code(), 4);
    assert!(has(&run.json(), "folder-unwritable"), "{}", run.stdout());
}

#[test]
fn each_way_to_fail_has_a_finding_and_an_exit_code() {
    let program = at_home();
    let dead = doctor(&program, &["--endpoint", "http://127.0.0.1:1"]);
    assert_eq!(dead.code(), 4);
    let report = dead.json();
    assert_eq!(ids_of(&report, "wrong"), ["connect-failed"]);
    assert_eq!((&report["worst"], &report["code"]), (&"wrong".into(), &4.into()));
    let nowhere = doctor(&program, &["--endpoint", "http://no-such-host.invalid:4318", "--timeout", "2s"]);
    assert_eq!((nowhere.code(), ids_of(&nowhere.json(), "wrong")), (4, vec!["name-unknown".to_owned()]));

    let cases = [
        (refuse(401, Code::Unauthenticated, "who is s3cret-key?"), "keys-refused", 4),
        (refuse(403, Code::PermissionDenied, "no"), "keys-refused", 4),
        (refuse(404, Code::Unimplemented, "no"), "address-wrong", 4),
        (refuse(415, Code::Unimplemented, "no"), "encoding-unread", 4),
        (refuse(422, Code::InvalidArgument, "no"), "span-refused", 4),
        (refuse(500, Code::Internal, "no"), "receiver-fails", 4),
        (refuse(503, Code::Unavailable, "no"), "receiver-busy", 0),
        (Step::Partial(1, "too old"), "span-rejected", 4),
        (Step::Partial(0, "rather use gzip"), "span-remarked", 0),
        (Step::Cut, "answer-none", 4),
    ];
    for (step, id, code) in cases {
        let (_runtime, server) = server(Listen::Http, [step.clone(), step]);
        let headers = program.path("keys");
        write(&headers, "x-key: s3cret-key\n");
        let endpoint = format!("http://{}", server.addr);
        let run = doctor(
            &program,
            &["--endpoint", &endpoint, "--signals", "traces", "--headers-file", headers.to_str().unwrap()],
        );
        let report = run.json();
        assert_eq!(run.code(), code, "{id}: {report:#}");
        let found = finding(&report, id);
        assert!(found["todo"].is_string(), "{found}");
        assert!(!run.stdout().contains("s3cret") && run.stdout().contains("x-key=***"), "{}", run.stdout());
    }
    // Nothing was set aside, and no state was made.
    assert!(!program.path("state").exists());
}

#[test]
fn a_wrong_path_is_told_for_each_signal() {
    let program = at_home();
    let (_runtime, server) = server(Listen::Http, []);
    let run = doctor(&program, &["--endpoint", &format!("http://{}/otlp", server.addr)]);
    assert_eq!((run.code(), ids_of(&run.json(), "wrong")), (4, vec!["address-wrong".to_owned(); 3]));
    assert!(finding(&run.json(), "address-wrong")["todo"].as_str().unwrap().contains("/v1/traces"));
}

#[test]
fn a_receiver_of_the_other_protocol_is_recognised() {
    let program = at_home();
    for (listen, protocol, advice) in
        [(Listen::Grpc, "http/protobuf", "--protocol grpc"), (Listen::Http, "grpc", "--protocol http/protobuf")]
    {
        let (_runtime, server) = server(listen, []);
        let endpoint = format!("http://{}", server.addr);
        let run = doctor(
            &program,
            &["--endpoint", &endpoint, "--protocol", protocol, "--signals", "traces", "--timeout", "1s"],
        );
        let todo = finding(&run.json(), "answer-none")["todo"].as_str().unwrap().to_owned();
        assert!(todo.contains(advice), "{protocol}: {}", run.stdout());
    }
}

#[test]
fn certificates_that_do_not_fit_are_explained() {
    let (program, ours, theirs) = (at_home(), Authority::new("ours"), Authority::new("theirs"));
    for protocol in [Protocol::HttpProtobuf, Protocol::Grpc] {
        let (_runtime, server) = server(theirs.listen(protocol, false), []);
        let name = protocol.to_string();
        let ask = |host: &str, authority: &Authority| {
            let endpoint = format!("https://{host}:{}", server.addr.port());
            let args = ["doctor", "--json", "--signals", "traces", "--endpoint", &endpoint, "--protocol", &name];
            let mut command = program.command(&args);
            Run(command.env("OTEL_EXPORTER_OTLP_CERTIFICATE", authority.file("ca.pem")).output().unwrap())
        };
        let run = ask("127.0.0.1", &theirs);
        assert_eq!((run.code(), has(&run.json(), "span-taken")), (0, true), "{protocol}: {}", run.stdout());
        for (host, authority, words) in [
            ("127.0.0.1", &ours, "an authority that this machine does not know"),
            ("localhost", &theirs, "another host"),
        ] {
            let run = ask(host, authority);
            let said = finding(&run.json(), "certificate-wrong")["said"].as_str().unwrap().to_owned();
            assert!(run.code() == 4 && said.contains(words), "{protocol}, {host}: {said}");
        }
    }
    let (_runtime, server) = server(theirs.listen(Protocol::HttpProtobuf, true), []);
    let endpoint = format!("https://{}", server.addr);
    let mut command = program.command(&["doctor", "--json", "--signals", "traces", "--endpoint", &endpoint]);
    let run = Run(command.env("OTEL_EXPORTER_OTLP_CERTIFICATE", theirs.file("ca.pem")).output().unwrap());
    let said = finding(&run.json(), "certificate-wrong")["said"].as_str().unwrap().to_owned();
    assert!(said.contains("asks who we are"), "{said}");
}

#[test]
fn a_clock_that_differs_is_told() {
    let program = at_home();
    let (_runtime, server) = server(Listen::Http, []);
    // The server of the tests sends the time of day as any other does.
    let endpoint = format!("http://{}", server.addr);
    let report = doctor(&program, &["--endpoint", &endpoint]).json();
    assert!(!has(&report, "clock-differs"), "{report:#}");
    let ahead = File::options().append(true).open(transcript(&program)).unwrap();
    ahead.set_modified(SystemTime::now() + Duration::from_secs(7200)).unwrap();
    let report = doctor(&program, &["--offline"]).json();
    let by = finding(&report, "times-ahead")["facts"]["ahead_ms"].as_i64().unwrap();
    assert!((7_000_000..=7_200_000).contains(&by), "{by}");
}

#[test]
fn prompts_without_a_transcript_are_counted_and_not_shown() {
    let program = at_home();
    let now = chrono::Utc::now().timestamp_millis();
    let line = |text: &str, age: i64, session: &str| {
        format!(
            r#"{{"display":"{text}","pastedContents":{{}},"timestamp":{},"project":"/srv/hidden","sessionId":"{session}"}}"#,
            now - age
        )
    };
    let gone = "20000000-0000-4000-8000-000000000002";
    let history =
        [line("kept", 3_600_000, ID), line("my s3cret plan", 7_200_000, gone), line("more of it", 7_100_000, gone)];
    write(&program.path("home/.claude/history.jsonl"), &(history.join("\n") + "\n"));
    let run = doctor(&program, &["--offline"]);
    let report = run.json();
    let facts = &finding(&report, "prompts-lost")["facts"];
    assert_eq!(
        (&facts["prompts"], &facts["lost"], &facts["lost_sessions"]),
        (&3.into(), &2.into(), &1.into()),
        "{report:#}"
    );
    for secret in ["s3cret", "hidden", gone] {
        assert!(!run.stdout().contains(secret), "{}", run.stdout());
    }
    assert!(!has(&report, "persistence-off"));
    let settings = r#"{"env":{"CLAUDE_CODE_SKIP_PROMPT_HISTORY":"1","CLAUDE_CODE_ENABLE_TELEMETRY":"1"}}"#;
    write(&program.path("home/.claude/settings.json"), settings);
    let report = doctor(&program, &["--offline"]).json();
    let origin = finding(&report, "persistence-off")["facts"]["origin"].as_str().unwrap().to_owned();
    assert!(origin.ends_with("settings.json"), "{origin}");
    assert!(has(&report, "client-telemetry") && !has(&report, "names-twice"));
    assert!(has(&doctor(&program, &["--offline", "--vocab", "claude_code"]).json(), "names-twice"));
}

#[test]
fn what_is_wrong_with_roots_and_settings_ends_with_3() {
    let program = at_home();
    let run = doctor(&program, &["--offline", "--root", "/does/not/exist"]);
    assert_eq!((run.code(), has(&run.json(), "root-wrong")), (3, true));
    let run = doctor(&program, &["--offline", "--privacy-rules", "/does/not/exist"]);
    assert_eq!((run.code(), has(&run.json(), "config-wrong")), (3, true));
    let run = program.command(&["doctor", "--json"]).env("CLAUDE_OTEL_ENDPOINT", "ftp://h").output().map(Run).unwrap();
    assert_eq!((run.code(), has(&run.json(), "config-wrong")), (3, true), "{}", run.stdout());
    // A key for hashes is made by whoever hashes, and by nobody else.
    assert_eq!(doctor(&program, &["--offline", "--paths", "hash"]).code(), 0);
    assert!(!program.path("state").exists());
}

#[test]
fn a_file_that_cannot_be_used_hides_nothing_else() {
    let program = at_home();
    let config = program.path("home/.config/claude-otel/config.toml");
    write(&config, "destinatoins = 1\n");
    let run = doctor(&program, &["--offline"]);
    let report = run.json();
    assert_eq!(run.code(), 3);
    let said = finding(&report, "config-wrong")["said"].as_str().unwrap();
    assert!(said.contains("config.toml:1") && said.contains("did you mean destinations?"), "{said}");
    assert!(has(&report, "root-read") && !has(&report, "config-read"), "{report:#}");
    // Nobody knows what the file would have said.
    assert!(!has(&report, "content-none") && !has(&report, "destination-unset"), "{report:#}");
    // So does a value that is none, and takes no other value with it; every other command says the same and ends.
    let root = program.path("elsewhere");
    fs::create_dir(&root).unwrap();
    write(&config, &format!("paths = \"nowhere\"\nroots = [{:?}]\ncontent = \"all\"\n", root.display().to_string()));
    let run = doctor(&program, &["--offline"]);
    let report = run.json();
    assert_eq!((run.code(), has(&report, "config-read"), has(&report, "content-none")), (3, true, false));
    let wrong: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["id"] == "config-wrong")
        .map(|one| one["said"].as_str().unwrap())
        .collect();
    assert!(wrong.len() == 2 && wrong[0].contains("paths") && wrong[1].contains("content"), "{wrong:?}");
    assert!(finding(&report, "root-empty")["said"].as_str().unwrap().contains("elsewhere"), "{report:#}");
    assert_eq!(program.run(&["backfill", "--dry-run"]).code(), 3);

    write(&config, "[destinations.wrong]\nendpoint = \"ftp://h\"\n[destinations.files]\notlp_file = \"out\"\n");
    let run = doctor(&program, &[]);
    let report = run.json();
    assert_eq!((run.code(), &finding(&report, "config-wrong")["destination"]), (3, &Value::from("wrong")));
    assert_eq!(finding(&report, "folder-writable")["destination"], "files");
}

#[test]
fn a_mistyped_variable_is_told_and_stops_nothing() {
    let program = at_home();
    let mut command = program.command(&["doctor", "--json", "--offline"]);
    let run = command.env("CLAUDE_OTEL_ROOT", "/srv/secret-place").output().map(Run).unwrap();
    let report = run.json();
    let said = finding(&report, "variable-unread");
    assert_eq!(said["facts"]["variable"], "CLAUDE_OTEL_ROOT", "{report:#}");
    assert!(said["said"].as_str().unwrap().contains("(did you mean CLAUDE_OTEL_ROOTS?)"), "{report:#}");
    assert!(run.code() == 0 && !run.stdout().contains("secret-place"), "{report:#}");
    assert!(!has(&doctor(&program, &["--offline"]).json(), "variable-unread"));
}

#[test]
fn links_and_open_files_are_told() {
    let program = at_home();
    let outside = program.path("outside");
    fs::create_dir(&outside).unwrap();
    write(&outside.join("x.jsonl"), "{}\n");
    symlink(&outside, program.path("home/.claude/projects/link")).unwrap();
    let keys = program.path("keys");
    fs::write(&keys, "x-key: s3cret-key\n").unwrap();
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).unwrap();
    let run =
        doctor(&program, &["--offline", "--endpoint", "http://h.example", "--headers-file", keys.to_str().unwrap()]);
    let report = run.json();
    assert!(finding(&report, "links-outside")["facts"]["first"].as_str().unwrap().ends_with("link"), "{report:#}");
    assert!(finding(&report, "keys-readable")["todo"].as_str().unwrap().starts_with("chmod 600 "), "{report:#}");
    assert_eq!((run.code(), run.stderr().as_str()), (0, ""));
}

#[test]
fn what_is_remembered_is_told_beside_a_holder() {
    let program = at_home();
    let root = program.path("home/.claude/projects");
    assert!(has(&doctor(&program, &[]).json(), "state-none"));
    let sent = program.run(&["backfill", "--finish", "--root", root.to_str().unwrap()]);
    assert_eq!(sent.code(), 0, "{}", sent.stderr());
    let before = everything(&program.path("state"));
    let report = doctor(&program, &[]).json();
    assert_eq!(everything(&program.path("state")), before);
    assert!(finding(&report, "state-read")["facts"]["last_acknowledged"].is_i64(), "{report:#}");
    assert!(!has(&report, "state-unwatched") && !has(&report, "retention-urgent"), "{report:#}");
    // Something new that nobody takes, and something old that goes tomorrow.
    let other = "20000000-0000-4000-8000-000000000002";
    let path = transcript(&program).with_file_name(format!("{other}.jsonl"));
    write(&path, &session(other));
    let old = File::options().append(true).open(&path).unwrap();
    old.set_modified(SystemTime::now() - Duration::from_secs(29 * 86_400)).unwrap();
    let report = doctor(&program, &[]).json();
    assert_eq!(finding(&report, "state-unwatched")["facts"]["transcripts"], 1, "{report:#}");
    assert_eq!(finding(&report, "retention-urgent")["facts"]["transcripts"], 1);
    // Copies that cannot be read are told from none.
    let state = fs::read_dir(program.path("state/claude-otel/destinations")).unwrap().next().unwrap().unwrap().path();
    for name in ["checkpoints.json", "checkpoints.previous.json"] {
        fs::write(state.join(name), "{").unwrap();
    }
    fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
    let report = doctor(&program, &[]).json();
    assert!(has(&report, "state-unreadable") && has(&report, "state-open"), "{report:#}");
}

#[test]
fn every_destination_of_the_file_is_checked_under_its_name() {
    let program = at_home();
    let (_runtime, server) = server(Listen::Http, []);
    let config = program.path("home/.config/claude-otel/config.toml");
    let text = format!(
        "[destinations.good]\nendpoint = \"http://{}\"\n[destinations.dead]\nendpoint = \"http://127.0.0.1:1\"\n\
         [destinations.files]\notlp_file = \"out\"\n",
        server.addr
    );
    write(&config, &text);
    let run = doctor(&program, &[]);
    let report = run.json();
    assert_eq!(run.code(), 4);
    for (id, name) in [("span-taken", "good"), ("connect-failed", "dead"), ("folder-writable", "files")] {
        assert_eq!(finding(&report, id)["destination"], name);
    }
    let one = doctor(&program, &["--destination", "good"]);
    assert_eq!((one.code(), &finding(&one.json(), "span-taken")["destination"]), (0, &Value::Null));
    let text = program.run(&["doctor"]).stdout();
    for heading in ["destination dead", "destination files", "destination good", "state good"] {
        assert!(text.lines().any(|line| line == heading), "{heading} in {text}");
    }
    assert!(text.contains("[connect-failed]") && text.ends_with('\n') && !text.contains('\u{1b}'), "{text}");
    assert!(text.trim_end().lines().last().unwrap().starts_with("1 thing is wrong"), "{text}");
}

#[test]
fn it_runs_beside_a_watcher() {
    let program = at_home();
    let (_runtime, server) = server(Listen::Http, []);
    let endpoint = format!("http://{}", server.addr);
    let mut child = program
        .command(&["watch", "--endpoint", &endpoint])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut lines = std::io::BufRead::lines(stderr);
    assert!(lines.any(|line| line.unwrap().starts_with("caught up")));
    let run = doctor(&program, &["--endpoint", &endpoint]);
    let report = run.json();
    assert_eq!(run.code(), 0, "{report:#}");
    assert_eq!(finding(&report, "state-read")["facts"]["pid"], child.id(), "{report:#}");
    assert!(has(&report, "span-taken"));
    let kill = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    drop(lines.map(Result::unwrap).collect::<Vec<_>>());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
