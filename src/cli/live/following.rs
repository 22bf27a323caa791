//! The thread that follows the transcripts, and what comes of it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, SystemTime};

use super::LiveArgs;
use crate::cli::selection::millis;
use crate::pipeline::looking::{Lookout, LookoutOptions, News, Origin};
use crate::pipeline::workers::RebuildOptions;
use crate::source::{OwnerRule, Root};
use crate::view::live::glimpse::Glimpse;

/// How many arrivals wait to be seen.
const ARRIVALS: usize = 64;
/// Sessions stay in memory for somewhat longer than they are shown, so that their end is seen.
pub(super) const GRACE_MS: i64 = 2 * 60 * 1000;

/// What comes of following.
#[derive(Debug)]
pub(super) enum Arrival {
    /// A session as it is now.
    Session {
        glimpse: Box<Glimpse>,
        origin: Origin,
        /// Whether that happened after the beginning.
        is_live: bool,
    },
    /// The recent sessions of the beginning are all there.
    Recent,
    /// Everything of the beginning is there: so many sessions in so many transcripts.
    CaughtUp {
        sessions: usize,
        files: usize,
    },
    Problem(String),
}

/// Follows all sessions; those written to since `since` are told of at the beginning, the recent ones first.
pub(super) fn follow(
    args: &LiveArgs,
    rebuild: RebuildOptions,
    roots: Vec<Root>,
    since: Option<i64>,
) -> std::io::Result<Receiver<Arrival>> {
    let (sender, arrivals) = sync_channel(ARRIVALS);
    let recent = rebuild.now.saturating_sub(millis(args.since));
    let map = rebuild.map.clone();
    let options = LookoutOptions {
        rebuild,
        roots,
        owner: OwnerRule::of_this_process(),
        recent,
        since: since.unwrap_or(recent),
        kept_ms: millis(args.since).saturating_add(GRACE_MS),
        sweep_every: Duration::from_secs(30).max(args.interval),
        poll_every: args.interval.max(Duration::from_millis(100)),
        longest_wait: Duration::from_secs(1),
        is_polling: args.poll,
        clock: Arc::new(now),
    };
    std::thread::Builder::new().name("lookout".to_owned()).spawn(move || {
        let mut is_live = false;
        Lookout::new(options).run(|news| {
            let arrival = match news {
                News::Changed { session, written, origin } => {
                    Arrival::Session { glimpse: Box::new(Glimpse::of(&session, written, &map)), origin, is_live }
                }
                News::Recent => Arrival::Recent,
                News::CaughtUp { sessions, files } => {
                    is_live = true;
                    Arrival::CaughtUp { sessions, files }
                }
                News::Problem(problem) => Arrival::Problem(problem),
            };
            sender.send(arrival).is_ok()
        });
    })?;
    Ok(arrivals)
}

/// The time in milliseconds since 1970.
pub(super) fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
