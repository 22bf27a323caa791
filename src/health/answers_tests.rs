//! Every answer, by what the watchers' counts say.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::*;
use crate::export::live::LiveTotals;
use crate::health::watched::Watched;
use crate::pipeline::watch::{Behind, Shared};
use crate::telemetry::signal::Signal;

struct World {
    board: Board,
    shared: Arc<Shared>,
    live: LiveTotals,
    now: Arc<AtomicI64>,
}

fn world() -> World {
    let (shared, live, now) = (Arc::new(Shared::default()), LiveTotals::default(), Arc::new(AtomicI64::new(1_000)));
    let time = Arc::clone(&now);
    let board = Board::default();
    board.put(Watched {
        name: "work".to_owned(),
        shared: Arc::clone(&shared),
        live: live.clone(),
        clock: Arc::new(move || time.load(Ordering::SeqCst)),
        redactions: Some(Arc::new(|| vec![("a\"b".to_owned(), 3)])),
    });
    World { board, shared, live, now }
}

fn get(world: &World, path: &str) -> (u16, String) {
    let answer = answer(&world.board, "GET", path);
    (answer.status, answer.text)
}

#[test]
fn who_shows_no_life_for_two_minutes_is_not_healthy_and_who_waits_for_the_destination_is() {
    let world = world();
    assert_eq!(get(&world, "/healthz").0, 200);
    world.shared.set_alive(Some(1_000));
    world.shared.counts.set_courier_alive(1_000);
    world.now.store(120_999, Ordering::SeqCst);
    assert_eq!(get(&world, "/healthz").0, 200);
    world.now.store(121_000, Ordering::SeqCst);
    assert_eq!(get(&world, "/healthz"), (503, "work: following shows no life\n".to_owned()));
    world.shared.set_alive(None);
    assert_eq!(get(&world, "/healthz"), (503, "work: delivering shows no life\n".to_owned()));
    world.shared.counts.set_courier_alive(121_000);
    assert_eq!(get(&world, "/healthz"), (200, "ok\n".to_owned()));
}

#[test]
fn ready_is_who_follows_while_the_destination_takes_what_is_sent() {
    assert_eq!(answer(&Board::default(), "GET", "/readyz").status, 503);
    let world = world();
    assert_eq!(get(&world, "/readyz"), (503, "work: catching up\n".to_owned()));
    world.shared.counts.set_following();
    assert_eq!(get(&world, "/readyz"), (200, "ok\n".to_owned()));
    world.live.of(Signal::Traces).attempted(Duration::ZERO, true);
    assert_eq!(get(&world, "/readyz").0, 503);
    world.live.of(Signal::Traces).attempted(Duration::ZERO, false);
    assert_eq!(get(&world, "/readyz").0, 200);
    world.shared.counts.set_given_up(true);
    assert_eq!(get(&world, "/readyz").0, 503);
}

#[test]
fn numbers_are_told_with_their_labels_and_odd_labels_are_escaped() {
    let world = world();
    world.shared.counts.set_behind(Behind { bytes: 7, since: Some(500) });
    world.shared.count_problem("missed_event");
    world.live.of(Signal::Logs).attempted(Duration::from_millis(20), false);
    let (_, text) = get(&world, "/metrics");
    for line in [
        "claude_otel_lag_size_bytes{destination=\"work\"} 7",
        "claude_otel_lag_duration_seconds{destination=\"work\"} 0.5",
        "claude_otel_problems_total{destination=\"work\",kind=\"missed_event\"} 1",
        "claude_otel_redactions_total{destination=\"work\",rule=\"a\\\"b\"} 3",
        "claude_otel_export_duration_seconds_bucket{destination=\"work\",signal=\"logs\",le=\"0.01\"} 0",
        "claude_otel_export_duration_seconds_bucket{destination=\"work\",signal=\"logs\",le=\"0.025\"} 1",
        "claude_otel_export_duration_seconds_count{destination=\"work\",signal=\"logs\"} 1",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} is not in {text}");
    }
}

#[test]
fn only_reading_is_answered() {
    let world = world();
    assert_eq!(answer(&world.board, "POST", "/metrics").status, 405);
    assert_eq!(answer(&world.board, "HEAD", "/healthz").status, 200);
    assert_eq!(get(&world, "/").0, 404);
}
