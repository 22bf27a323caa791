//! An OTLP/HTTP receiver that misbehaves by chance, closes its port, and keeps everything that it was sent.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use super::counts::Counts;
use super::dice::Dice;

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    None,
    /// 429 with `Retry-After: 1`.
    TooMany,
    /// 503, and so for the next few requests.
    Unavailable,
    /// No answer until the sender has lost its patience.
    Hang,
    /// The connection breaks before the body is read.
    Reset,
    /// The body is read and kept, and the connection breaks without an answer.
    Ambiguous,
    /// The body is read and lost, and the connection breaks without an answer.
    Swallowed,
    /// Some spans are rejected for good.
    Partial,
}

/// What chance chooses from: the most treacherous twice.
const FAULTS: [Fault; 8] = [
    Fault::TooMany,
    Fault::Unavailable,
    Fault::Hang,
    Fault::Reset,
    Fault::Ambiguous,
    Fault::Ambiguous,
    Fault::Swallowed,
    Fault::Partial,
];

/// How requests meet faults.
#[derive(Debug, Clone)]
pub(crate) enum Manners {
    /// Everything goes well.
    Good,
    /// So many of a hundred requests meet a fault.
    Chance(u64, Dice),
    /// One after the other, and then from the beginning.
    Cycle(&'static [Fault]),
}

/// One arrival of a span.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) span: Arc<Span>,
    /// Whether the sender was told so.
    pub(crate) is_acknowledged: bool,
    /// Whether it was rejected, for good.
    pub(crate) is_rejected: bool,
    /// Whether a `reexport` sent it.
    pub(crate) is_reexported: bool,
}

/// The header by which the sender says that it is a `reexport`.
pub(crate) const REEXPORT: &str = "x-reexport";

#[derive(Debug)]
struct Inside {
    arrivals: HashMap<Vec<u8>, Vec<Arrival>>,
    counts: Counts,
    /// Events by their bytes, and whether the sender was told that one was taken or rejected.
    events: HashMap<Vec<u8>, bool>,
    manners: Manners,
    burst: u64,
    is_closed: bool,
    is_over: bool,
    requests: u64,
    acknowledged: u64,
    met: BTreeMap<Fault, u64>,
    connections: Vec<TcpStream>,
}

#[derive(Debug)]
struct Common {
    inside: Mutex<Inside>,
    news: Condvar,
}

/// A running receiver.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) addr: SocketAddr,
    common: Arc<Common>,
}

impl Receiver {
    /// Starts a receiver that answers everything well.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let inside = Inside {
            arrivals: HashMap::new(),
            counts: Counts::default(),
            events: HashMap::new(),
            manners: Manners::Good,
            burst: 0,
            is_closed: false,
            is_over: false,
            requests: 0,
            acknowledged: 0,
            met: BTreeMap::new(),
            connections: Vec::new(),
        };
        let common = Arc::new(Common { inside: Mutex::new(inside), news: Condvar::new() });
        let serving = Arc::clone(&common);
        std::thread::spawn(move || serve(addr, Some(listener), &serving));
        Self { addr, common }
    }

    /// From now on requests are met like this.
    pub(crate) fn behave(&self, manners: Manners) {
        let mut inside = self.inside();
        (inside.manners, inside.burst) = (manners, 0);
    }

    /// Closes the port, or opens it again.
    pub(crate) fn close(&self, is_closed: bool) {
        let mut inside = self.inside();
        inside.is_closed = is_closed;
        if is_closed {
            for connection in inside.connections.drain(..) {
                // It may be closed already.
                let _closed = connection.shutdown(Shutdown::Both);
            }
        }
    }

    /// Waits for the next acknowledgement; false when none comes in time.
    pub(crate) fn await_acknowledgement(&self, patience: Duration) -> bool {
        let inside = self.inside();
        let before = inside.acknowledged;
        let (_inside, waited) =
            self.common.news.wait_timeout_while(inside, patience, |now| now.acknowledged == before).unwrap();
        !waited.timed_out()
    }

    /// How many requests came in whole.
    pub(crate) fn requests(&self) -> u64 {
        self.inside().requests
    }

    /// How many requests met each fault.
    pub(crate) fn faults(&self) -> BTreeMap<Fault, u64> {
        self.inside().met.clone()
    }

    /// Everything that arrived, by span id.
    pub(crate) fn arrivals(&self) -> HashMap<Vec<u8>, Vec<Arrival>> {
        self.inside().arrivals.clone()
    }

    /// The events that have arrived, by their bytes, and whether the sender knows it.
    pub(crate) fn events(&self) -> HashMap<Vec<u8>, bool> {
        self.inside().events.clone()
    }

    /// What metrics have counted to.
    pub(crate) fn counts(&self) -> Counts {
        self.inside().counts.clone()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.common.inside.lock().unwrap()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.close(true);
        self.inside().is_over = true;
    }
}

fn serve(addr: SocketAddr, mut listener: Option<TcpListener>, common: &Arc<Common>) {
    loop {
        let (is_closed, is_over) = {
            let inside = common.inside.lock().unwrap();
            (inside.is_closed, inside.is_over)
        };
        if is_over {
            return;
        }
        if is_closed {
            listener = None;
        } else if listener.is_none() {
            // Somebody else may have the port for a moment.
            listener = TcpListener::bind(addr).ok();
        }
        let Some(listener) = listener.as_ref().filter(|_| !is_closed) else {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        };
        listener.set_nonblocking(true).unwrap();
        let Ok((stream, _)) = listener.accept() else {
            std::thread::sleep(Duration::from_millis(2));
            continue;
        };
        stream.set_nonblocking(false).unwrap();
        common.inside.lock().unwrap().connections.push(stream.try_clone().unwrap());
        let common = Arc::clone(common);
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while answer(&mut reader, &stream, &common).is_some() {}
            // The receiver holds another handle, so that dropping this one closes nothing.
            let _closed = stream.shutdown(Shutdown::Both);
        });
    }
}

