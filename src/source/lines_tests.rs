use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// An owned copy of an item, to compare whole readings.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Line { offset: u64, len: u64, bytes: Vec<u8>, nul_bytes: usize, terminated: bool },
    Oversized(Oversized),
}

impl From<Item<'_>> for Seen {
    fn from(item: Item<'_>) -> Self {
        match item {
            Item::Line(RawLine { offset, len, bytes, nul_bytes, terminated }) => {
                Self::Line { offset, len, bytes: bytes.to_vec(), nul_bytes, terminated }
            }
            Item::Oversized(oversized) => Self::Oversized(oversized),
        }
    }
}

/// Hands out its bytes in pieces of the given sizes; a size of zero is an interruption.
struct Pieces<'a> {
    rest: &'a [u8],
    sizes: Vec<usize>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(!buffer.is_empty(), "an empty buffer would look like the end");
        let size = self.sizes.pop().unwrap_or(usize::MAX);
        if size == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = size.min(buffer.len()).min(self.rest.len());
        let (now, later) = self.rest.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.rest = later;
        Ok(count)
    }
}

fn seen_by(mut reader: LineReader<impl Read>) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(item) = reader.next_line().unwrap() {
        seen.push(item.into());
    }
    assert!(reader.next_line().unwrap().is_none(), "the end is not the end");
    seen
}

fn lines_of(input: &[u8], max_line_bytes: usize) -> Vec<Seen> {
    seen_by(LineReader::new(input, 0, max_line_bytes))
}

fn texts(input: &[u8]) -> Vec<(Vec<u8>, usize)> {
    let text = |seen| match seen {
        Seen::Line { bytes, nul_bytes, .. } => (bytes, nul_bytes),
        Seen::Oversized(oversized) => panic!("{oversized:?}"),
    };
    lines_of(input, 1024).into_iter().map(text).collect()
}

#[test]
fn only_a_newline_ends_a_line() {
    let input = "a\u{2028}b\u{85}c\rd\u{b}e\n\nf".as_bytes();
    let expected = [("a\u{2028}b\u{85}c\rd\u{b}e", 0), ("", 0), ("f", 0)];
    assert_eq!(texts(input), expected.map(|(text, nul)| (text.as_bytes().to_vec(), nul)));
}

#[test]
fn nul_bytes_at_the_ends_and_one_carriage_return_are_stripped() {
    let expected = [("{}", 0), ("{}", 3), ("", 4), ("a\0b", 2), ("{}", 2), ("x\r", 0), ("", 0)];
    let input = b"{}\r\n\0\0\0{}\n\0\0\0\0\n\0a\0b\0\n{}\0\r\0\nx\r\r\n\r\n";
    assert_eq!(texts(input), expected.map(|(text, nul)| (text.as_bytes().to_vec(), nul)));
}

#[test]
fn the_last_line_without_a_newline_is_given_out_and_marked() {
    let line = |offset, len, bytes: &[u8], terminated| Seen::Line {
        offset,
        len,
        bytes: bytes.to_vec(),
        nul_bytes: 0,
        terminated,
    };
    assert_eq!(lines_of(b"ab\ncd", 9), [line(0, 3, b"ab", true), line(3, 2, b"cd", false)]);
    assert_eq!(lines_of(b"ab\n", 9), [line(0, 3, b"ab", true)]);
    assert_eq!(lines_of(b"", 9), []);
}

#[test]
fn a_line_over_the_limit_is_skipped_and_the_next_one_is_not() {
    let oversized = |offset, len, terminated| Seen::Oversized(Oversized { offset, len, terminated });
    let seen = lines_of(b"12345\n123456\n12\n1234567", 5);
    assert!(matches!(&seen[0], Seen::Line { bytes, .. } if bytes == b"12345"));
    assert_eq!(seen[1], oversized(6, 7, true));
    assert!(matches!(&seen[2], Seen::Line { offset: 13, bytes, .. } if bytes == b"12"));
    assert_eq!(seen[3], oversized(16, 7, false));
    assert_eq!(seen.len(), 4);
}

#[test]
fn a_long_line_is_held_whole_and_a_far_too_long_one_never_is() {
    let max_line_bytes = 1024 * 1024;
    let mut input = vec![b'x'; max_line_bytes];
    input.push(b'\n');
    input.resize(20 * max_line_bytes, b'y');
    input.extend(b"\nend\n");
    let mut reader = LineReader::new(&input[..], 0, max_line_bytes);
    assert!(matches!(reader.next_line().unwrap(), Some(Item::Line(line)) if line.bytes.len() == max_line_bytes));
    assert!(matches!(reader.next_line().unwrap(), Some(Item::Oversized(_))));
    assert!(matches!(reader.next_line().unwrap(), Some(Item::Line(line)) if line.bytes == b"end"));
    assert!(reader.buffer.capacity() <= 2 * (max_line_bytes + BLOCK_BYTES), "{}", reader.buffer.capacity());
    assert!(reader.into_buffer().is_empty(), "one long line must not be paid for until the end");
}

#[test]
fn short_lines_leave_the_buffer_small() {
    let input = "0123456789abcde\n".repeat(200_000);
    let mut reader = LineReader::new(input.as_bytes(), 0, 1024 * 1024);
    let mut lines = 0;
    while reader.next_line().unwrap().is_some() {
        lines += 1;
    }
    assert_eq!((lines, reader.buffer.len()), (200_000, BLOCK_BYTES));
}

