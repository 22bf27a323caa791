//! What the commands that show things draw with: widths, colours, tables, bars.

pub(super) mod bar;
pub(super) mod paint;
pub(super) mod table;
pub(super) mod width;

use std::io::IsTerminal;

use super::Surroundings;
use super::words::dollars;
use crate::config::env;
use crate::view::amounts::{Cost, Tokens};
use paint::Paint;

/// Where nobody says how wide it may be.
const USUAL_COLUMNS: usize = 120;
/// Narrower than this, nothing can be drawn; lines are then cut by the terminal.
const FEWEST_COLUMNS: usize = 40;

/// What is drawn on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Canvas {
    /// Its width.
    pub columns: usize,
    /// Its colours.
    pub paint: Paint,
}

impl Canvas {
    /// Standard output. `COLUMNS` stands above the terminal's own width, as for other programs.
    pub(super) fn of(surroundings: &Surroundings) -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        let named = surroundings.variable(env::COLUMNS).and_then(|columns| columns.parse().ok());
        let own = || is_terminal.then(terminal_columns).flatten();
        let columns = named.or_else(own).unwrap_or(USUAL_COLUMNS).max(FEWEST_COLUMNS);
        Self { columns, paint: Paint::new(is_terminal && surroundings.variable(env::NO_COLOR).is_none()) }
    }
}

/// How wide the terminal is.
pub(super) fn terminal_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// What something cost, `≥` where it may have been more; nothing where nothing has a price.
pub(super) fn money(cost: &Cost) -> String {
    let least = if cost.is_lower_bound { "≥" } else { "" };
    cost.dollars().map_or_else(String::new, |amount| format!("{least}{}", dollars(amount)))
}

/// A share of a whole: `71%`; nothing without a whole.
pub(super) fn percent(ratio: Option<f64>) -> String {
    ratio.map_or_else(String::new, |ratio| match ratio * 100.0 {
        // Only all of it is 100%, and only nothing is 0%.
        part if part > 99.0 && part < 100.0 => ">99%".to_owned(),
        part if part > 0.0 && part < 1.0 => "<1%".to_owned(),
        part => format!("{part:.0}%"),
    })
}

/// Output tokens, `≥` where no line says that they were final.
pub(super) fn output(tokens: &Tokens) -> String {
    let least = if tokens.is_lower_bound { "≥" } else { "" };
    format!("{least}{}", super::words::brief(tokens.output))
}
