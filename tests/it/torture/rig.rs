//! One run: a writer, a watcher that is killed and started again, a receiver that misbehaves, and the truth at the end.

use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::child::{Bench, Truths, ask_to_end, kill, terminate};
use super::dice::Dice;
use super::receiver::{Manners, Receiver, wait_until};
use super::story::Story;
use super::verdict::{self, Figures};
use super::writer::{Manner, Script};

/// The longest that anything takes before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(180);
/// The watcher never waits for longer before it tries again.
const LONGEST_PAUSE: Duration = Duration::from_secs(40);
/// Both limits of quiet have passed after this.
const QUIET: Duration = Duration::from_secs(6);

/// What is written, and how.
#[derive(Debug)]
pub(crate) struct Rig<'a> {
    pub(crate) stories: &'a [Story],
    pub(crate) manner: Manner,
    pub(crate) seed: u64,
}

/// What is done to the watcher.
#[derive(Debug, Clone)]
pub(crate) struct Torment {
    pub(crate) kills: u64,
    /// At what they are aimed, one after the other.
    pub(crate) aims: &'static [Aim],
    /// How the receiver answers until everything is written.
    pub(crate) manners: Manners,
    /// For how long the port is closed, once.
    pub(crate) outage_ms: u64,
    pub(crate) is_polling: bool,
}

/// When a process is killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Aim {
    /// At any time.
    Anywhere,
    /// While it opens its state.
    Opening,
    /// While it commits what was just acknowledged.
    Committing,
    /// A backfill, in the watcher's place.
    Backfill,
    /// With a reexport beside it.
    Reexport,
    /// While it ends as it was asked to.
    Closing,
    /// While it writes its state to the disk, which it does every few seconds.
    Writing,
}

pub(crate) const AIMS: [Aim; 12] = [
    Aim::Committing,
    Aim::Opening,
    Aim::Anywhere,
    Aim::Committing,
    Aim::Opening,
    Aim::Backfill,
    Aim::Committing,
    Aim::Opening,
    Aim::Reexport,
    Aim::Anywhere,
    Aim::Closing,
    Aim::Writing,
];
/// At what reaches the disk alone, which takes its time.
pub(crate) const WRITING: [Aim; 2] = [Aim::Writing, Aim::Closing];

impl Rig<'_> {
    /// Runs it; everything that is not as it should be, and the figures.
    pub(crate) fn run(&self, torment: &Torment, mut dice: Dice) -> (Vec<String>, Figures) {
        let receiver = Receiver::start();
        let bench = Bench::new(&receiver, torment.is_polling);
        let script = Script::new(self.stories, self.manner, dice.fork());
        let mut killed = Figures::default();
        let is_written = AtomicBool::new(false);
        let mut watcher = None;
        let mut lateness = Duration::ZERO;
        receiver.behave(torment.manners.clone());
        std::thread::scope(|scope| {
            let root = bench.program.root();
            let (script, is_written) = (&script, &is_written);
            let writing = scope.spawn(move || {
                let lateness = script.play(&root);
                is_written.store(true, Ordering::Release);
                lateness
            });
            if torment.outage_ms > 0 {
                let (receiver, at) = (&receiver, dice.millis(0, script.duration().as_millis() as u64));
                scope.spawn(move || {
                    std::thread::sleep(at);
                    receiver.close(true);
                    std::thread::sleep(Duration::from_millis(torment.outage_ms));
                    receiver.close(false);
                });
            }
            watcher = Some(torture(&bench, &receiver, torment, is_written, &mut killed, &mut dice));
            lateness = writing.join().unwrap();
        });
        receiver.behave(Manners::Good);
        let (faults, mut figures) = settle(&bench, &receiver, &script, watcher.unwrap());
        figures.kills = killed.kills;
        note(self.seed, &figures, lateness, &receiver, &script);
        (faults, figures)
    }
}

