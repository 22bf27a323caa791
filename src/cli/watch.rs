//! `claude-otel watch`: follow sessions while they are written.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::Args;
use tokio::sync::mpsc;

use super::arguments::duration;
use super::destination::{DestinationArgs, export_options, resource_of};
use super::health::{Health, HealthArgs, Telling};
use super::metrics::{HistogramArgs, MetricPlan, Past};
use super::output::{SPEAKER, note, speaker};
use super::pass::{self, Kept, Memory, Pass, SetupError, TellArgs};
use super::selection::{ShapeArgs, SourceArgs, millis, rebuild_options};
use super::service::{Member, Service};
use super::state_of::{self, Lost, OpenState};
use super::stop::Stop;
use super::together::run_all;
use super::words::counted;
use super::{ExitCode, Surroundings, findings, privacy};
use crate::config::Target;
use crate::export::destination::Destination;
use crate::export::exporter::{ExportOptions, Exporter};
use crate::export::retry::RetryPolicy;
use crate::health::watched::{Redactions, Watched};
use crate::pipeline::filter::Filter;
use crate::pipeline::measuring::Measuring;
use crate::pipeline::mirrors::Told;
use crate::pipeline::remembered::Remembered;
use crate::pipeline::watch::{
    Clock, Courier, CourierOptions, Ended, Event, Follower, FollowerOptions, FollowerParts, OpenExporter, Shared,
};
use crate::pipeline::workers::RebuildOptions;
use crate::source::{self, Notifier, OwnerRule, Root, Scanner, SourceError, hints};

/// How many parcels wait for the courier: a parcel holds a few hundred spans.
const PARCELS: usize = 2;
/// Requests under way at once: following is never in a hurry, and while the destination is down they stay in memory.
const IN_FLIGHT: usize = 2;
/// How many hints wait for the follower before it is told to look everywhere.
const HINTS: usize = 4096;

/// Follow sessions while they are written, and export what is final.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel watch --endpoint http://localhost:4318
  claude-otel watch --backfill all
  claude-otel watch --once --otlp-file traces")]
pub struct WatchArgs {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    destination: DestinationArgs,
    #[command(flatten)]
    shape: ShapeArgs,
    #[command(flatten)]
    histogram: HistogramArgs,
    #[command(flatten)]
    health: HealthArgs,
    /// How far back the first start goes: none, all, or an age such as 24h
    #[arg(long, value_name = "HOW FAR", value_parser = backfill, default_value = "24h", help_heading = "What is sent")]
    backfill: Backfill,
    /// Look for changes every two seconds instead of relying on events
    #[arg(long)]
    poll: bool,
    /// Deliver what is there and exit: for cron, without a background process
    #[arg(long)]
    once: bool,
    /// How long the end may take once it was asked for
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "10s")]
    stop_timeout: Duration,
    /// How long spans wait for others to share a request with
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1s")]
    send_every: Duration,
    /// Wait while another process holds the state, for so long or until it lets go, instead of exiting with 75
    #[arg(long, value_name = "DURATION", value_parser = duration, num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "absent, without a value, and with one are three things")]
    wait: Option<Option<Duration>>,
}

/// How far back the first start goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backfill {
    None,
    All,
    Last(Duration),
}

fn backfill(text: &str) -> Result<Backfill, String> {
    match text {
        "none" => Ok(Backfill::None),
        "all" => Ok(Backfill::All),
        _ => duration(text).map(Backfill::Last).map_err(|error| format!("write none, all or an age; {error}")),
    }
}

impl Backfill {
    /// Turns that began before this time are left out.
    fn horizon(self, now: i64) -> i64 {
        match self {
            Self::None => now,
            Self::All => 0,
            Self::Last(age) => now.saturating_sub(millis(age)),
        }
    }
}

/// Runs the command.
pub fn run(args: &WatchArgs, surroundings: &Surroundings) -> ExitCode {
    pass::block_on(async {
        let mut rebuild = rebuild_options(&args.source, &args.shape, Filter::default(), false, None, surroundings)?;
        rebuild.by_mtime = true;
        rebuild.measuring = Measuring::Totals;
        let targets = args.destination.resolve(surroundings)?;
        let stop = Stop::listen(if args.once { pass::STOP_WITHIN } else { args.stop_timeout })?;
        if args.once {
            return once(args, &rebuild, targets, &stop, surroundings).await;
        }
        let health = args.health.open()?;
        let service = Service::of_environment(targets.len());
        let members = service.members();
        run_all(targets, |target| {
            let member = members.borrow_mut().next();
            let (rebuild, stop, health) = (rebuild.clone(), stop.clone(), &health);
            async move {
                let Some(member) = member else { return Ok(ExitCode::Internal) };
                if let Destination::Disabled { reason } = &target.destination {
                    note(&format!("nothing would be sent: {reason}"));
                    return Ok(ExitCode::Done);
                }
                follow(args, rebuild, target, (stop, member, health), surroundings).await
            }
        })
        .await
    })
}

