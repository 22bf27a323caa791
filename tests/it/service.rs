//! What a service manager is told.

use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::program::Program;

#[test]
fn it_is_told_of_the_beginning_and_the_end_though_the_destination_is_down() {
    let program = Program::new();
    program.transcript("00000000-0000-4000-8000-00000000000a.jsonl", "{}\n");
    let socket = program.path("notify");
    let heard = UnixDatagram::bind(&socket).unwrap();
    heard.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let root = program.root();
    // Nobody listens at this port.
    let args = ["watch", "--root", root.to_str().unwrap(), "--endpoint", "http://127.0.0.1:1", "--stop-timeout", "5s"];
    let mut child = program
        .command(&args)
        .env("NOTIFY_SOCKET", &socket)
        .env("WATCHDOG_USEC", "4000000")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let wait_for = |word: &str| {
        let mut buffer = [0; 4096];
        loop {
            let length = heard.recv(&mut buffer).unwrap();
            if String::from_utf8_lossy(&buffer[..length]).lines().any(|line| line == word) {
                return;
            }
        }
    };
    wait_for("READY=1");
    wait_for("WATCHDOG=1");
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    wait_for("STOPPING=1");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