/// Kills and restarts until enough was killed and everything is written; returns the watcher that is left.
fn torture(
    bench: &Bench,
    receiver: &Receiver,
    torment: &Torment,
    is_written: &AtomicBool,
    figures: &mut Figures,
    dice: &mut Dice,
) -> Child {
    let mut aims = torment.aims.iter().cycle();
    while figures.killed() < torment.kills {
        let Some(aim) = aims.next() else { break };
        let name = match aim {
            Aim::Anywhere => {
                let mut watcher = bench.watch();
                std::thread::sleep(dice.millis(0, 1_500));
                kill(&mut watcher);
                "anywhere"
            }
            Aim::Opening => {
                let mut watcher = bench.watch();
                std::thread::sleep(dice.millis(2, 60));
                kill(&mut watcher);
                "opening"
            }
            Aim::Committing => {
                let mut watcher = bench.watch();
                std::thread::sleep(dice.millis(0, 300));
                let has_committed = receiver.await_acknowledgement(Duration::from_secs(2));
                std::thread::sleep(Duration::from_micros(dice.below(5_000)));
                kill(&mut watcher);
                if has_committed { "committing" } else { "idle" }
            }
            Aim::Backfill => {
                let mut backfill = bench.backfill();
                std::thread::sleep(dice.millis(5, 1_500));
                kill(&mut backfill);
                "backfill"
            }
            Aim::Reexport => {
                let mut watcher = bench.watch();
                let mut reexport = bench.reexport();
                std::thread::sleep(dice.millis(100, 1_000));
                kill(&mut watcher);
                // What it does not get done is no concern of the watcher's.
                kill(&mut reexport);
                "beside a reexport"
            }
            Aim::Closing => {
                let mut watcher = bench.watch();
                std::thread::sleep(dice.millis(200, 1_200));
                ask_to_end(&watcher);
                std::thread::sleep(dice.millis(0, 100));
                kill(&mut watcher);
                "closing"
            }
            Aim::Writing => {
                let mut watcher = bench.watch();
                // Later than the writing that opening comes with.
                std::thread::sleep(dice.millis(1_000, 1_500));
                let has_written = bench.await_writing(Duration::from_secs(7));
                std::thread::sleep(Duration::from_micros(dice.below(3_000)));
                kill(&mut watcher);
                if has_written { "writing" } else { "idle" }
            }
        };
        *figures.kills.entry(name).or_default() += 1;
    }
    let watcher = bench.watch();
    wait_until(PATIENCE * 4, || is_written.load(Ordering::Acquire));
    watcher
}

/// Waits for the end of what is under way, ends the watcher, and compares everything with one run over it all.
fn settle(bench: &Bench, receiver: &Receiver, script: &Script, mut watcher: Child) -> (Vec<String>, Figures) {
    let Truths { spans, summary, counts, events } = bench.truth();
    let truth = verdict::truth(spans);
    let (mut requests, mut since) = (0, Instant::now());
    wait_until(PATIENCE, || {
        if receiver.requests() != requests {
            (requests, since) = (receiver.requests(), Instant::now());
        }
        // Whoever does not try again within this time never will.
        since.elapsed() > LONGEST_PAUSE || verdict::compare(&truth, &receiver.arrivals(), script).0.is_empty()
    });
    // Nothing else may come once all limits have passed.
    std::thread::sleep(QUIET);
    let status = terminate(&mut watcher);
    let (mut faults, mut figures) = verdict::compare(&truth, &receiver.arrivals(), script);
    if status.code() != Some(0) {
        faults.push(format!("the watcher ended with {status}"));
    }
    verdict::compare_totals(&bench.mirror(), &summary, &mut faults);
    let arrived = receiver.events();
    assert!(events.len() > truth.len() / 2, "{} events", events.len());
    let lost = events.iter().filter(|event| !arrived.get(*event).copied().unwrap_or(false)).count();
    if lost > 0 {
        faults.push(format!("{lost} of {} events were lost", events.len()));
    }
    let told = receiver.counts();
    assert!(counts.series() > 20, "{counts:?}");
    faults.extend(told.compare(&counts));
    faults.extend(told.faults.iter().cloned());
    let once_more = bench.once_more();
    if once_more["spans"]["delivered"] != 0 {
        faults.push(format!("one more backfill delivered {}", once_more["spans"]));
    }
    // No kill is an excuse for a damaged state.
    let is_bad = |line: &&str| line.contains("panicked") || line.contains("set aside") || line.contains("internal");
    let said = bench.said();
    faults.extend(said.lines().filter(is_bad).map(|line| format!("said: {line}")));
    figures.requests = receiver.requests();
    (faults, figures)
}

#[expect(clippy::print_stderr, reason = "the figures are what a torture is made for")]
fn note(seed: u64, figures: &Figures, lateness: Duration, receiver: &Receiver, script: &Script) {
    eprintln!(
        "seed {seed}: {figures}; the writer was {} ms late at most; {:?}\n{}",
        lateness.as_millis(),
        receiver.faults(),
        verdict::corrections(&receiver.arrivals(), script)
    );
}
