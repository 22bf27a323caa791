//! Ctrl-C and requests to terminate: the first one ends the work in order, the second one at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::ExitCode;
use super::output::note;

/// How the program was asked to stop, if it was.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    /// Seen by the workers of one pass between two sessions; a pass that ends sets it too.
    pub flag: Arc<AtomicBool>,
    /// The flags of all passes.
    flags: Arc<Mutex<Vec<Arc<AtomicBool>>>>,
    asked: watch::Receiver<Option<ExitCode>>,
}

impl Stop {
    /// Starts to listen. Whoever is told to end has so long to do it in.
    pub(super) fn listen(within: Duration) -> std::io::Result<Self> {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let flag = Arc::new(AtomicBool::new(false));
        let (sender, asked) = watch::channel(None);
        let flags = Arc::new(Mutex::new(vec![Arc::clone(&flag)]));
        let seen = Arc::clone(&flags);
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
                let within = humantime::format_duration(within);
                note(&format!(
                    "stopping: what is under way is delivered, if it can be within {within}; again to stop at once"
                ));
                // First, so that a pass that begins meanwhile sees it.
                sender.send_replace(Some(code));
                seen.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|flag| {
                    flag.store(true, Ordering::Relaxed);
                });
                is_second = true;
            }
        });
        Ok(Self { flag, flags, asked })
    }

    /// The same for one of several passes, whose end is not the others'.
    pub(super) fn for_one(&self) -> Self {
        let flag = Arc::new(AtomicBool::new(false));
        self.flags.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&flag));
        if self.code().is_some() {
            flag.store(true, Ordering::Relaxed);
        }
        Self { flag, flags: Arc::clone(&self.flags), asked: self.asked.clone() }
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
