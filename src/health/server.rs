//! Answers over HTTP, and takes little from whoever asks.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::answers;
use super::listen::{Listener, SocketFile};
use super::watched::Board;

/// So many may ask at the same time; the others wait in the system's queue.
const MOST_AT_ONCE: usize = 8;
/// How long one may take to ask and to listen.
const LONGEST: Duration = Duration::from_secs(10);
/// How long one may take to ask.
const LONGEST_ASKING: Duration = Duration::from_secs(5);
/// Request line and headers together; the least that the library allows.
const MOST_BYTES: usize = 8 * 1024;
const MOST_HEADERS: usize = 64;
/// The pause after the system could not give a connection, which it mostly cannot for want of descriptors.
const PAUSE: Duration = Duration::from_secs(1);

/// A server that answers until it is dropped.
#[derive(Debug)]
pub struct Server {
    task: JoinHandle<()>,
    /// Removed with the server.
    _file: Option<SocketFile>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers from now on, by the runtime that this is called in.
    pub fn start(listener: Listener, board: Arc<Board>) -> io::Result<Self> {
        Ok(match listener {
            Listener::Tcp(listener) => {
                let listener = TcpListener::from_std(listener)?;
                let accept = async move || listener.accept().await.map(|(stream, _)| stream);
                Self { task: tokio::spawn(serve(accept, board)), _file: None }
            }
            Listener::Unix(listener, file) => {
                let listener = UnixListener::from_std(listener)?;
                let accept = async move || listener.accept().await.map(|(stream, _)| stream);
                Self { task: tokio::spawn(serve(accept, board)), _file: Some(file) }
            }
        })
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    accept: impl AsyncFn() -> io::Result<S>,
    board: Arc<Board>,
) {
    let room = Arc::new(Semaphore::new(MOST_AT_ONCE));
    loop {
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = match accept().await {
            Ok(stream) => stream,
            Err(error) => {
                tracing::debug!(%error, "nobody could ask for health");
                sleep(PAUSE).await;
                continue;
            }
        };
        let board = Arc::clone(&board);
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let response = respond(&board, &request);
                async move { Ok::<_, Infallible>(response) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(LONGEST_ASKING)
                .keep_alive(false)
                .max_buf_size(MOST_BYTES)
                .max_headers(MOST_HEADERS)
                .serve_connection(TokioIo::new(stream), service);
            // Whoever breaks off or asks in another language gets nothing, or what the library says.
            let _ended = timeout(LONGEST, connection).await;
            drop(permit);
        });
    }
}

fn respond(board: &Board, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let answer = answers::answer(board, request.method().as_str(), request.uri().path());
    let mut response = Response::new(Full::from(answer.text));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}
