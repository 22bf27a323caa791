use super::super::lines::Item;
use super::super::open::open;
use super::super::read::TranscriptReader;
use super::super::{DEFAULT_MAX_LINE_BYTES, Options};
use super::*;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

const LONGEST_LINE: usize = 4096;

struct Place {
    _temp: tempfile::TempDir,
    path: PathBuf,
    reader: TranscriptReader,
    /// Times of writing are set, since two writes in one tick of the file system's clock would look like one.
    clock: u64,
    /// Files that were replaced, held open so that none of their inodes is given out again.
    replaced: Vec<File>,
}

impl Place {
    fn new(bytes: impl AsRef<[u8]>) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("S.jsonl");
        let reader = TranscriptReader::new(&Options { max_line_bytes: LONGEST_LINE, ..Options::default() });
        let mut place = Self { _temp: temp, path, reader, clock: 1_700_000_000, replaced: vec![] };
        place.write(bytes);
        place
    }

    fn written(&mut self) {
        self.clock += 1;
        let file = File::options().write(true).open(&self.path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(self.clock)).unwrap();
    }

    /// Writes in place, so that the inode stays.
    fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let mut file = File::options().write(true).create(true).truncate(true).open(&self.path).unwrap();
        file.write_all(bytes.as_ref()).unwrap();
        self.written();
    }

    fn append(&mut self, bytes: impl AsRef<[u8]>) {
        File::options().append(true).open(&self.path).unwrap().write_all(bytes.as_ref()).unwrap();
        self.written();
    }

    /// Puts a new file in the place of the old one.
    fn replace(&mut self, bytes: impl AsRef<[u8]>) {
        self.replaced.push(File::open(&self.path).unwrap());
        let new = self.path.with_extension("new");
        fs::write(&new, bytes).unwrap();
        fs::rename(new, &self.path).unwrap();
        self.written();
    }

    fn lines(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(item) = self.reader.next_line().unwrap() {
            lines.push(match item {
                Item::Line(line) => String::from_utf8(line.bytes.to_vec()).unwrap(),
                Item::Oversized(line) => format!("{} bytes at {}, {}", line.len, line.offset, line.terminated),
            });
        }
        lines
    }

    fn read(&mut self) -> (Vec<String>, Consumed) {
        self.reader.open(&self.path, 0).unwrap();
        let lines = self.lines();
        (lines, self.reader.consumed(LastLine::Left).unwrap().unwrap())
    }

    /// Resumes, and reads on where it is said to be possible.
    fn resume(&mut self, before: &Consumed) -> (Standing, Vec<String>) {
        let standing = self.reader.resume(&self.path, before).unwrap();
        (standing, self.lines())
    }

    fn consumed(&self, last_line: LastLine) -> Consumed {
        self.reader.consumed(last_line).unwrap().unwrap()
    }
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn an_unchanged_file_is_the_same_and_a_grown_one_goes_on() {
    let mut place = Place::new("one\ntwo\n");
    let (lines, before) = place.read();
    assert_eq!((lines, before.offset, before.size), (owned(&["one", "two"]), 8, 8));
    assert_eq!(place.resume(&before), (Standing::Same, vec![]));
    place.append("three\n");
    assert_eq!(place.resume(&before), (Standing::Continues, owned(&["three"])));
    let after = place.consumed(LastLine::Left);
    assert_eq!((after.offset, after.size, after.head_print == before.head_print), (14, 14, false));
    assert_eq!(place.resume(&after), (Standing::Same, vec![]));
}

