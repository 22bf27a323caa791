//! The scanner against `serde_json`: what one takes the other takes, and both say the same.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Everything that a line says, read through the scanner.
fn read(cursor: &mut Cursor<'_>) -> Result<Value, JsonError> {
    Ok(match cursor.peek() {
        Some(b'"') => {
            let quoted = cursor.string()?;
            let text = quoted.text();
            assert_eq!(text.len(), quoted.len(), "{quoted:?}");
            Value::String(text.into_owned())
        }
        Some(b'{') => {
            let mut object = serde_json::Map::new();
            cursor.object(|key, cursor| {
                object.insert(key.text().into_owned(), read(cursor)?);
                Ok(())
            })?;
            Value::Object(object)
        }
        Some(b'[') => {
            let mut array = Vec::new();
            cursor.array(|cursor| {
                array.push(read(cursor)?);
                Ok(())
            })?;
            Value::Array(array)
        }
        Some(b't' | b'f') => cursor.truth()?.map_or(Value::Null, Value::Bool),
        Some(b'-' | b'0'..=b'9') => cursor.number()?.into(),
        _ => {
            cursor.skip()?;
            Value::Null
        }
    })
}

fn ours(line: &[u8]) -> Result<Value, JsonError> {
    let mut cursor = Cursor::new(line)?;
    let value = read(&mut cursor)?;
    cursor.end()?;
    Ok(value)
}

fn is_skipped(line: &[u8]) -> bool {
    Cursor::new(line).is_ok_and(|mut cursor| cursor.skip().and_then(|()| cursor.end()).is_ok())
}

/// Whole numbers and fractions are one to us; the last digit of a fraction is the reader's own.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or_default(), b.as_f64().unwrap_or_default());
            (a - b).abs() <= b.abs() * 1e-15
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

fn compare(line: &[u8]) {
    let theirs: Result<Value, _> = serde_json::from_slice(line);
    match (ours(line), &theirs) {
        (Ok(ours), Ok(theirs)) => assert!(same(&ours, theirs), "{ours}\n{theirs}"),
        (Err(_), Err(_)) => {}
        // The nesting that it can take is bounded, ours is not; numbers that are too great are told apart.
        (Ok(_), Err(error)) if error.to_string().contains("recursion limit") => {}
        (ours, theirs) => panic!("{:?}\n{ours:?}\n{theirs:?}", String::from_utf8_lossy(line)),
    }
    if std::str::from_utf8(line).is_ok() {
        let is_taken = serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
        assert_eq!(is_skipped(line), is_taken, "{:?}", String::from_utf8_lossy(line));
    }
}

