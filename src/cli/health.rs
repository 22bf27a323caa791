//! The watcher's own health: where it is asked for, and that it is told with the metrics.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::task::JoinHandle;

use super::output::note;
use super::pass::SetupError;
use super::{Surroundings, status};
use crate::export::destination::Destination;
use crate::export::own_metrics::OwnMetricExporter;
use crate::health::listen::{ListenError, Listener, Place};
use crate::health::own_telemetry::OwnTelemetry;
use crate::health::server::Server;
use crate::health::watched::{Board, Watched};
use crate::telemetry::metric::Temporality;
use crate::telemetry::span::Resource;

/// When it is first looked for what the client will delete unsent: by then the copy of the state is written.
const FIRST_LOOK: Duration = Duration::from_mins(1);
/// How often it is looked for it after that; days are what is counted.
const LOOK_EVERY: Duration = Duration::from_hours(1);

/// How the watcher says how it is.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct HealthArgs {
    /// Answer /healthz, /readyz and /metrics at an address of this machine, or at unix:PATH
    #[arg(long, value_name = "ADDRESS:PORT|unix:PATH", help_heading = "Health")]
    health: Option<Place>,
    /// Let --health be an address that other machines can reach
    #[arg(long, help_heading = "Health")]
    health_public: bool,
    /// Whether the watcher's own counts are sent with the metrics [default: on]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "on|off", help_heading = "Health")]
    self_telemetry: Option<Switch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// How the watchers of this process are asked and told of: one for all destinations.
#[derive(Debug)]
pub(super) struct Health {
    board: Arc<Board>,
    is_told: bool,
    _server: Option<Server>,
}

/// Where and how often a watcher's health is told.
#[derive(Debug)]
pub(super) struct Telling<'a> {
    pub destination: &'a Destination,
    pub resource: &'a Resource,
    pub every: Duration,
    pub temporality: Temporality,
}

/// The health of one destination's watcher, told until it is ended.
#[derive(Debug)]
pub(super) struct OwnHealth {
    telemetry: Option<OwnTelemetry>,
    looking: JoinHandle<()>,
}

impl HealthArgs {
    /// Opens the place where health is asked, if there is to be one. It answers from now on.
    pub(super) fn open(&self) -> Result<Health, SetupError> {
        let board = Arc::new(Board::default());
        let server = match &self.health {
            None => None,
            Some(place) => {
                let listener = Listener::open(place, self.health_public)?;
                let taken = |error| ListenError::Taken { place: place.clone(), error };
                note(&format!("health is answered at {}", listener.place().map_err(taken)?));
                Some(Server::start(listener, Arc::clone(&board)).map_err(taken)?)
            }
        };
        Ok(Health { board, is_told: self.self_telemetry != Some(Switch::Off), _server: server })
    }
}

impl Health {
    /// Puts the watcher of a destination on, and tells its health with the destination's metrics.
    pub(super) async fn watch(&self, watched: Watched, telling: Telling<'_>, surroundings: &Surroundings) -> OwnHealth {
        self.board.put(watched.clone());
        let telemetry = if self.is_told { start(&watched, telling).await } else { None };
        let looking = tokio::spawn(look_now_and_then(watched, surroundings.clone()));
        OwnHealth { telemetry, looking }
    }
}

impl OwnHealth {
    /// Tells once more, and ends within a second.
    pub(super) async fn end(mut self) {
        if let Some(telemetry) = self.telemetry.take() {
            telemetry.end().await;
        }
    }
}

impl Drop for OwnHealth {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

/// Files hold metrics of sessions only; whoever keeps files asks `/metrics`.
async fn start(watched: &Watched, telling: Telling<'_>) -> Option<OwnTelemetry> {
    let Destination::Otlp(otlp) = telling.destination else { return None };
    let options = otlp.metrics.as_ref()?;
    match OwnMetricExporter::open(options, telling.temporality).await {
        Ok(exporter) => Some(OwnTelemetry::start(watched, exporter, telling.resource, telling.every)),
        Err(error) => {
            // Whatever is wrong here is wrong for the other metrics, too, and said there.
            tracing::debug!(%error, "the program's own metrics are not told");
            None
        }
    }
}

/// Counts what the client will delete unsent, seldom, and only while something is not delivered.
async fn look_now_and_then(watched: Watched, surroundings: Surroundings) {
    let mut wait = FIRST_LOOK;
    let mut is_first = true;
    loop {
        tokio::time::sleep(wait).await;
        wait = LOOK_EVERY;
        let work = watched.shared.open_work();
        let is_owing = watched.shared.counts.behind().bytes > 0 || work.turns > 0 || !work.unexported.is_empty();
        if !std::mem::take(&mut is_first) && !is_owing {
            continue;
        }
        let dir = surroundings.state_dir().join("destinations").join(&watched.name);
        let (surroundings, now) = (surroundings.clone(), (watched.clock)());
        // A thread of its own, since the end of the program waits for those of the runtime.
        let (found, look) = tokio::sync::oneshot::channel();
        let looking = std::thread::Builder::new().name("retention".to_owned()).spawn(move || {
            // Nobody listens any more when the watcher has ended meanwhile.
            let _ = found.send(status::unexported::in_state(&dir, &surroundings, now));
        });
        if looking.is_ok()
            && let Ok(Some(unexported)) = look.await
        {
            watched.shared.set_unexported(unexported);
        }
    }
}
