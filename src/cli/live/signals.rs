//! Requests to end, which come as signals while the terminal hands keys over as they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

/// Whoever does not end within this time does not end at all: what reads keys may be stuck with a terminal that is gone.
const END_WITHIN: Duration = Duration::from_secs(2);

/// So long is tried to give the terminal back.
const GIVE_BACK_WITHIN: Duration = Duration::from_millis(500);

/// Set once somebody has asked for the end. What is drawn on is given back by `give_back` should it not be in time.
pub(super) fn asked_to_end(give_back: Option<fn()>) -> std::io::Result<Arc<AtomicBool>> {
    let is_asked = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_asked);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let (mut interrupt, mut terminate, mut hang_up) = {
        let _guard = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?)
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
        });
        seen.store(true, Ordering::Relaxed);
        if let Some(give_back) = give_back {
            runtime.block_on(async { tokio::time::sleep(END_WITHIN).await });
            // A terminal that takes nothing any more would hold this up too.
            std::thread::spawn(give_back);
            runtime.block_on(async { tokio::time::sleep(GIVE_BACK_WITHIN).await });
            std::process::exit(0);
        }
    })?;
    Ok(is_asked)
}
