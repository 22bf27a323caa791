//! What any program that reads transcripts has to do at least, and what the plainest one does.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::corpus::transcripts;

/// Reads every byte and finds the ends of lines.
pub(crate) const READ: &str = "read";
/// Makes a `Value` of every line.
pub(crate) const VALUE: &str = "value";

/// Counts lines.
pub(crate) fn read(root: &Path) -> io::Result<u64> {
    let mut buffer = vec![0; 256 * 1024];
    let mut lines = 0;
    for path in transcripts(root)? {
        let mut file = File::open(path)?;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            lines += memchr::memchr_iter(b'\n', &buffer[..read]).count() as u64;
        }
    }
    Ok(lines)
}

/// Counts lines that are JSON objects with a type.
pub(crate) fn value(root: &Path) -> io::Result<u64> {
    let (mut lines, mut line) = (0, Vec::new());
    for path in transcripts(root)? {
        let mut file = BufReader::with_capacity(256 * 1024, File::open(path)?);
        loop {
            line.clear();
            if file.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let record: serde_json::Value = serde_json::from_slice(&line)?;
            lines += u64::from(record["type"].is_string());
        }
    }
    Ok(lines)
}
