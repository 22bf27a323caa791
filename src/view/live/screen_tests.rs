use super::super::fixtures::{BEGINNING, Script, busy_day};
use super::*;

const DAY: Millis = BEGINNING - 8 * 3_600_000;
const HALF_AN_HOUR: Millis = 30 * 60_000;

fn screen() -> Screen {
    Screen::new(HALF_AN_HOUR, DAY)
}

fn named(id: &str, start: Millis) -> Script {
    let mut script = Script::new(id, &format!("/srv/{id}"));
    script.prompt(start, "go");
    script
}

fn ids(screen: &Screen, now: Millis) -> Vec<String> {
    screen.sessions(BEGINNING + now).iter().map(|one| one.id().to_string()).collect()
}

#[test]
fn the_busy_stand_first_and_the_quiet_leave() {
    let mut screen = screen();
    let mut done = named("done", 0);
    done.text(1_000, "1", "so");
    screen.take(done.glimpse(5_000), false, BEGINNING + 5_000);
    screen.take(named("busy", 500).glimpse(5_000), true, BEGINNING + 5_000);
    assert_eq!(ids(&screen, 5_000), ["busy", "done"]);
    let later = BEGINNING + HALF_AN_HOUR + 1_001;
    assert_eq!(screen.tick(DAY, later).len(), 1);
    // It was seen alive, and a tool may run for hours.
    assert_eq!(ids(&screen, HALF_AN_HOUR + 1_001), ["busy"]);
    // What was not may as well have crashed.
    let mut other = screen_of(&[named("stale", 0)], false);
    assert_eq!(other.tick(DAY, later).len(), 1);
    assert_eq!(other.seen().len(), 1);
}

fn screen_of(scripts: &[Script], is_live: bool) -> Screen {
    let mut screen = screen();
    for script in scripts {
        screen.take(script.glimpse(5_000), is_live, BEGINNING + 5_000);
    }
    screen
}

#[test]
fn what_is_chosen_stays_chosen_when_others_come_and_orders_change() {
    let mut screen = screen_of(&[named("b", 0), named("d", 100)], true);
    let now = BEGINNING + 6_000;
    assert_eq!(screen.selected(now).unwrap().as_ref(), "b");
    screen.key(Key::Down, 20, now);
    assert_eq!(screen.selected(now).unwrap().as_ref(), "d");
    screen.take(named("a", 50).glimpse(6_000), true, now);
    assert_eq!(ids(&screen, 6_000), ["b", "a", "d"]);
    assert_eq!(screen.selected(now).unwrap().as_ref(), "d");
    for _ in 0..2 {
        screen.key(Key::Sort, 20, now);
    }
    assert_eq!((screen.order(), ids(&screen, 6_000)), (Order::Project, vec!["a".into(), "b".into(), "d".into()]));
    assert_eq!(screen.selected(now).unwrap().as_ref(), "d");
    screen.key(Key::Down, 20, now);
    assert_eq!(screen.selected(now).unwrap().as_ref(), "d");
}

#[test]
fn a_list_follows_unless_it_is_scrolled() {
    let mut screen = screen();
    let now = BEGINNING + 70_000;
    screen.take(busy_day(11).glimpse(70_000), true, now);
    assert!(screen.inside().is_none());
    screen.key(Key::Enter, 5, now);
    let lines = screen.entries(now).len();
    assert!(lines > 6, "{lines}");
    assert_eq!((screen.is_following(), screen.top(lines, 5)), (true, lines - 5));
    screen.key(Key::Up, 5, now);
    assert_eq!((screen.is_following(), screen.top(lines, 5)), (false, lines - 6));
    screen.take(busy_day(12).glimpse(70_000), true, now);
    let more = screen.entries(now).len();
    assert_eq!((more, screen.top(more, 5)), (lines + 1, lines - 6));
    screen.key(Key::End, 5, now);
    assert!(screen.is_following());
    screen.key(Key::Home, 5, now);
    assert_eq!(screen.top(more, 5), 0);
    screen.key(Key::Back, 5, now);
    assert!(screen.inside().is_none());
}

#[test]
fn a_screen_that_stands_still_takes_in_what_came_when_it_goes_on() {
    let mut screen = screen_of(&[named("a", 0)], true);
    screen.key(Key::Pause, 5, BEGINNING + 6_000);
    screen.take(named("b", 0).glimpse(6_000), true, BEGINNING + 7_000);
    screen.take(named("b", 0).glimpse(6_500), true, BEGINNING + 7_500);
    assert_eq!((screen.time(BEGINNING + 9_000), screen.waiting.len()), (BEGINNING + 6_000, 1));
    assert_eq!(ids(&screen, 9_000), ["a"]);
    screen.key(Key::Pause, 5, BEGINNING + 10_000);
    assert_eq!((ids(&screen, 10_000).len(), screen.time(BEGINNING + 10_000)), (2, BEGINNING + 10_000));
}

#[test]
fn today_is_what_was_spent_since_midnight_over_all() {
    let mut yesterday = named("old", -9 * 3_600_000);
    yesterday.text(-9 * 3_600_000 + 1_000, "1", "late");
    yesterday.prompt(-7 * 3_600_000, "again");
    yesterday.text(-7 * 3_600_000 + 1_000, "2", "early");
    let mut screen = screen();
    screen.take(yesterday.glimpse(0), false, BEGINNING);
    let mut today = named("new", 0);
    today.text(1_000, "1", "so");
    screen.take(today.glimpse(2_000), true, BEGINNING + 2_000);
    // Two calls of 10,200 tokens; the one before midnight does not count, though its session is not shown any more.
    assert_eq!(ids(&screen, 2_000), ["new"]);
    assert_eq!(screen.today().0.total(), 20_400);
    screen.tick(DAY + 24 * 3_600_000, BEGINNING + 17 * 3_600_000);
    assert_eq!(screen.today().0.total(), 0);
}

#[test]
fn help_goes_with_any_key_and_leaving_is_asked_for_by_one() {
    let mut screen = screen_of(&[named("a", 0)], true);
    assert!(screen.key(Key::Help, 5, BEGINNING));
    assert!(screen.is_helping());
    assert!(screen.key(Key::Other, 5, BEGINNING));
    assert!(!screen.is_helping());
    assert!(!screen.key(Key::Quit, 5, BEGINNING));
}

#[test]
fn what_runs_is_a_tree_without_the_calls_that_started_agents() {
    let glimpse = busy_day(6).glimpse(38_100);
    let tree: Vec<(String, usize)> =
        branches(&glimpse).iter().map(|branch| (branch.item.name.to_string(), branch.depth)).collect();
    assert_eq!(tree, [("Explore".to_owned(), 0), ("Grep".to_owned(), 1)]);
    assert_eq!(glimpse.last_failure().unwrap().name.as_ref(), "Bash");
    assert!(branches(&busy_day(9).glimpse(41_300)).is_empty());
}