/// The roots; where the client has not run yet, the places where they will be.
fn roots_to_follow(rebuild: &RebuildOptions, surroundings: &Surroundings) -> Result<Vec<Root>, SetupError> {
    match pass::roots(&rebuild.source.roots, surroundings) {
        Err(SourceError::NoRoots { .. }) => {
            let variable = |name: &str| surroundings.variable(name).map(Into::into);
            let awaited = source::awaited(variable, surroundings.home());
            note("no transcripts are there yet; they are followed as soon as the client writes the first");
            Ok(awaited)
        }
        roots => Ok(roots?),
    }
}

/// Makes one pass over what is there.
async fn once(
    args: &WatchArgs,
    rebuild: &RebuildOptions,
    targets: Vec<Target>,
    stop: &Stop,
    surroundings: &Surroundings,
) -> Result<ExitCode, SetupError> {
    if let Err(error @ SourceError::NoRoots { .. }) = pass::roots(&rebuild.source.roots, surroundings) {
        note(&format!("nothing to do yet: {error}"));
        return Ok(ExitCode::Done);
    }
    let kept = || Kept {
        command: "watch --once",
        wait: state_of::wait(args.wait),
        again: false,
        horizon: Some(args.backfill.horizon(surroundings.now)),
    };
    let (tell, is_among_others) = (TellArgs::default(), targets.len() > 1);
    let metrics = MetricPlan::new(Past::Now, args.histogram, &rebuild.map, surroundings)?;
    run_all(targets, |target| {
        let (rebuild, memory) = (rebuild.clone(), Memory::Kept(kept()));
        let pass = Pass {
            rebuild,
            shape: &args.shape,
            tell: &tell,
            target,
            is_among_others,
            memory,
            metrics: metrics.clone(),
        };
        pass.run(stop.for_one(), surroundings)
    })
    .await
}