/// Answers one request; none when the connection is over.
fn answer(reader: &mut BufReader<TcpStream>, mut stream: &TcpStream, common: &Common) -> Option<()> {
    let mut length = 0;
    let (mut is_gzip, mut is_reexported, mut is_first) = (false, false, true);
    let (mut is_of_metrics, mut is_of_events) = (false, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if std::mem::take(&mut is_first) {
            is_of_metrics = line.starts_with("post /v1/metrics ");
            is_of_events = line.starts_with("post /v1/logs ");
            assert!(is_of_metrics || is_of_events || line.starts_with("post /v1/traces "), "{line}");
        }
        match line.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("content-encoding", value)) => is_gzip = value == "gzip",
            Some((REEXPORT, _)) => is_reexported = true,
            _ if line.is_empty() => break,
            _ => {}
        }
    }
    let mut fault = next_fault(common, is_of_metrics);
    if fault == Fault::Reset {
        // Half of the body is read, and the rest is there when the connection is closed: that is a reset.
        reader.read_exact(&mut vec![0; length / 2]).ok()?;
        return None;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    if is_gzip {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(body.as_slice()).read_to_end(&mut plain).unwrap();
        body = plain;
    }
    if is_of_metrics && matches!(fault, Fault::None | Fault::Partial | Fault::Ambiguous) {
        // Nobody says which points of a total were rejected, and the next one tells it again.
        let request = ExportMetricsServiceRequest::decode(body.as_slice()).unwrap();
        common.inside.lock().unwrap().counts.take(request);
        body.clear();
    }
    let mut events = Vec::new();
    if is_of_events {
        let request = ExportLogsServiceRequest::decode(body.as_slice()).unwrap();
        let scopes = request.resource_logs.into_iter().flat_map(|resource| resource.scope_logs);
        events.extend(scopes.flat_map(|scope| scope.log_records).map(|record| record.encode_to_vec()));
    }
    if is_of_metrics || is_of_events {
        body.clear();
    }
    let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
    let spans: Vec<Span> = request
        .resource_spans
        .into_iter()
        .flat_map(|resource| resource.scope_spans)
        .flat_map(|scope| scope.spans)
        .collect();
    let status = match fault {
        Fault::None | Fault::Partial | Fault::Ambiguous => "200 OK",
        Fault::TooMany => "429 Too Many Requests\r\nRetry-After: 1",
        Fault::Unavailable => "503 Service Unavailable",
        Fault::Hang => {
            std::thread::sleep(Duration::from_secs(3));
            return None;
        }
        Fault::Swallowed | Fault::Reset => return None,
    };
    let mut response = ExportTraceServiceResponse::default();
    if status.starts_with('2') {
        let rejected = if fault == Fault::Partial { spans.len().min(2) } else { 0 };
        if rejected > 0 {
            let error_message = "not these".to_owned();
            let partial = ExportTracePartialSuccess { rejected_spans: rejected as i64, error_message };
            response.partial_success = Some(partial);
        } else if fault == Fault::Partial {
            fault = Fault::None;
        }
        let kept = spans.len() - rejected;
        let mut inside = common.inside.lock().unwrap();
        for event in events {
            *inside.events.entry(event).or_default() |= fault != Fault::Ambiguous;
        }
        for (place, span) in spans.into_iter().enumerate() {
            inside.arrivals.entry(span.span_id.clone()).or_default().push(Arrival {
                span: Arc::new(span),
                is_acknowledged: fault != Fault::Ambiguous,
                is_rejected: place >= kept,
                is_reexported,
            });
        }
    }
    if fault == Fault::Ambiguous {
        return None;
    }
    let body = response.encode_to_vec();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: application/x-protobuf\r\nContent-Length: {}\r\n\r\n", body.len());
    let sent = stream.write_all(&[head.as_bytes(), &body].concat());
    if status.starts_with('2') && !is_of_metrics {
        common.inside.lock().unwrap().acknowledged += 1;
        common.news.notify_all();
    }
    sent.ok()
}

fn next_fault(common: &Common, is_of_metrics: bool) -> Fault {
    let mut inside = common.inside.lock().unwrap();
    // Metrics come again and again, whether or not there is anything new.
    inside.requests += u64::from(!is_of_metrics);
    let number = inside.requests as usize;
    let fault = if inside.burst > 0 {
        inside.burst -= 1;
        Fault::Unavailable
    } else {
        match &mut inside.manners {
            Manners::Good => Fault::None,
            Manners::Cycle(faults) => faults[number % faults.len()],
            Manners::Chance(chance, dice) => {
                let fault = FAULTS[dice.below(FAULTS.len() as u64) as usize];
                let (is_met, burst) = (dice.percent(*chance), dice.below(3));
                inside.burst = if is_met && fault == Fault::Unavailable { burst } else { 0 };
                if is_met { fault } else { Fault::None }
            }
        }
    };
    *inside.met.entry(fault).or_default() += 1;
    fault
}

/// Waits until `done` or until patience ends; true when it is done.
pub(crate) fn wait_until(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while !done() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    true
}
