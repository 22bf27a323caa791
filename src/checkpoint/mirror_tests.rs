use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::*;

fn mirror(offset: u64) -> Mirror {
    let path = PathBuf::from(OsString::from_vec(b"/projects/\xff\xfe.jsonl".to_vec()));
    let file = FileRow { path, session: "s".to_owned(), offset, head_print: u64::MAX, ..FileRow::default() };
    let session = SessionRow {
        id: "s".to_owned(),
        last_activity: 5,
        open_turns: 1,
        due: Some(7),
        totals: BTreeMap::from([("spans".to_owned(), 3)]),
        ..SessionRow::default()
    };
    Mirror {
        version: Mirror::VERSION,
        settings: Some(Settings { session_idle_ms: 1, max_open_ms: 2, trace_scope: "turn".to_owned() }),
        health: MirrorHealth { rebuilds: 1, set_aside: Some(file.path.clone()), degraded: None },
        sessions: vec![MirrorSession::from(&session)],
        files: vec![MirrorFile::from(&file)],
        ..Mirror::default()
    }
}

#[test]
fn a_mirror_is_read_back_as_it_was() {
    let temp = tempfile::tempdir().unwrap();
    assert_eq!(Mirror::read(temp.path()), None);
    mirror(1).write(temp.path()).unwrap();
    assert_eq!(Mirror::read(temp.path()), Some(mirror(1)));
    mirror(2).write(temp.path()).unwrap();
    assert_eq!(Mirror::read(temp.path()), Some(mirror(2)));
    let names: Vec<_> = fs::read_dir(temp.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn a_mirror_cut_short_anywhere_is_replaced_by_the_one_before() {
    let temp = tempfile::tempdir().unwrap();
    mirror(1).write(temp.path()).unwrap();
    mirror(2).write(temp.path()).unwrap();
    let newest = Place::new(temp.path()).mirror();
    let text = fs::read(&newest).unwrap();
    for len in 0..text.len() - 1 {
        fs::write(&newest, &text[..len]).unwrap();
        assert_eq!(Mirror::read(temp.path()), Some(mirror(1)), "{len} bytes");
    }
    fs::remove_file(&newest).unwrap();
    assert_eq!(Mirror::read(temp.path()), Some(mirror(1)));
    // What cannot be read does not push out what can.
    fs::write(&newest, "{").unwrap();
    mirror(3).write(temp.path()).unwrap();
    assert_eq!(Mirror::read(temp.path()), Some(mirror(3)));
    fs::write(&newest, "{").unwrap();
    assert_eq!(Mirror::read(temp.path()), Some(mirror(1)));
}

#[test]
fn a_mirror_of_a_newer_format_counts_as_none_and_an_older_one_may_lack_fields() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(Place::new(temp.path()).mirror(), r#"{"version":2}"#).unwrap();
    assert_eq!(Mirror::read(temp.path()), None);
    let old = r#"{"version":1,"sessions":[{"id":"a"}],"files":[{"path":"/a","offset":3}],"unknown":[]}"#;
    fs::write(Place::new(temp.path()).mirror(), old).unwrap();
    let read = Mirror::read(temp.path()).unwrap();
    assert_eq!((read.files[0].offset, read.sessions[0].id.as_str()), (3, "a"));
}

#[test]
fn a_mirror_that_cannot_be_written_leaves_the_old_one() {
    let temp = tempfile::tempdir().unwrap();
    mirror(1).write(temp.path()).unwrap();
    fs::create_dir(temp.path().join("checkpoints.json.unfinished")).unwrap();
    assert!(mirror(2).write(temp.path()).is_err());
    assert_eq!(Mirror::read(temp.path()), Some(mirror(1)));
}
