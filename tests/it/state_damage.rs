//! Whatever happens to a state's files while nobody looks, the next start ends with a usable state and no wrong row.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use claude_otel::checkpoint::ladder::Opening;
use claude_otel::checkpoint::mirror::{Mirror, MirrorFile};
use claude_otel::checkpoint::place::Place;
use claude_otel::checkpoint::rows::{Commit, DeliveredSpan};
use claude_otel::checkpoint::store::Store;

use crate::state::{OPTIONS, Remembered, copy, file, locked, session};

/// How often each kind of damage is done, each time elsewhere.
const POINTS: u64 = 16;
const SESSIONS: u64 = 40;

/// A number from a seed that looks like chance and is none (splitmix64).
fn chance(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A healthy state, and what it held after each write.
struct Template {
    temp: tempfile::TempDir,
    history: BTreeMap<u64, Remembered>,
}

impl Template {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let lock = locked(temp.path());
        let mut history = BTreeMap::new();
        for round in 0..6_u64 {
            let store = Store::open(&lock, &OPTIONS).unwrap().0;
            history.insert(store.writes().unwrap(), Remembered::of(&store));
            for half in 0..2 {
                store.commit(&commit(round * 2 + half)).unwrap();
                history.insert(store.writes().unwrap(), Remembered::of(&store));
                store.flush().unwrap();
            }
            let files: Vec<_> = store.load().unwrap().files.iter().map(MirrorFile::from).collect();
            let writes = store.writes().unwrap();
            let mirror = Mirror { version: Mirror::VERSION, writes, files, ..Mirror::default() };
            mirror.write(temp.path()).unwrap();
        }
        Self { temp, history }
    }

    fn files(&self) -> usize {
        self.history.last_key_value().unwrap().1.files.len()
    }

    /// Does some damage to a copy, opens it, and says how that went.
    fn after(&self, what: &str, damage: impl FnOnce(&Path)) -> &'static str {
        let temp = tempfile::tempdir().unwrap();
        copy(self.temp.path(), temp.path());
        damage(&temp.path().join("db"));
        let lock = locked(temp.path());
        let (store, opening) = Store::open(&lock, &OPTIONS).unwrap_or_else(|error| panic!("{what}: {error}"));
        let found = Remembered::of(&store);
        let outcome = match &opening {
            Opening::Fresh => panic!("{what}: taken for a new state"),
            Opening::Opened | Opening::Mended { .. } => {
                // Less than all is right only when it is exactly what was there at some earlier time.
                let expected = self.history.get(&store.writes().unwrap());
                assert_eq!(Some(&found), expected, "{what}: wrong rows");
                if matches!(opening, Opening::Opened) { "opened" } else { "mended" }
            }
            Opening::Rebuilt { mirror, .. } => {
                assert_eq!(found, Remembered::default(), "{what}");
                assert_eq!(mirror.as_ref().unwrap().files.len(), self.files(), "{what}");
                "rebuilt"
            }
        };
        if let Opening::Mended { set_aside, .. } | Opening::Rebuilt { set_aside, .. } = &opening {
            assert!(set_aside.starts_with(Place::new(temp.path()).set_aside()) && set_aside.is_dir(), "{what}");
        }
        // It has to be as good as new.
        store.commit(&commit(100)).unwrap();
        store.flush().unwrap();
        let now = Remembered::of(&store);
        assert!(now.files.len() >= 40, "{what}");
        drop(store);
        let (store, opening) = Store::open(&lock, &OPTIONS).unwrap();
        assert!(matches!(opening, Opening::Opened), "{what}: {opening:?}");
        assert_eq!(Remembered::of(&store), now, "{what}");
        outcome
    }

    /// The same at many places, and how often it went which way.
    fn often(&self, what: &str, damage: impl Fn(&Path, u64)) -> BTreeMap<&'static str, u64> {
        let mut outcomes = BTreeMap::new();
        for point in 0..POINTS {
            let outcome = self.after(&format!("{what}, point {point}"), |db| damage(db, chance(point)));
            *outcomes.entry(outcome).or_default() += 1;
        }
        outcomes
    }
}

fn commit(round: u64) -> Commit {
    let sessions = (0..SESSIONS).map(|number| {
        let mut session = session(number, round as i64, round);
        session.owned = (0..30).map(|entry| chance(entry + round * 1000 + number * 1_000_000)).collect();
        let ids = (0..60).map(|entry| chance(entry + (round / 2) * 1000 + number * 1_000_000));
        session.delivered = ids.map(|span_id| DeliveredSpan { span_id, print: round }).collect();
        session
    });
    let files = (0..SESSIONS * 3).map(|number| file(number + (round % 2) * 500, number / 3, 1000 + round)).collect();
    Commit { files, gone: Vec::new(), sessions: sessions.collect() }
}

fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    fs::OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, at).unwrap();
}