#[test]
fn a_line_without_an_end_is_given_out_again_unless_it_was_taken() {
    let mut place = Place::new("one\n{\"half\":");
    let (lines, before) = place.read();
    assert_eq!((lines, before.offset, before.size), (owned(&["one", "{\"half\":"]), 4, 12));
    let taken = place.consumed(LastLine::Taken);
    assert_eq!(taken.offset, 12);
    // Once the file rests, the line can still be taken.
    assert_eq!(place.resume(&before), (Standing::Same, owned(&["{\"half\":"])));
    place.append("1}{\"spliced\":2}\nnext\n");
    let expected = owned(&["{\"half\":1}{\"spliced\":2}", "next"]);
    assert_eq!(place.resume(&before), (Standing::Continues, expected));
    assert_eq!(place.consumed(LastLine::Left).offset, 33);
    assert_eq!(place.resume(&taken), (Standing::Continues, owned(&["1}{\"spliced\":2}", "next"])));
}

#[test]
fn only_what_was_given_out_counts_as_read() {
    let mut place = Place::new("one\ntwo\nthree\n");
    place.reader.open(&place.path, 0).unwrap();
    place.reader.next_line().unwrap();
    let before = place.consumed(LastLine::Left);
    assert_eq!((before.offset, before.size), (4, 14));
    assert_eq!(place.resume(&before), (Standing::Same, owned(&["two", "three"])));
    place.reader.close();
    assert_eq!(place.reader.consumed(LastLine::Left).unwrap(), None);
}

#[test]
fn half_a_line_that_was_taken_back_leaves_the_rest_as_it_was() {
    let mut place = Place::new("one\nhalf");
    let (_, before) = place.read();
    place.write("one\n");
    assert_eq!(place.resume(&before), (Standing::Continues, vec![]));
    place.write("one\nother half\n");
    assert_eq!(place.resume(&before), (Standing::Continues, owned(&["other half"])));
}

#[test]
fn a_file_that_is_shorter_than_what_was_read_of_it_has_shrunk() {
    let mut place = Place::new("one\ntwo\n");
    let (_, before) = place.read();
    for text in ["one\n", ""] {
        place.write(text);
        assert_eq!(place.resume(&before), (Standing::Shrunk, vec![]), "{text:?}");
    }
}

#[test]
fn a_file_with_other_bytes_is_rewritten_whatever_its_size() {
    let long = "x".repeat(1500) + "\n";
    for (old, new) in [
        ("one\ntwo\n".to_owned(), "two\none\n".to_owned()),
        ("one\ntwo\n".to_owned(), "one\ntwenty\nthree\n".to_owned()),
        ("one\ntwo\n".to_owned(), "ONE\ntwo\nthree\n".to_owned()),
        (long.clone() + "tail\n", long.clone() + "TAIL\nmore\n"),
        (long.clone() + "tail\n", long.replacen('x', "y", 1) + "tail\nmore\n"),
    ] {
        let mut place = Place::new(&old);
        let (_, before) = place.read();
        place.write(&new);
        assert_eq!(place.resume(&before), (Standing::Rewritten, vec![]), "{old} became {new}");
    }
}

#[test]
fn a_file_of_the_same_size_that_was_written_to_is_rewritten_even_where_nobody_looks() {
    let text = |middle: &str| format!("{}{middle}{}\n", "x".repeat(1500), "x".repeat(500));
    let mut place = Place::new(text("one"));
    let (_, before) = place.read();
    place.write(text("two"));
    assert_eq!(place.resume(&before), (Standing::Rewritten, vec![]));
    // Other bytes under the old time are seen where they are looked for.
    let mut place = Place::new("one\n");
    let (_, before) = place.read();
    place.clock -= 1;
    place.write("two\n");
    assert_eq!(place.resume(&before), (Standing::Rewritten, vec![]));
}

#[test]
fn another_file_is_replaced_and_goes_on_only_when_it_holds_what_was_read() {
    let mut place = Place::new("one\n");
    let (_, before) = place.read();
    place.replace("one\ntwo\n");
    assert_eq!(place.resume(&before), (Standing::Replaced { continues: true }, owned(&["two"])));
    let id = place.consumed(LastLine::Left).id;
    assert_ne!(id, before.id);
    for text in ["ONE\ntwo\n", "on", ""] {
        place.replace(text);
        assert_eq!(place.resume(&before), (Standing::Replaced { continues: false }, vec![]), "{text:?}");
    }
}

