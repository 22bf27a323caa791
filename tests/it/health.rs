//! The watcher's own health: what it answers, what it tells, and that nobody waits for it.

#![expect(clippy::float_cmp, reason = "sums of whole numbers are whole")]

use std::fs::{self, DirBuilder};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::program::Program;
use crate::support::transcript::{CallScript, write};
use receiver::{Mood, Receiver};

mod grpc;
mod parity;
mod receiver;

const SESSION: &str = "00000000-0000-4000-8000-00000000000a";

/// A running watcher.
struct Watcher {
    program: Program,
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // A test that fails must not leave it behind.
        let _ = self.child.kill();
    }
}

fn script() -> String {
    let call =
        CallScript { tokens: [10, 20, 0, 0], texts: 1, tools: vec![false], agent: Vec::new(), placeholder: false };
    write(SESSION, &vec![vec![call]; 4]).main
}

impl Watcher {
    fn start(more: &[&str], variables: &[(&str, &str)]) -> Self {
        let program = Program::new();
        program.transcript(&format!("{SESSION}.jsonl"), &script());
        let root = program.root();
        let mut args = vec!["watch", "--root", root.to_str().unwrap(), "--backfill", "all", "--destination", "work"];
        args.extend(more);
        let mut command = program.command(&args);
        command.envs([("OTEL_METRIC_EXPORT_INTERVAL", "200")]).envs(variables.iter().copied());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (heard, stderr) = (Arc::clone(&said), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                heard.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self { program, child, said }
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// The address that it says it answers at.
    fn address(&self) -> String {
        until("an address", || {
            let said = self.said();
            let line = said.lines().find(|line| line.contains("health is answered at "))?.to_owned();
            Some(line.rsplit("http://").next()?.to_owned())
        })
    }

    /// Asks it to end, and waits for that.
    fn end(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

/// Waits until there is something, for as long as a slow machine may need.
#[expect(clippy::disallowed_methods, reason = "the test waits for another process")]
fn until<T>(what: &str, mut get: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = get() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(90), "there never was {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn ask(mut stream: impl Read + Write, request: &str) -> (u16, String) {
    stream.write_all(format!("{request} HTTP/1.1\r\nHost: here\r\n\r\n").as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn get(address: &str, path: &str) -> (u16, String) {
    ask(TcpStream::connect(address).unwrap(), &format!("GET {path}"))
}

/// The value of a series in Prometheus' format; every line is read, so that a broken one is seen.
fn value(text: &str, series: &str) -> Option<f64> {
    let mut found = None;
    let mut types = std::collections::BTreeMap::new();
    for line in text.lines() {
        if let Some(about) = line.strip_prefix("# ") {
            let words: Vec<&str> = about.splitn(3, ' ').collect();
            assert!(matches!(words[0], "HELP" | "TYPE") && words.len() == 3, "{line}");
            if words[0] == "TYPE" {
                assert_eq!(types.insert(words[1].to_owned(), words[2].to_owned()), None, "{line} comes twice");
            }
            continue;
        }
        let (name, number) = line.rsplit_once(' ').unwrap();
        let number: f64 = number.parse().unwrap_or_else(|_| panic!("{line} has no number"));
        let bare = name.split('{').next().unwrap();
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| bare.strip_suffix(end)).unwrap_or(bare);
        assert!(types.contains_key(family) || types.contains_key(bare), "{line} has no type");
        if name == series {
            found = Some(number);
        }
    }
    found
}

fn is_ready(address: &str) -> Option<()> {
    (get(address, "/readyz").0 == 200).then_some(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_answered_told_and_delivered_are_the_same_numbers() {
    let receiver = Receiver::start().await;
    let mut watcher = Watcher::start(&["--health", "127.0.0.1:0", "--endpoint", &receiver.url()], &[]);
    let address = watcher.address();
    until("readiness", || is_ready(&address));
    assert_eq!(get(&address, "/healthz"), (200, "ok\n".to_owned()));
    let delivered =
        |signal: &str| format!("claude_otel_export_delivered_total{{destination=\"work\",signal=\"{signal}\"}}");
    let lag = "claude_otel_lag_size_bytes{destination=\"work\"}";
    let text = until("an end of the lag", || {
        let (_, text) = get(&address, "/metrics");
        let spans = value(&text, &delivered("traces")).unwrap();
        (value(&text, lag) == Some(0.0) && spans > 0.0).then_some(text)
    });
    let spans = receiver.counts().spans as f64;
    assert_eq!(value(&text, &delivered("traces")), Some(spans));
    assert_eq!(
        value(&text, "claude_otel_lines_read_total{destination=\"work\"}"),
        Some(script().lines().count() as f64)
    );
    assert_eq!(value(&text, "claude_otel_lag_duration_seconds{destination=\"work\"}"), Some(0.0));
    assert!(value(&text, "claude_otel_checkpoint_commits_total{destination=\"work\"}").unwrap() >= 1.0);
    assert!(value(&text, "claude_otel_process_cpu_seconds_total").unwrap() > 0.0);
    let requests = value(&text, "claude_otel_export_duration_seconds_count{destination=\"work\",signal=\"traces\"}");
    assert!(requests.unwrap() >= 1.0);

    // The same is told to the receiver, under names of its own.
    let told = until("telling", || {
        let told = receiver.own();
        (told.get("claude_otel.export.delivered{traces}") == Some(&spans)).then_some(told)
    });
    assert_eq!(told["claude_otel.lines.read{}"], script().lines().count() as f64);
    assert!(told["claude_otel.export.duration{traces}"] >= 1.0);
    assert_eq!(receiver.own_service(), Some("claude-otel".to_owned()));

    assert_eq!(ask(TcpStream::connect(&address).unwrap(), "POST /metrics").0, 405);
    assert_eq!(ask(TcpStream::connect(&address).unwrap(), "HEAD /healthz"), (200, String::new()));
    assert_eq!(get(&address, "/elsewhere").0, 404);
    let text = get(&address, "/metrics").1;
    assert!(!text.contains(SESSION) && !text.contains("projects") && !text.contains("/v1/"), "{text}");
    assert_eq!(watcher.end(), Some(0));
    let status = watcher.program.run(&["status", "--json"]);
    assert_eq!(status.code(), 0);
    assert!(TcpStream::connect(&address).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_refused_is_not_ready_until_something_is_taken() {
    let receiver = Receiver::start().await;
    receiver.set(Mood { traces: Some(503), metrics: None });
    let watcher = Watcher::start(&["--health", "127.0.0.1:0", "--endpoint", &receiver.url()], &[]);
    let address = watcher.address();
    let reason = until("a refusal", || {
        let (status, text) = get(&address, "/readyz");
        (status == 503 && text.contains("takes nothing")).then_some(text)
    });
    assert!(reason.starts_with("work: "), "{reason}");
    let text = get(&address, "/metrics").1;
    assert!(value(&text, "claude_otel_lag_size_bytes{destination=\"work\"}").unwrap() > 0.0);
    assert_eq!(get(&address, "/healthz").0, 200);
    receiver.set(Mood::default());
    until("readiness", || is_ready(&address));
    let text = get(&address, "/metrics").1;
    assert!(value(&text, "claude_otel_export_retries_total{destination=\"work\",signal=\"traces\"}").unwrap() >= 1.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_takes_no_metrics_holds_up_nothing() {
    for metrics in [503, receiver::SILENCE] {
        let receiver = Receiver::start().await;
        receiver.set(Mood { traces: None, metrics: Some(metrics) });
        let mut watcher = Watcher::start(&["--endpoint", &receiver.url(), "--stop-timeout", "20s"], &[]);
        until("spans", || (receiver.counts().spans > 0).then_some(()));
        until("an attempt", || (receiver.counts().metric_requests > 1).then_some(()));
        assert_eq!(watcher.end(), Some(0), "{}", watcher.said());
        assert!(!watcher.said().contains("own metrics"), "{}", watcher.said());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_told_of_itself_when_that_is_switched_off() {
    let receiver = Receiver::start().await;
    let url = receiver.url();
    let variable = [("CLAUDE_OTEL_SELF_TELEMETRY", "off")];
    let _watcher = Watcher::start(&["--endpoint", &url], &variable);
    until("other metrics", || (receiver.counts().metric_requests > 4).then_some(()));
    assert!(receiver.own().is_empty());
}

#[test]
fn a_socket_is_for_its_owner_alone_and_goes_with_the_watcher() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own/health");
    DirBuilder::new().mode(0o700).create(path.parent().unwrap()).unwrap();
    // What a process left that is no more.
    drop(UnixListener::bind(&path).unwrap());
    let place = format!("unix:{}", path.display());
    let out = folder.path().join("out");
    let mut watcher = Watcher::start(&["--otlp-file", out.to_str().unwrap()], &[("CLAUDE_OTEL_HEALTH", &place)]);
    let text = until("readiness", || {
        let stream = UnixStream::connect(&path).ok()?;
        (ask(stream, "GET /readyz").0 == 200).then(|| ask(UnixStream::connect(&path).unwrap(), "GET /metrics").1)
    });
    assert_eq!(value(&text, "claude_otel_following{destination=\"work\"}"), Some(1.0));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let second = Program::new();
    let refused = second.run(&["watch", "--root", "/", "--otlp-file", "out", "--health", &place]);
    assert_eq!(refused.code(), 3, "{}", refused.stderr());
    assert!(refused.stderr().contains("another process answers"), "{}", refused.stderr());
    assert_eq!(watcher.end(), Some(0));
    assert!(!path.exists());
}

#[test]
fn places_that_others_can_reach_are_refused() {
    let program = Program::new();
    fs::create_dir_all(program.root()).unwrap();
    let refused = |place: &str| {
        let root = program.root();
        let run = program.run(&["watch", "--root", root.to_str().unwrap(), "--otlp-file", "out", "--health", place]);
        (run.code(), run.stderr())
    };
    for place in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let (code, said) = refused(place);
        assert_eq!(code, 3, "{said}");
        assert!(said.contains("--health-public"), "{said}");
    }
    let open = program.path("open");
    DirBuilder::new().mode(0o755).create(&open).unwrap();
    assert_in(&refused(&format!("unix:{}/health", open.display())), "make it 0700");
    let own = program.path("own");
    DirBuilder::new().mode(0o700).create(&own).unwrap();
    fs::write(own.join("health"), "mine").unwrap();
    assert_in(&refused(&format!("unix:{}/health", own.display())), "is no socket");
    assert_eq!(fs::read_to_string(own.join("health")).unwrap(), "mine");
    assert_eq!(refused("nowhere").0, 2);
    assert!(Path::new(&open).exists());
}

fn assert_in((code, said): &(i32, String), words: &str) {
    assert_eq!(*code, 3, "{said}");
    assert!(said.contains(words), "{said}");
}