fn flip(path: &Path, seed: u64) {
    let mut bytes = fs::read(path).unwrap();
    let at = (seed % bytes.len() as u64) as usize;
    bytes[at] ^= 1 << (seed >> 61);
    fs::write(path, bytes).unwrap();
}

fn garbage(len: u64, seed: u64) -> Vec<u8> {
    (0..len.div_ceil(8)).flat_map(|word| chance(seed ^ word).to_le_bytes()).take(len as usize).collect()
}

fn len(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

fn snapshot(db: &Path) -> PathBuf {
    let names = fs::read_dir(db).unwrap().map(|entry| entry.unwrap().path());
    names.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("snap.")).max().unwrap()
}

#[test]
fn a_truncated_database() {
    let template = Template::new();
    let outcomes = template.often("truncated", |db, seed| {
        let file = db.join("db");
        fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(seed % len(&file)).unwrap();
    });
    assert!(outcomes.contains_key("rebuilt"), "damage that does nothing: {outcomes:?}");
}

#[test]
fn one_bit_of_the_database() {
    let template = Template::new();
    template.often("a bit flipped", |db, seed| flip(&db.join("db"), seed));
}

#[test]
fn a_page_of_zeroes() {
    let template = Template::new();
    template.often("a page zeroed", |db, seed| {
        let file = db.join("db");
        overwrite(&file, seed % len(&file) / 4096 * 4096, &[0; 4096]);
    });
}

#[test]
fn a_stretch_of_garbage() {
    let template = Template::new();
    template.often("64 KiB of garbage", |db, seed| {
        let file = db.join("db");
        overwrite(&file, seed % (len(&file) - 65536), &garbage(65536, seed));
    });
}

#[test]
fn a_database_that_is_no_more() {
    let template = Template::new();
    let rebuilt = |what: &str, damage: &dyn Fn(&Path)| assert_eq!(template.after(what, damage), "rebuilt", "{what}");
    rebuilt("emptied", &|db| fs::write(db.join("db"), "").unwrap());
    rebuilt("deleted", &|db| fs::remove_file(db.join("db")).unwrap());
    rebuilt("the folder emptied", &|db| {
        fs::remove_dir_all(db).unwrap();
        fs::create_dir(db).unwrap();
    });
    rebuilt("the folder deleted", &|db| fs::remove_dir_all(db).unwrap());
    for seed in 0..3 {
        rebuilt("all garbage", &|db| fs::write(db.join("db"), garbage(len(&db.join("db")), seed)).unwrap());
    }
}

#[test]
fn settings_and_snapshots_can_be_made_again() {
    let template = Template::new();
    let whole = |what: &str, damage: &dyn Fn(&Path)| {
        assert_ne!(template.after(what, damage), "rebuilt", "{what}");
    };
    for seed in 0..POINTS {
        let cut = |path: &Path| fs::write(path, &fs::read(path).unwrap()[..(seed % len(path)) as usize]).unwrap();
        whole("settings cut short", &|db| cut(&db.join("conf")));
        whole("a snapshot cut short", &|db| cut(&snapshot(db)));
        whole("a snapshot flipped", &|db| flip(&snapshot(db), chance(seed)));
        whole("a snapshot of garbage", &|db| fs::write(snapshot(db), garbage(seed * 100, seed)).unwrap());
    }
    whole("settings of garbage", &|db| fs::write(db.join("conf"), garbage(60, 1)).unwrap());
    whole("no settings", &|db| fs::remove_file(db.join("conf")).unwrap());
    whole("no snapshot", &|db| fs::remove_file(snapshot(db)).unwrap());
}

#[test]
fn a_snapshot_that_was_being_written_is_no_damage() {
    let template = Template::new();
    for len in [0, 1, 100, 5000] {
        let outcome = template.after("half a snapshot", |db| {
            let bytes = fs::read(snapshot(db)).unwrap();
            let half = &bytes[..bytes.len().min(len)];
            fs::write(db.join("snap.00000000FFFFFFFF.generating"), half).unwrap();
        });
        assert_eq!(outcome, "opened");
    }
}

#[test]
fn three_damaged_states_are_kept() {
    let template = Template::new();
    let dir = template.temp.path();
    let lock = locked(dir);
    for round in 0..5_i64 {
        fs::write(dir.join("db/db"), garbage(10_000, 1)).unwrap();
        fs::write(dir.join("db/which"), round.to_string()).unwrap();
        let options = claude_otel::checkpoint::store::Options { now_unix_ms: round / 2, ..OPTIONS };
        let opening = Store::open(&lock, &options).unwrap().1;
        assert!(matches!(opening, Opening::Rebuilt { .. }), "{opening:?}");
    }
    let aside = Place::new(dir).set_aside();
    let kept = fs::read_dir(aside).unwrap().map(|entry| entry.unwrap().path().join("which"));
    let mut texts: Vec<_> = kept.map(|path| fs::read_to_string(path).unwrap()).collect();
    texts.sort();
    assert_eq!(texts, ["2", "3", "4"]);
}