#[test]
fn a_file_that_was_renamed_goes_on_under_its_new_name() {
    let mut place = Place::new("one\n");
    let (_, before) = place.read();
    let renamed = place.path.with_file_name("T.jsonl");
    fs::rename(&place.path, &renamed).unwrap();
    assert_eq!(place.reader.resume(&place.path, &before).unwrap_err().kind(), "vanished");
    place.path = renamed;
    place.append("two\n");
    assert_eq!(place.resume(&before), (Standing::Continues, owned(&["two"])));
}

#[test]
fn a_file_that_is_deleted_while_it_is_open_is_read_to_its_end() {
    let mut place = Place::new("one\ntwo\n");
    place.reader.open(&place.path, 0).unwrap();
    fs::remove_file(&place.path).unwrap();
    assert_eq!(place.lines(), ["one", "two"]);
    assert_eq!(place.consumed(LastLine::Left).offset, 8);
    let before = place.consumed(LastLine::Left);
    assert_eq!(place.reader.resume(&place.path, &before).unwrap_err().kind(), "vanished");
    assert!(place.reader.next_line().unwrap().is_none(), "a file that could not be opened gives lines");
}

#[test]
fn what_is_no_file_any_more_is_a_problem_and_never_waited_for() {
    let mut place = Place::new("one\n");
    let (_, before) = place.read();
    fs::remove_file(&place.path).unwrap();
    fs::create_dir(&place.path).unwrap();
    assert_eq!(place.reader.resume(&place.path, &before).unwrap_err().kind(), "not_regular");
    fs::remove_dir(&place.path).unwrap();
    assert!(Command::new("mkfifo").arg(&place.path).status().unwrap().success());
    assert_eq!(place.reader.resume(&place.path, &before).unwrap_err().kind(), "not_regular");
    fs::remove_file(&place.path).unwrap();
    fs::write(&place.path, "").unwrap();
    let below = place.path.join("S.jsonl");
    assert_eq!(place.reader.resume(&below, &before).unwrap_err().kind(), "file_unreadable");
}

#[test]
fn a_file_without_a_byte_goes_on_when_it_gets_some() {
    let mut place = Place::new("");
    let (lines, before) = place.read();
    assert_eq!((lines, before.offset, before.head_print), (vec![], 0, xxh3_64(b"")));
    place.append("one\n");
    assert_eq!(place.resume(&before), (Standing::Continues, owned(&["one"])));
}

#[test]
fn what_grows_while_it_is_read_is_met_again_and_gives_nothing_twice() {
    let mut place = Place::new("one\n");
    place.reader.open(&place.path, 0).unwrap();
    place.append("two\n");
    assert_eq!(place.lines(), ["one", "two"]);
    let before = place.consumed(LastLine::Left);
    // The size is that of the opening: whoever sees a larger one looks again and is right to.
    assert_eq!((before.size, before.offset), (4, 8));
    assert_eq!(place.resume(&before), (Standing::Continues, vec![]));
    let after = place.consumed(LastLine::Left);
    assert_eq!(place.resume(&after), (Standing::Same, vec![]));
}

#[test]
fn a_file_that_is_rewritten_while_it_is_read_has_no_standing() {
    let mut place = Place::new("one\n");
    place.reader.open(&place.path, 0).unwrap();
    assert_eq!(place.lines(), ["one"]);
    place.write("two\nthree\n");
    assert_eq!(place.reader.consumed(LastLine::Left).unwrap_err().kind(), "rewritten");
    place.write("on");
    assert_eq!(place.reader.consumed(LastLine::Left).unwrap_err().kind(), "rewritten");
}

