//! A receiver that takes everything and keeps nothing but a fingerprint, in a process of its own.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

/// The name of the part that a process plays as receiver.
pub(crate) const PART: &str = "sink";

/// What arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
    /// The sum of the requests' fingerprints, since requests that are under way at the same time arrive in any order.
    pub(crate) digest: u64,
}

/// A receiver that runs.
#[derive(Debug)]
pub(crate) struct Sink {
    child: Child,
    told: BufReader<std::process::ChildStdout>,
    pub(crate) address: String,
}

impl Sink {
    pub(crate) fn start(mut command: Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or_else(|| io::Error::other("the receiver has no output"))?;
        let mut told = BufReader::new(stdout);
        let mut address = String::new();
        told.read_line(&mut address)?;
        Ok(Self { child, told, address: format!("http://{}", address.trim()) })
    }

    /// Ends it and asks what arrived.
    pub(crate) fn end(mut self) -> io::Result<Arrived> {
        drop(self.child.stdin.take());
        let mut text = String::new();
        self.told.read_to_string(&mut text)?;
        self.child.wait()?;
        let told: Value = serde_json::from_str(&text)?;
        let number = |name: &str| told[name].as_u64().unwrap_or_default();
        Ok(Arrived { requests: number("requests"), bytes: number("bytes"), digest: number("digest") })
    }
}

/// Receives until its input ends.
pub(crate) fn serve() -> io::Result<()> {
    #[derive(Default)]
    struct Counts {
        requests: AtomicU64,
        bytes: AtomicU64,
        digest: AtomicU64,
    }
    let counts = Arc::new(Counts::default());
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut out = io::stdout();
    writeln!(out, "{}", listener.local_addr()?)?;
    out.flush()?;
    let shared = Arc::clone(&counts);
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let counts = Arc::clone(&shared);
            std::thread::spawn(move || {
                // A connection that breaks is the sender's to notice.
                let _ = answer(&connection, |body| {
                    counts.requests.fetch_add(1, Ordering::Relaxed);
                    counts.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
                    counts.digest.fetch_add(xxh3_64(body), Ordering::Relaxed);
                });
            });
        }
    });
    io::copy(&mut io::stdin(), &mut io::sink())?;
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    writeln!(
        out,
        "{}",
        json!({"requests": of(&counts.requests), "bytes": of(&counts.bytes), "digest": of(&counts.digest)})
    )
}

/// Answers the requests of one connection.
pub(crate) fn answer(connection: &TcpStream, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut input = BufReader::with_capacity(256 * 1024, connection);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if input.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let head = line.trim_end();
            if head.is_empty() {
                break;
            }
            if let Some((name, value)) = head.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        body.resize(length, 0);
        input.read_exact(&mut body)?;
        take(&body);
        let mut out = connection;
        out.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n")?;
    }
}
