//! `live` in full screen: keys and sessions come in, the screen is drawn when something of it changed.

use std::io::{self, IsTerminal};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;

use super::LiveArgs;
use super::draw::{self, Scene};
use super::following::{Arrival, follow, now};
use super::signals::asked_to_end;
use super::words::{amounts, short_id};
use crate::cli::draw::width::{left, plain, width};
use crate::cli::output::{self, line, note};
use crate::cli::pass::SetupError;
use crate::cli::selection::millis;
use crate::cli::words::counted;
use crate::cli::zone::Zone;
use crate::cli::{ExitCode, Surroundings};
use crate::config::env;
use crate::pipeline::workers::RebuildOptions;
use crate::source::Root;
use crate::view::live::screen::{Key, Screen};

/// How long is waited for a key at once; whatever else arrives is drawn after it at the latest.
const WAIT: Duration = Duration::from_millis(100);
/// So many sessions are taken in before keys are looked for again.
const MOST_AT_ONCE: usize = 32;

/// The terminal while it is ours. It is given back whatever happens: at the end, and by the hook that was set when it
/// was taken, before a panic is told.
struct Taken(DefaultTerminal);

impl Taken {
    fn take() -> io::Result<Self> {
        let terminal = ratatui::try_init()?;
        output::hold_back();
        Ok(Self(terminal))
    }
}

/// Gives the terminal back, which may be gone: then there is nobody to tell.
fn give_back() {
    let _ = ratatui::try_restore();
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
        output::let_through();
    }
}

/// How the screen was left.
enum Left {
    Asked,
    /// The thread that follows is no more.
    Fault,
}

/// Shows the screen until it is left, and then what was seen.
pub(super) fn run(
    args: &LiveArgs,
    options: RebuildOptions,
    roots: Vec<Root>,
    banner: Vec<String>,
    surroundings: &Surroundings,
) -> Result<ExitCode, SetupError> {
    let zone = args.zone();
    let day = today(zone, options.now);
    let scene = Scene { zone, banner, has_colours: surroundings.variable(env::NO_COLOR).is_none() };
    let mut screen = Screen::new(millis(args.since), day);
    let is_asked = asked_to_end(Some(give_back))?;
    let recent = options.now.saturating_sub(millis(args.since));
    let arrivals = follow(args, options, roots, Some(day.min(recent)))?;
    let left = {
        let mut terminal = Taken::take()?;
        watch(&mut terminal.0, &mut screen, &scene, &arrivals, || is_asked.load(Ordering::Relaxed))?
    };
    let is_told = farewell(&screen);
    Ok(match left {
        Left::Asked if is_told => ExitCode::Done,
        Left::Asked => ExitCode::Internal,
        Left::Fault => {
            note("error: following has ended by a fault of this program");
            ExitCode::Internal
        }
    })
}

fn watch(
    terminal: &mut DefaultTerminal,
    screen: &mut Screen,
    scene: &Scene,
    arrivals: &Receiver<Arrival>,
    is_asked: impl Fn() -> bool,
) -> io::Result<Left> {
    let (mut is_stale, mut second, mut drawn) = (true, 0, Instant::now());
    let mut page = 0;
    loop {
        if is_asked() {
            return Ok(Left::Asked);
        }
        let time = now();
        if time / 1000 != second {
            second = time / 1000;
            is_stale = true;
            screen.tick(today(scene.zone, time), time);
        }
        for _ in 0..MOST_AT_ONCE {
            match arrivals.try_recv() {
                Ok(arrival) => take(screen, arrival, time),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return Ok(Left::Fault),
            }
            is_stale = true;
        }
        // At most ten times a second, for nobody reads faster.
        if is_stale && drawn.elapsed() >= WAIT {
            terminal.draw(|frame| page = draw::draw(frame, screen, scene, time))?;
            (is_stale, drawn) = (false, Instant::now());
        }
        match keyboard(WAIT)? {
            Keyboard::Gone => return Ok(Left::Asked),
            // A new size is told beside the keys, so that it is asked for in any case.
            Keyboard::There => {}
        }
        // All that was typed is taken in before it is drawn.
        while event::poll(Duration::ZERO)? {
            match event::read()? {
                Event::Key(key) if key.kind != KeyEventKind::Release => {
                    if !screen.key(meaning(key), page, now()) {
                        return Ok(Left::Asked);
                    }
                    is_stale = true;
                }
                Event::Resize(..) => is_stale = true,
                _ => {}
            }
        }
    }
}