async fn follow(
    args: &WatchArgs,
    mut rebuild: RebuildOptions,
    target: Target,
    (mut stop, service, health): (Stop, Member, &Health),
    surroundings: &Surroundings,
) -> Result<ExitCode, SetupError> {
    let destination = &target.destination;
    pass::suit(&mut rebuild, &target);
    let roots = roots_to_follow(&rebuild, surroundings)?;
    let dir = state_of::folder_of(&target, surroundings);
    let opened = state_of::open(dir, "watch", state_of::wait(args.wait), &mut stop, surroundings).await?;
    let settings = state_of::check_settings(&opened.keeper, &args.shape)?;
    tracing::debug!(?settings, "the state is open");
    let OpenState { keeper, lost, .. } = opened;
    let mirror = lost.as_ref().and_then(|lost| lost.mirror.as_ref());
    let horizon = findings::horizon(&keeper, lost.is_some(), mirror, args.backfill.horizon(surroundings.now))?;
    rebuild.filter.since = Some(horizon);
    let (remembered, owned) = keeper.with(Remembered::load)?;
    let keeper = Arc::new(keeper);

    let resource = resource_of(&target, &rebuild.map.privacy, surroundings)?;
    let export_options = export_options(&target, surroundings);
    let live = export_options.live.clone();
    let name = destination.describe();
    let metric_destination =
        (destination.clone(), resource.clone(), export_options.dead_letter_dir.clone(), live.clone());
    let open_exporter: OpenExporter = {
        let (destination, resource) = (destination.clone(), resource.clone());
        Box::new(move || {
            let options =
                ExportOptions { retry: RetryPolicy::FOR_EVER, in_flight: IN_FLIGHT, ..export_options.clone() };
            Box::pin(Exporter::open(destination.clone(), resource.clone(), options))
        })
    };
    let exporter = open_exporter().await?;
    privacy::announce(rebuild.map.content);
    note(&format!("following transcripts below {}, sending to {name}", named(&roots)));
    pass::announce_age(&target);
    if let Destination::File(file) = destination
        && file.defaulted
    {
        note(pass::NO_DESTINATION);
    }

    let shared = Arc::new(Shared::default());
    let clock: Clock = Arc::new(now);
    let (outbox, inbox) = mpsc::channel(PARCELS);
    let (events, mut news) = mpsc::unbounded_channel();
    let (sink, hints) = hints(HINTS);
    let rule = OwnerRule::of_this_process();
    let told = Told {
        name: target.name.clone().unwrap_or_default(),
        destination: name,
        roots: roots.iter().map(|root| root.path.clone()).collect(),
        rebuilds: lost.as_ref().map_or(0, Lost::rebuilds),
        set_aside: lost.as_ref().map(|lost| lost.set_aside.clone()),
        ..Told::default()
    };
    let parts = (Arc::clone(&shared), Arc::clone(&clock));
    let metrics = MetricPlan::new(Past::Now, args.histogram, &rebuild.map, surroundings)?;
    let sanitizer = Arc::clone(&rebuild.map.privacy);
    let redactions: Redactions = Arc::new(move || sanitizer.counts().into_iter().collect());
    let watched = Watched {
        name: state_of::name_of(&target),
        shared: Arc::clone(&shared),
        live,
        clock: Arc::clone(&clock),
        redactions: Some(redactions),
    };
    let (every, temporality) = (metrics.options.every, metrics.options.temporality);
    let telling = Telling { destination, resource: &resource, every, temporality };
    let own_health = health.watch(watched, telling, surroundings).await;
    let metering = metrics.meter(&keeper, metric_destination, parts).follow(events.clone());
    let (parts_keeper, parts_shared, parts_clock, is_polling) =
        (Arc::clone(&keeper), Arc::clone(&shared), Arc::clone(&clock), args.poll);
    let follower = std::thread::spawn(move || {
        let scanner = Scanner::new(roots.clone(), rule);
        let notifier = (!is_polling).then(|| {
            let (notifier, problems) = Notifier::start(&roots, sink);
            for problem in problems {
                parts_shared.count_problem(problem.kind());
                let _ = events.send(Event::Problem(problem.to_string()));
            }
            notifier
        });
        let options = FollowerOptions {
            rebuild,
            roots,
            owner: rule,
            sweep_every: Duration::from_secs(30),
            poll_every: Duration::from_secs(2),
            longest_wait: Duration::from_secs(1),
            clock: parts_clock,
        };
        let memory = parts_keeper;
        let parts = FollowerParts { hints, notifier, scanner, memory, owned, shared: parts_shared, outbox, events };
        Follower::new(options, parts).run(remembered, lost.and_then(|lost| lost.mirror));
    });
    let (speaker, member) = (speaker(), service.clone());
    let news_teller = tokio::spawn(SPEAKER.scope(speaker, async move {
        while let Some(event) = news.recv().await {
            tell(&event, horizon, &member);
        }
    }));
    let options = CourierOptions { send_every: args.send_every, stop_within: args.stop_timeout, told };
    let parts = (Arc::clone(&shared), clock);
    let mut courier = Courier::new(&keeper, exporter, open_exporter, inbox, parts, options, service.clone());
    // Whoever starts the watcher need not wait for a destination that is down.
    service.ready();
    let asked = async {
        stop.asked().await;
        service.stopping();
    };
    let ended = courier.run(asked).await;
    tokio::join!(metering.end(ended == Ended::Drained), own_health.end());
    let totals = courier.totals();
    let corrected = courier.corrected;
    drop(courier);
    news_teller.abort();
    if ended == Ended::Drained && follower.join().is_err() {
        note("error: following has ended by a fault of this program; nothing that was not delivered is noted as such");
        return Ok(ExitCode::Internal);
    }
    note(&format!("{} spans delivered, {corrected} of them sent again since they changed", totals.delivered));
    if ended == Ended::Cut {
        note("the destination did not take the rest in time; the next start sends it");
        return Ok(ExitCode::Destination);
    }
    // Nobody asked for the end: the follower has left.
    Ok(if stop.code().is_some() { ExitCode::Done } else { ExitCode::Internal })
}

fn tell(event: &Event, horizon: i64, service: &Member) {
    match event {
        Event::Following { sessions, files } => {
            note(&format!("caught up; following {sessions} sessions in {files} transcripts"));
            service.following();
        }
        Event::LeftOut { sessions, bytes } => {
            note(&findings::left_out((*sessions, *bytes), horizon));
        }
        Event::TooOld { turns } => note(&format!(
            "{} began too long ago for this destination and {} left out; `claude-otel backfill --old-data send` sends what is left out",
            counted(*turns, "turn"),
            if *turns == 1 { "is" } else { "are" }
        )),
        Event::Problem(problem) => note(problem),
        Event::Recovered(path) => note(&format!("{path} can be used again")),
    }
}

fn named(roots: &[Root]) -> String {
    let names: Vec<String> = roots.iter().map(|root| root.path.display().to_string()).collect();
    names.join(", ")
}

fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
