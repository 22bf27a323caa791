use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::privacy::options::ContentLevel;
use crate::view::live::fixtures::{BEGINNING, Script, busy_day};
use crate::view::live::screen::Key;

const DAY: i64 = BEGINNING - 8 * 3_600_000;

fn scene() -> Scene {
    let banner =
        vec!["looking below /home/me/.claude/projects; nothing is sent".to_owned(), "content level: full".to_owned()];
    Scene { zone: Zone::Utc, banner, has_colours: true }
}

/// The screen as text, a line for each row, without the blanks at their ends.
fn drawn(screen: &Screen, (columns, rows): (u16, u16), now: i64) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| _ = draw(frame, screen, &scene(), BEGINNING + now)).unwrap();
    let cells = terminal.backend().buffer();
    let row = |y: u16| (0..columns).map(|x| cells[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..rows).map(row).collect::<Vec<_>>().join("\n")
}

/// Four sessions: one at work, one with an agent in it, one that asks, one that is done.
fn several(now: i64) -> Screen {
    let mut asking = Script::new("c0000000-0000-4000-8000-000000000003", "/srv/web");
    asking.prompt(5_000, "Choose a colour for the button");
    asking.calls(None, 9_000, "1", "AskUserQuestion", r#"{"questions":[{"question":"which?"}]}"#);
    let mut done = Script::new("d0000000-0000-4000-8000-000000000004", "/srv/notes");
    done.prompt(1_000, "What is in here?");
    done.text(8_000, "1", "Notes");
    done.system(8_100, r#""subtype":"turn_duration","durationMs":7100"#);
    let mut working = Script::new("e0000000-0000-4000-8000-000000000005", "/srv/shop");
    working.prompt(20_000, "Run all tests");
    for (number, name) in ["unit", "integration"].iter().enumerate() {
        let input = format!(r#"{{"command":"cargo test --workspace --test {name} -- --nocapture"}}"#);
        working.calls(None, 24_000, &number.to_string(), "Bash", &input);
    }
    let mut screen = Screen::new(30 * 60_000, DAY);
    for script in [&busy_day(6), &asking, &done, &working] {
        screen.take(script.glimpse(now), true, BEGINNING + now);
    }
    screen.is_caught_up = true;
    screen
}

#[test]
fn all_sessions_in_a_small_terminal() {
    insta::assert_snapshot!(drawn(&several(40_000), (80, 24), 40_000));
}

#[test]
fn all_sessions_in_a_large_terminal() {
    insta::assert_snapshot!(drawn(&several(40_000), (200, 50), 40_000));
}

#[test]
fn one_session_in_a_small_terminal() {
    let mut screen = several(40_000);
    screen.take(busy_day(12).glimpse(70_000), true, BEGINNING + 70_000);
    while screen.selected(BEGINNING + 70_000).unwrap().as_ref() != busy_day(1).id {
        screen.key(Key::Down, 20, BEGINNING + 70_000);
    }
    screen.key(Key::Enter, 20, BEGINNING + 70_000);
    insta::assert_snapshot!(drawn(&screen, (80, 24), 70_000));
}

#[test]
fn nothing_and_help_and_standing_still() {
    let mut screen = Screen::new(30 * 60_000, DAY);
    let before = drawn(&screen, (80, 8), 0);
    screen.is_caught_up = true;
    let empty = drawn(&screen, (80, 8), 0);
    let mut screen = several(40_000);
    screen.key(Key::Pause, 20, BEGINNING + 40_000);
    let paused = drawn(&screen, (80, 4), 50_000);
    screen.key(Key::Help, 20, BEGINNING + 40_000);
    let help = drawn(&screen, (80, 24), 50_000);
    insta::assert_snapshot!([before, empty, paused, help].join("\n----\n"));
}

#[test]
fn the_chosen_session_is_in_sight_however_small_the_terminal_is() {
    let mut screen = several(40_000);
    let now = BEGINNING + 40_000;
    for _ in 0..4 {
        let project = screen
            .sessions(now)
            .iter()
            .find(|one| Some(one.id()) == screen.selected(now))
            .and_then(|one| one.story.session.project.clone())
            .unwrap();
        assert!(drawn(&screen, (60, 7), 40_000).contains(&format!("{project} main")), "{project}");
        screen.key(Key::Down, 20, now);
    }
    // Whatever is left of a terminal, nothing is drawn beyond it.
    for size in [(1, 1), (3, 2), (20, 3), (139, 4)] {
        drawn(&screen, size, 40_000);
    }
}

#[test]
fn neither_texts_nor_commands_for_terminals_are_drawn() {
    let mut hostile = Script::new("f0000000-0000-4000-8000-000000000006", "/srv/\\u001b]0;owned\\u0007\\u202eevil");
    hostile.prompt(0, "CANARY \u{1b}[2J\u{202e}prompt");
    hostile.calls(None, 1_000, "1", "Bash\\u001b[31m", r#"{"command":"echo CANARY \u001b[5m"}"#);
    for level in [ContentLevel::None, ContentLevel::Full] {
        let mut screen = Screen::new(30 * 60_000, DAY);
        screen.take(Script::family_at(&[&hostile], 2_000, level).remove(0), true, BEGINNING + 2_000);
        screen.key(Key::Enter, 20, BEGINNING + 2_000);
        let text = drawn(&screen, (160, 20), 2_000) + &drawn(&several(40_000), (80, 24), 40_000);
        assert_eq!(text.contains("CANARY"), level == ContentLevel::Full, "{text}");
        assert!(!text.chars().any(|c| c != '\n' && c.is_control() || c == '\u{202e}'), "{text:?}");
    }
}

#[test]
fn without_colours_nothing_is_coloured() {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let scene = Scene { has_colours: false, ..scene() };
    terminal.draw(|frame| _ = draw(frame, &several(40_000), &scene, BEGINNING + 40_000)).unwrap();
    let cells = &terminal.backend().buffer().content;
    assert!(cells.iter().all(|cell| cell.fg == ratatui::style::Color::Reset && cell.bg == cell.fg));
}
