//! `claude-otel live`, in a terminal and in a pipe, while sessions are written.

mod growing;
mod pty;

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use self::growing::Growing;
use self::pty::Pty;
use crate::support::program::Program;

/// The program looking at a fresh root, in a terminal of this size.
fn in_terminal(more: &[&str], size: (u16, u16)) -> (Program, Growing, Pty) {
    let program = Program::new();
    std::fs::create_dir_all(program.root()).unwrap();
    let root = program.root();
    let args = [&["live", "--utc", "--root", root.to_str().unwrap()][..], more].concat();
    let mut pty = Pty::start(&program, &args, size);
    pty.until("the empty screen", |text| text.contains("No session was active"));
    let session = Growing::new(&root, 1);
    (program, session, pty)
}

#[test]
fn a_tool_appears_while_it_runs_and_is_done_when_its_result_is_there() {
    let (_program, mut session, mut pty) = in_terminal(&["--content", "summary"], (100, 24));
    session.prompt("Run the tests");
    session.calls(1, "Bash", "cargo test --workspace");
    pty.until("the running tool", |text| text.contains("└ Bash  cargo test") && text.contains("working"));
    pty.press("\r");
    pty.until("the list", |text| text.contains("● Bash  cargo test") && text.contains("Esc back"));
    session.result(1);
    pty.until("the result", |text| text.contains("✓ Bash  cargo test"));
    session.answers(2, "All is well");
    pty.until("the answer", |text| text.contains("idle") && text.contains("All is well"));
    pty.press("\u{1b}");
    let all = pty.until("all sessions", |text| text.contains("Enter look into"));
    assert!(all.contains("api main") && all.contains("context 10.0k 90% cached"), "{all}");
    assert!(!all.contains("└ Bash"), "{all}");
    pty.press("q");
    let (code, left) = pty.end();
    assert_eq!(code, 0, "{left}");
    assert!(left.contains("1 session seen") && left.contains(session.short()), "{left}");
}

#[test]
fn every_way_out_leaves_the_terminal_as_it_was() {
    for way in ["Ctrl-C", "SIGTERM"] {
        let (_program, mut session, mut pty) = in_terminal(&[], (80, 24));
        session.prompt("hello");
        pty.until("the session", |text| text.contains("waiting for model"));
        match way {
            "Ctrl-C" => pty.press("\u{3}"),
            _ => pty.terminate(),
        }
        let (code, left) = pty.end();
        assert_eq!(code, 0, "{way}: {left}");
        assert!(!left.contains("panicked"), "{way}: {left}");
    }
}

#[test]
fn without_its_terminal_it_ends() {
    let program = Program::new();
    let root = program.root();
    std::fs::create_dir_all(&root).unwrap();
    pty::vanishing(&program, &["live", "--root", root.to_str().unwrap()]);
}

#[test]
fn another_size_is_another_drawing() {
    let (_program, mut session, mut pty) = in_terminal(&[], (80, 24));
    session.prompt("hello");
    session.calls(1, "Bash", "ls");
    pty.until("the session", |text| text.contains("└ Bash"));
    pty.resize((200, 50));
    // The chosen session is beside the others now.
    pty.until("the wide screen", |text| text.contains("└ Bash") && text.contains("● Bash"));
    pty.resize((60, 12));
    pty.until("the small screen", |text| {
        let lines: Vec<&str> = text.lines().collect();
        text.contains("└ Bash") && !text.contains("● Bash") && lines.last().is_some_and(|line| line.contains("choose"))
    });
    pty.press("q");
    assert_eq!(pty.end().0, 0);
}

#[test]
fn at_content_level_none_no_text_and_no_command_reaches_the_terminal() {
    let (_program, mut session, mut pty) = in_terminal(&[], (120, 24));
    session.prompt("CANARY \u{1b}]0;owned\u{7}");
    session.calls(1, "Bash\u{1b}[5m", "echo CANARY");
    pty.until("the session", |text| text.contains("working"));
    pty.press("\r");
    pty.until("the list", |text| text.contains("Esc back"));
    session.result(1);
    session.answers(2, "CANARY");
    pty.until("the end", |text| text.contains("idle"));
    let raw = String::from_utf8_lossy(&pty.raw).into_owned();
    assert!(!raw.contains("CANARY") && !raw.contains("owned") && !raw.contains("\u{1b}[5m"), "{raw:?}");
    pty.press("q");
    pty.end();
}

