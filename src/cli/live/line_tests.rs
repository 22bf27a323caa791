use super::*;
use crate::privacy::options::ContentLevel;
use crate::view::live::fixtures::{BEGINNING, Script, busy_day};
use crate::view::live::tell::{First, Teller};

const STYLE: LineStyle = LineStyle { zone: Zone::Utc, has_emoji: true, has_colours: false, columns: Some(80) };

fn lines(script: &Script, level: ContentLevel, style: LineStyle) -> String {
    let now = 70_000;
    let glimpse = Script::family_at(&[script], now, level).remove(0);
    let events = Teller::default().tell(&glimpse, First::Nothing, BEGINNING + now);
    events.iter().map(|event| line(event, style)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_line_says_when_where_and_what() {
    insta::assert_snapshot!(lines(&busy_day(12), ContentLevel::Full, STYLE));
}

#[test]
fn words_stand_for_pictures_and_names_for_texts() {
    let style = LineStyle { has_emoji: false, ..STYLE };
    let text = lines(&busy_day(12), ContentLevel::None, style);
    assert!(text.is_ascii() || !text.contains('🤖'), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn lines_fit_and_hold_nothing_that_a_terminal_obeys() {
    let mut hostile = Script::new("f0000000-0000-4000-8000-000000000006", "/srv/\\u001b]0;owned\\u0007evil");
    hostile.prompt(0, &"漢字 \u{1b}[2J\u{202e} ".repeat(40));
    hostile.calls(
        None,
        1_000,
        "1",
        "Read",
        r#"{"file_path":"/srv/a/very/long/path/that/goes/on/and/on/and/on/to/the/end/of/the/line/session.rs"}"#,
    );
    let text = lines(&hostile, ContentLevel::Full, STYLE);
    assert!(!text.chars().any(|c| c != '\n' && c.is_control() || c == '\u{202e}'), "{text:?}");
    assert!(text.lines().all(|line| width(line) <= 80), "{text}");
    assert!(text.ends_with("/session.rs"), "{text}");
    let colours = lines(&busy_day(3), ContentLevel::Full, LineStyle { has_colours: true, ..STYLE });
    assert!(colours.contains("\u{1b}[31m❌"), "{colours:?}");
}