#[test]
fn a_line_that_is_too_long_is_skipped_on_from_where_it_was_left() {
    let mut place = Place::new("one\n");
    place.append(vec![b'x'; 2 * LONGEST_LINE]);
    let (lines, before) = place.read();
    assert_eq!(lines, ["one", "8192 bytes at 4, false"]);
    assert_eq!((before.offset, before.skipping.map(|skipping| skipping.to)), (4, Some(8196)));
    assert_eq!(place.consumed(LastLine::Taken), before, "a line that is too long was taken");

    place.append("y");
    assert_eq!(place.resume(&before), (Standing::Continues, owned(&["8193 bytes at 4, false"])));
    let longer = place.consumed(LastLine::Left);
    assert_eq!((longer.offset, longer.skipping.map(|skipping| skipping.to)), (4, Some(8197)));
    assert_eq!(place.resume(&longer), (Standing::Same, owned(&["8193 bytes at 4, false"])));
    place.append("end\nnext\n");
    assert_eq!(place.resume(&longer), (Standing::Continues, owned(&["8197 bytes at 4, true", "next"])));
    let after = place.consumed(LastLine::Left);
    assert_eq!((after.offset, after.skipping), (8206, None));
    // After a restart it is skipped from its beginning, with the same outcome.
    let restarted = Consumed { skipping: None, ..longer };
    assert_eq!(place.resume(&restarted), (Standing::Continues, owned(&["8197 bytes at 4, true", "next"])));
}

#[test]
fn skipping_does_not_go_on_in_another_line() {
    let mut place = Place::new("one\n");
    place.append(vec![b'x'; 2 * LONGEST_LINE]);
    let (_, before) = place.read();
    place.write("one\n".to_owned() + &"line\n".repeat(2000));
    let (standing, lines) = place.resume(&before);
    assert_eq!((standing, lines.len(), &*lines[0]), (Standing::Continues, 2000, "line"));
}

/// Counts what the system was asked for, so that a hole of a hundred megabytes is known to be read once.
struct Counted<R>(R, u64);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1 += count as u64;
        Ok(count)
    }
}

#[test]
fn a_hundred_megabytes_without_a_newline_are_read_once_as_they_grow() {
    const HOLE: u64 = 100 * 1024 * 1024;
    let mut place = Place::new("one\n");
    place.reader = TranscriptReader::new(&Options { max_line_bytes: DEFAULT_MAX_LINE_BYTES, ..Options::default() });
    File::options().write(true).open(&place.path).unwrap().set_len(HOLE).unwrap();
    place.written();
    let (lines, mut before) = place.read();
    assert_eq!(lines, ["one".to_owned(), format!("{} bytes at 4, false", HOLE - 4)]);
    for _ in 0..3 {
        place.append("\0");
        assert_eq!(place.resume(&before).0, Standing::Continues);
        before = place.consumed(LastLine::Left);
    }
    let opened = open(&place.path).unwrap();
    let skipped = skipped(&opened.file, &before);
    assert_eq!(skipped, HOLE + 3 - 4);
    place.append("\nnext\n");
    let mut file = File::open(&place.path).unwrap();
    file.seek(SeekFrom::Start(before.offset + skipped)).unwrap();
    let source = Counted(file, 0);
    let mut lines = super::super::lines::LineReader::new(source, before.offset, LONGEST_LINE).inside_oversized(skipped);
    let first = lines.next_line().unwrap().unwrap();
    assert_eq!((first.offset(), first.end(), first.terminated()), (4, HOLE + 4, true));
    while lines.next_line().unwrap().is_some() {}
    assert_eq!(lines.source().1, 6);
    assert_eq!(place.resume(&before).1.last().unwrap(), "next");
}

#[test]
fn holes_are_stripped_from_lines_that_fit() {
    let mut place = Place::new("one\n");
    let (_, before) = place.read();
    File::options().write(true).open(&place.path).unwrap().set_len(2000).unwrap();
    place.append("two\n");
    assert_eq!(place.resume(&before), (Standing::Continues, owned(&["two"])));
    let after = place.consumed(LastLine::Left);
    assert_eq!(after.offset, 2004);
    place.append("three\n");
    assert_eq!(place.resume(&after), (Standing::Continues, owned(&["three"])));
}