#[test]
fn what_is_no_terminal_is_told_of_the_lines() {
    let program = Program::new();
    std::fs::create_dir_all(program.root()).unwrap();
    let run = program.run(&["live", "--root", program.root().to_str().unwrap()]);
    assert_eq!((run.code(), run.stdout().as_str()), (2, ""));
    assert!(run.stderr().contains("live --plain"), "{}", run.stderr());
}

/// The program in a pipe.
struct Piped {
    child: Child,
    lines: Receiver<String>,
    notes: Receiver<String>,
}

impl Piped {
    fn start(program: &Program, more: &[&str]) -> Self {
        let root = program.root();
        std::fs::create_dir_all(&root).unwrap();
        let args = [&["live", "--utc", "--root", root.to_str().unwrap()][..], more].concat();
        let mut child = program.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, notes) = (read(child.stdout.take().unwrap()), read(child.stderr.take().unwrap()));
        let piped = Self { child, lines, notes };
        // From here on, what is written is new.
        while !piped.note().starts_with("following ") {}
        piped
    }

    fn note(&self) -> String {
        self.notes.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    /// Ends it; gives back the lines that nobody has asked for.
    fn end(mut self) -> Vec<String> {
        let id = rustix::process::Pid::from_raw(self.child.id() as i32).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        self.lines.iter().collect()
    }
}

fn read(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

#[test]
fn lines_come_once_in_order_and_never_for_copies() {
    let program = Program::new();
    let mut old = Growing::new(&program.root(), 9);
    old.prompt("before");
    old.answers(1, "said before");
    let piped = Piped::start(&program, &["--plain", "--content", "summary"]);
    old.prompt("and now");
    // Its first turn may come to its end only now; that it began was before.
    let first = std::iter::from_fn(|| Some(piped.line())).find(|line| !line.contains("🎉 turn 1")).unwrap();
    assert!(first.contains("🤖 turn 2"), "{first}");
    let mut session = Growing::new(&program.root(), 1);
    session.prompt("Run the tests");
    let mut said = vec![piped.line()];
    session.calls(1, "Bash", "cargo test");
    said.push(piped.line());
    session.result(1);
    said.push(piped.line());
    session.answers(2, "All is well");
    said.push(piped.line());
    let marks = ["🤖 turn 1", "🔧 Bash  cargo test", "✅ Bash", "🎉 turn 1"];
    for (line, mark) in said.iter().zip(marks) {
        assert!(line.contains(&format!(" api {} {mark}", session.short())), "{mark}: {said:#?}");
        assert!(!line.contains('\u{1b}'), "{line:?}");
    }
    assert!(said[3].contains("20.4k tokens · $0."), "{said:#?}");
    let mut fork = session.fork(2);
    fork.prompt("Another way");
    let own = piped.line();
    assert!(own.contains(&format!(" api {} 🤖 turn", fork.short())) && own.contains("Another way"), "{own}");
    assert_eq!(piped.end(), [""; 0]);
}

#[test]
fn from_the_start_as_json_and_without_texts() {
    let program = Program::new();
    let mut session = Growing::new(&program.root(), 1);
    session.prompt("CANARY prompt");
    session.calls(1, "Bash", "cargo CANARY");
    session.result(1);
    let piped = Piped::start(&program, &["--json", "--from-start"]);
    let events: Vec<Value> = (0..3).map(|_| serde_json::from_str(&piped.line()).unwrap()).collect();
    let kinds: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["turn_start", "tool_start", "tool_end"]);
    assert_eq!((&events[1]["id"], &events[1]["summary"]), (&events[2]["id"], &Value::from("cargo")));
    assert_eq!((&events[2]["outcome"], &events[2]["project"]), (&Value::from("success"), &Value::from("api")));
    assert!(!format!("{events:?}").contains("CANARY"), "{events:#?}");
    // Every field of an event is on the page.
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/live.md")).unwrap();
    for name in events.iter().flat_map(|event| event.as_object().unwrap().keys()) {
        assert!(page.contains(&format!("| `{name}` |")), "{name} is not on the page");
    }
    assert_eq!(piped.end(), [""; 0]);
}

#[test]
fn nothing_of_state_is_made_and_polling_sees_the_same() {
    let program = Program::new();
    let piped = Piped::start(&program, &["--plain", "--no-emoji", "--poll", "--interval", "100ms"]);
    let mut session = Growing::new(&program.root(), 1);
    session.prompt("hello");
    let line = piped.line();
    assert!(line.contains(" turn ") && line.is_ascii(), "{line}");
    piped.end();
    assert!(!program.path("state").exists() && !program.path("home").exists());
}
