//! The watcher through kills and faults, against a run over everything that knew neither.

#![expect(clippy::disallowed_methods, reason = "a writer waits for its time, and a killer for the moment")]

mod child;
mod counts;
mod dice;
mod poison;
mod receiver;
mod rig;
mod stamps;
mod story;
mod verdict;
mod writer;

use std::path::{Path, PathBuf};

use dice::Dice;
use receiver::{Fault, Manners};
use rig::{AIMS, Rig, Torment, WRITING};
use stamps::Pace;
use story::Story;
use verdict::Figures;
use writer::Manner;

/// How many kills `just torture` asks for.
const KILLS: &str = "CLAUDE_OTEL_TORTURE_KILLS";
/// A folder of recorded runs, `*/*/transcripts`, beside those of this repository.
const LAB: &str = "CLAUDE_OTEL_LAB";
/// The seed of a run that is to be had again.
const SEED: &str = "CLAUDE_OTEL_TORTURE_SEED";

/// Lines come at most so far apart that nobody would take a session for quiet.
const MANNER: Manner =
    Manner { pace: Pace { faster: 8, longest: 350 }, spread: 12_000, cut: 25, halved: 0, whole: 15, moved: 10 };

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// The folders of transcripts that there are, each a root, by name.
fn roots() -> Vec<(String, PathBuf)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/claude");
    let mut roots: Vec<(String, PathBuf)> =
        sorted(&fixtures).into_iter().map(|folder| (name(&folder), folder.join("projects"))).collect();
    if let Some(lab) = std::env::var_os(LAB) {
        for version in sorted(Path::new(&lab)) {
            let runs = sorted(&version).into_iter().filter(|run| run.join("transcripts").is_dir());
            roots.extend(runs.map(|run| (format!("{}/{}", name(&version), name(&run)), run.join("transcripts"))));
        }
    }
    roots
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// So many stories, each root once before any comes twice.
fn stories(count: usize, dice: &mut Dice) -> Vec<Story> {
    let mut roots = roots();
    dice.shuffle(&mut roots);
    let numbered = roots.iter().cycle().take(count).zip(1_u16..);
    numbered.map(|((name, root), number)| Story::read(name, root, number)).collect()
}

#[test]
fn what_is_killed_at_any_moment_loses_nothing_and_doubles_nothing() {
    let wanted = variable(KILLS).unwrap_or(30);
    let mut seed = variable(SEED).unwrap_or(1);
    let mut all = Figures::default();
    while all.killed() < wanted {
        let mut dice = Dice::new(seed);
        // At length, some runs are slow enough for the state to be written between any two kills.
        let is_slow = wanted > 100 && seed % 5 == 2;
        let stories = stories(if is_slow { 300 } else { 100 }, &mut dice);
        let torment = Torment {
            kills: (wanted - all.killed()).min(60),
            aims: if is_slow { &WRITING } else { &AIMS },
            manners: Manners::Chance(25, dice.fork()),
            outage_ms: if wanted > 100 && seed.is_multiple_of(4) { 120_000 } else { 2_000 },
            is_polling: seed.is_multiple_of(3),
        };
        // Now and then people pause for longer than a session stays open.
        let pace = Pace { longest: if seed.is_multiple_of(5) { 2_600 } else { MANNER.pace.longest }, ..MANNER.pace };
        let manner = Manner { pace, spread: if is_slow { 150_000 } else { MANNER.spread }, ..MANNER };
        let rig = Rig { stories: &stories, manner, seed };
        let (faults, figures) = rig.run(&torment, dice);
        assert!(faults.is_empty(), "seed {seed}: {} faults\n{}", faults.len(), faults.join("\n"));
        all.add(&figures);
        seed += 1;
    }
    report(&all);
    assert!(all.killed() >= wanted);
}

#[expect(clippy::print_stderr, reason = "the figures are what a torture is made for")]
fn report(figures: &Figures) {
    eprintln!("{figures}");
}

/// Every run is followed while it is written, by events and by looking.
fn follow(is_polling: bool) {
    let mut dice = Dice::new(7);
    let stories = stories(roots().len(), &mut dice);
    let spread = 40 * stories.len() as u64;
    let manner = Manner { halved: if is_polling { 0 } else { 300 }, whole: 0, moved: 30, spread, ..MANNER };
    let torment = Torment { kills: 0, aims: &AIMS, manners: Manners::Good, outage_ms: 0, is_polling };
    let (faults, figures) = Rig { stories: &stories, manner, seed: 7 }.run(&torment, dice);
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert_eq!(figures.repeated, 0, "{figures}");
    report(&figures);
}

#[test]
fn what_is_followed_by_events_is_what_is_read_at_the_end() {
    follow(false);
}

#[test]
fn what_is_followed_by_looking_is_what_is_read_at_the_end() {
    follow(true);
}

/// The receiver rejects some spans of some requests, which no sender sees as a failure of the others.
const TURNS: [Fault; 7] =
    [Fault::None, Fault::Partial, Fault::Reset, Fault::None, Fault::Partial, Fault::TooMany, Fault::Swallowed];

#[test]
fn what_was_taken_or_rejected_is_not_sent_again() {
    let mut dice = Dice::new(9);
    let stories = stories(60, &mut dice);
    let manner = Manner { spread: 6_000, ..MANNER };
    let torment = Torment { kills: 0, aims: &AIMS, manners: Manners::Cycle(&TURNS), outage_ms: 0, is_polling: false };
    let (faults, figures) = Rig { stories: &stories, manner, seed: 9 }.run(&torment, dice);
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert!(figures.rejected > 0, "nothing was rejected, so that nothing was shown");
    assert_eq!(figures.repeated, 0, "{figures}");
}