fn take(screen: &mut Screen, arrival: Arrival, time: i64) {
    match arrival {
        Arrival::Session { glimpse, is_live, .. } => screen.take(*glimpse, is_live, time),
        Arrival::Recent => {}
        Arrival::CaughtUp { .. } => screen.is_caught_up = true,
        Arrival::Problem(problem) => screen.problem = Some(problem),
    }
}

/// Whether keys can still come.
enum Keyboard {
    There,
    Gone,
}

/// Waits for keys, at most for so long. What reads them never ends once the terminal is gone, so that this is found out
/// before it is asked.
fn keyboard(wait: Duration) -> io::Result<Keyboard> {
    let keys = io::stdin();
    if !keys.is_terminal() {
        // They come from the terminal all the same, by another way.
        event::poll(wait)?;
        return Ok(Keyboard::There);
    }
    let mut asked = [PollFd::new(&keys, PollFlags::IN)];
    let wait = Timespec::try_from(wait).map_err(io::Error::other)?;
    match rustix::event::poll(&mut asked, Some(&wait)) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let is_gone = asked.iter().any(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL));
    Ok(if is_gone { Keyboard::Gone } else { Keyboard::There })
}

/// What a key means.
fn meaning(key: KeyEvent) -> Key {
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c' | 'd') if is_control => Key::Quit,
        KeyCode::Char('f') if is_control => Key::PageDown,
        KeyCode::Char('b') if is_control => Key::PageUp,
        KeyCode::Char(_) if is_control => Key::Other,
        KeyCode::Char('q' | 'Q') => Key::Quit,
        KeyCode::Up | KeyCode::Char('k') => Key::Up,
        KeyCode::Down | KeyCode::Char('j') => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown | KeyCode::Char(' ') => Key::PageDown,
        KeyCode::Home | KeyCode::Char('g') => Key::Home,
        KeyCode::End | KeyCode::Char('G') => Key::End,
        KeyCode::Enter | KeyCode::Right | KeyCode::Char('l') => Key::Enter,
        KeyCode::Esc | KeyCode::Left | KeyCode::Backspace | KeyCode::Char('h') => Key::Back,
        KeyCode::Char('?') => Key::Help,
        KeyCode::Char('p') => Key::Pause,
        KeyCode::Char('s') => Key::Sort,
        _ => Key::Other,
    }
}

/// Prints what was seen; false when it could not be.
fn farewell(screen: &Screen) -> bool {
    let seen = screen.seen();
    if !line(&format!("{} seen", counted(seen.len() as u64, "session"))) {
        return false;
    }
    let name = |project: Option<&str>| project.map_or_else(|| "-".to_owned(), |name| plain(name).into_owned());
    let widest = seen.iter().map(|(_, seen)| width(&name(seen.project.as_deref()))).max();
    for (id, seen) in seen {
        let project = name(seen.project.as_deref());
        let project = left(&project, widest.unwrap_or_default());
        let mut facts = vec![counted(seen.turns, "turn")];
        facts.extend((seen.tool_errors > 0).then(|| counted(seen.tool_errors, "tool error")));
        facts.extend(amounts(Some(&seen.tokens), Some(&seen.cost)));
        if !line(&format!("  {project}  {}  {}", short_id(id), facts.join(" · "))) {
            return false;
        }
    }
    true
}

/// When the day of a time began, in milliseconds since 1970.
fn today(zone: Zone, time: i64) -> i64 {
    zone.midnight((zone.calendar().day_of)(time))
}