/// Pieces of texts as they stand in lines: plain runs of all lengths, escapes, pairs, halves of pairs, other alphabets.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[ -!#-\\[\\]-~]{0,90}",
        4 => Just(r"\n".to_owned()),
        3 => Just("\\\\".to_owned()),
        3 => Just("\\\"".to_owned()),
        2 => prop::sample::select(vec![r"\t", r"\r", r"\/", r"\b", r"\f", r"\u00e9", r"\u001b", r"\ud83d\ude00", r"\u20AC"]).prop_map(str::to_owned),
        1 => "[àéßł€😀漢]{1,20}",
        1 => prop::sample::select(vec![r"\ud83d", r"\ude00", r"\ud83dx", r"\x", r"\u12g4", "\u{1}", "\n", "\u{7f}"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", "", "", " ", "\t", "\r ", "  "])
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => text().prop_map(|text| format!("\"{text}\"")),
        2 => any::<i64>().prop_map(|number| number.to_string()),
        2 => any::<f64>().prop_map(|number| format!("{number:e}")),
        2 => prop::sample::select(vec!["0", "-0", "1.5", "-1.50e+3", "1E5", "01", "1.", ".5", "-", "1e", "1e400", "--1", "123456789012345678901234567890", "0.1e-400"]).prop_map(str::to_owned),
        2 => prop::sample::select(vec!["true", "false", "null", "tru", "nul", "True", ""]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let field = (text(), space(), inner.clone(), space());
        prop_oneof![
            prop::collection::vec((space(), inner, space()), 0..6).prop_map(|elements| {
                let elements: Vec<String> =
                    elements.into_iter().map(|(a, element, b)| format!("{a}{element}{b}")).collect();
                format!("[{}]", elements.join(","))
            }),
            prop::collection::vec(field, 0..6).prop_map(|fields| {
                let fields: Vec<String> =
                    fields.into_iter().map(|(key, a, value, b)| format!("{a}\"{key}\"{b}:{a}{value}{b}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

/// What happens to lines: bytes that change, vanish or come twice, ends cut off, a second line on the same one.
fn damaged(mut line: Vec<u8>, damages: Vec<(u8, usize, u8)>) -> Vec<u8> {
    for (kind, place, byte) in damages {
        let place = place % (line.len() + 1);
        match kind % 5 {
            0 => line.truncate(place),
            1 => line.insert(place, byte),
            2 if place < line.len() => line[place] = byte,
            3 if place < line.len() => {
                line.remove(place);
            }
            _ => line.extend_from_within(..place),
        }
    }
    line
}

/// How many lines are tried; `CLAUDE_OTEL_FUZZ_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("CLAUDE_OTEL_FUZZ_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1500)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_say_what_serde_json_says(line in value(), before in space(), after in space()) {
        compare(format!("{before}{line}{after}").as_bytes());
    }

    #[test]
    fn damaged_lines_are_refused_when_serde_json_refuses_them(
        line in value(),
        damages in prop::collection::vec((any::<u8>(), any::<usize>(), prop::sample::select(b"\"\\{}[],:u0n \x00\xff\n".to_vec())), 0..4),
    ) {
        compare(&damaged(line.into_bytes(), damages));
    }

    #[test]
    fn heads_and_tails_are_those_of_the_whole_text(text in text(), bytes in 0..200_usize) {
        let line = format!("\"{text}\"");
        let Ok(quoted) = Cursor::new(line.as_bytes()).and_then(|mut cursor| cursor.string()) else { return Ok(()) };
        let whole = quoted.text();
        let head = quoted.head(bytes);
        prop_assert!(whole.starts_with(&*head), "{head:?} {whole:?}");
        // What is left out at the cut is a pair at most, but for runs of backslashes.
        prop_assert!(head.len() * 6 + 30 >= bytes.min(whole.len()) || text.contains("\\\\"), "{head:?} {whole:?}");
        prop_assert_eq!(quoted.lines(), whole.lines().count());
        let tail = quoted.tail(bytes);
        let end = &whole[whole.ceil_char_boundary(whole.len().saturating_sub(bytes))..];
        prop_assert!(tail.ends_with(end), "{tail:?} {end:?}");
    }
}

#[test]
fn every_length_of_text_ends_where_it_does() {
    for len in 0..300 {
        for escape in ["", r"\n", r"\\", r"\u00e9", r"\ud83d\ude00"] {
            for place in [0, len / 2, len] {
                let line = format!("\"{}{escape}{}\"", "a".repeat(place), "b".repeat(len - place));
                compare(line.as_bytes());
                compare(format!("[{line}, {line}]").as_bytes());
                compare(&line.as_bytes()[..line.len() - 1]);
            }
        }
    }
}

#[test]
fn nesting_costs_no_stack() {
    let deep = format!("{}1{}", "[{\"a\":".repeat(500_000), "}]".repeat(500_000));
    assert!(is_skipped(deep.as_bytes()));
    assert!(!is_skipped(&deep.as_bytes()[..deep.len() - 1]));
}

#[test]
fn a_text_that_is_none_is_told_apart() {
    assert_eq!(ours(br#""\ud83d""#), Err(JsonError::LoneSurrogate));
    assert_eq!(ours(b"\"\xff\""), Err(JsonError::NotUtf8));
    assert_eq!(ours(b"1e999"), Err(JsonError::AbsurdNumber));
    assert_eq!(ours(b"{\"a\":"), Err(JsonError::Torn));
    // Nobody asks for it: it may be whatever it is.
    assert!(is_skipped(br#"{"a":"\ud83d","b":1e999}"#));
}
