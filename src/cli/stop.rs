//! Ctrl-C and requests to terminate: the first one ends the work in order, the second one at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::ExitCode;
use super::output::note;

/// How the program was asked to stop, if it was.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    /// Seen by the workers between two sessions.
    pub flag: Arc<AtomicBool>,
    asked: watch::Receiver<Option<ExitCode>>,
}

impl Stop {
    /// Starts to listen.
    pub(super) fn listen() -> std::io::Result<Self> {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let flag = Arc::new(AtomicBool::new(false));
        let (sender, asked) = watch::channel(None);
        let seen = Arc::clone(&flag);
        tokio::spawn(async move {
            let mut is_second = false;
            loop {
                let code = tokio::select! {
                    _ = interrupt.recv() => ExitCode::Interrupted,
                    _ = terminate.recv() => ExitCode::Terminated,
                };
                if is_second {
                    std::process::exit(code.number().into());
                }
                note("stopping: delivering what is under way; again to stop at once");
                seen.store(true, Ordering::Relaxed);
                sender.send_replace(Some(code));
                is_second = true;
            }
        });
        Ok(Self { flag, asked })
    }

    /// How it was asked to stop.
    pub(super) fn code(&self) -> Option<ExitCode> {
        *self.asked.borrow()
    }

    /// Returns once it was asked to stop.
    pub(super) async fn asked(&mut self) {
        if self.asked.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
