//! A receiver that notes when each call arrived. It lives in the process that writes, so that both have one clock.

use std::collections::HashMap;
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use memchr::memmem;

use crate::measure::sink::answer;
use crate::transcripts::{CALL, DIGITS};

/// When each call arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrivals(Arc<Mutex<HashMap<u64, Instant>>>);

impl Arrivals {
    /// Starts to receive; the address.
    pub(crate) fn receive(&self) -> io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let arrivals = self.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let arrivals = arrivals.clone();
                std::thread::spawn(move || {
                    // A connection that breaks is the sender's to notice.
                    let _ = answer(&connection, |body| arrivals.note(body));
                });
            }
        });
        Ok(address)
    }

    fn note(&self, body: &[u8]) {
        let now = Instant::now();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for place in memmem::find_iter(body, CALL) {
            let digits = body.get(place + CALL.len()..place + CALL.len() + DIGITS);
            if let Some(call) = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok()) {
                known.entry(call).or_insert(now);
            }
        }
    }

    pub(crate) fn of(&self, call: u64) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&call).copied()
    }
}