#[test]
fn a_reader_with_the_buffer_of_another_one_sees_nothing_of_it() {
    let mut before = LineReader::new(&b"old\nhalf"[..], 0, 8);
    assert!(matches!(before.next_line().unwrap(), Some(Item::Line(line)) if line.bytes == b"old"));
    let mut reader = LineReader::with_buffer(&b"new\n"[..], 100, 8, before.into_buffer());
    assert_eq!(reader.buffer.len(), BLOCK_BYTES);
    let line = RawLine { offset: 100, len: 4, bytes: b"new", nul_bytes: 0, terminated: true };
    assert_eq!(reader.next_line().unwrap(), Some(Item::Line(line)));
    assert_eq!(reader.offset(), 104);
    assert_eq!(reader.next_line().unwrap(), None);
}

#[test]
fn an_error_loses_nothing_when_the_call_is_repeated() {
    struct Failing<'a>(Vec<io::Result<&'a [u8]>>);
    impl Read for Failing<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(next) = self.0.pop() else { return Ok(0) };
            let bytes = next?;
            buffer[..bytes.len()].copy_from_slice(bytes);
            Ok(bytes.len())
        }
    }
    let failure = || Err(io::ErrorKind::TimedOut.into());
    let mut reader = LineReader::new(Failing(vec![Ok(b"b\n"), failure(), Ok(b"a")]), 0, 8);
    assert_eq!(reader.next_line().unwrap_err().kind(), io::ErrorKind::TimedOut);
    assert!(matches!(reader.next_line().unwrap(), Some(Item::Line(line)) if line.bytes == b"ab"));
}

/// Bytes among which newlines, NULs and carriage returns are frequent, as in no honest file.
fn hostile_bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => Just(b'\n'), 2 => Just(0), 2 => Just(b'\r'), 6 => any::<u8>()];
    vec(byte, 0..400)
}

proptest! {
    #[test]
    fn any_pieces_give_the_same_lines(
        input in hostile_bytes(),
        sizes in vec(0_usize..40, 0..100),
        max_line_bytes in 0_usize..40,
    ) {
        let pieces = Pieces { rest: &input, sizes };
        prop_assert_eq!(seen_by(LineReader::new(pieces, 0, max_line_bytes)), lines_of(&input, max_line_bytes));
    }

    #[test]
    fn pieces_across_the_ends_of_blocks_give_the_same_lines(
        lengths in vec(0_usize..3 * BLOCK_BYTES, 1..5),
        sizes in vec(1_usize..2 * BLOCK_BYTES, 0..20),
    ) {
        let input: Vec<u8> = lengths.iter().flat_map(|len| [vec![b'x'; *len], vec![b'\n']].concat()).collect();
        let pieces = Pieces { rest: &input, sizes };
        let seen = seen_by(LineReader::new(pieces, 0, 2 * BLOCK_BYTES));
        let mut offset = 0;
        for (seen, length) in seen.iter().zip(&lengths) {
            let len = *length as u64 + 1;
            if *length > 2 * BLOCK_BYTES {
                prop_assert_eq!(seen, &Seen::Oversized(Oversized { offset, len, terminated: true }));
            } else {
                let bytes = vec![b'x'; *length];
                prop_assert_eq!(seen, &Seen::Line { offset, len, bytes, nul_bytes: 0, terminated: true });
            }
            offset += len;
        }
        prop_assert_eq!(seen.len(), lengths.len());
    }

    #[test]
    fn every_byte_is_accounted_for(input in hostile_bytes(), max_line_bytes in 0_usize..40, first in 0_u64..1 << 40) {
        let mut at = 0;
        for seen in seen_by(LineReader::new(&input[..], first, max_line_bytes)) {
            let (offset, len, terminated) = match &seen {
                Seen::Line { offset, len, terminated, .. } => (*offset, *len, *terminated),
                Seen::Oversized(line) => (line.offset, line.len, line.terminated),
            };
            prop_assert_eq!(offset, first + at as u64);
            let raw = &input[at..at + len as usize];
            at += raw.len();
            let content = raw.strip_suffix(b"\n").unwrap_or(raw);
            prop_assert_eq!(terminated, content.len() < raw.len());
            prop_assert!(terminated || at == input.len());
            prop_assert!(!content.contains(&b'\n'));
            match seen {
                Seen::Oversized(_) => prop_assert!(content.len() > max_line_bytes),
                Seen::Line { bytes, nul_bytes, .. } => {
                    prop_assert!(content.len() <= max_line_bytes);
                    let kept = content.windows(bytes.len().max(1)).any(|window| window == bytes) || bytes.is_empty();
                    prop_assert!(kept, "{:?} is no part of {:?}", bytes, content);
                    let nul_left = memchr::memchr_iter(0, &bytes).count();
                    let nul_there = memchr::memchr_iter(0, content).count();
                    prop_assert_eq!(nul_left + nul_bytes, nul_there);
                    prop_assert!(content.len() - bytes.len() - nul_bytes <= 1, "more than one other byte was lost");
                    prop_assert!(bytes.first() != Some(&0) && bytes.last() != Some(&0));
                }
            }
        }
        prop_assert_eq!(at, input.len());
    }

    #[test]
    fn reading_from_any_line_gives_the_rest(input in hostile_bytes(), max_line_bytes in 0_usize..40) {
        let all = lines_of(&input, max_line_bytes);
        for (index, seen) in all.iter().enumerate() {
            let (Seen::Line { offset, .. } | Seen::Oversized(Oversized { offset, .. })) = seen;
            let reader = LineReader::new(&input[*offset as usize..], *offset, max_line_bytes);
            prop_assert_eq!(&seen_by(reader)[..], &all[index..]);
        }
    }
}
