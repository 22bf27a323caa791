//! A row of the screen: pieces from its left, and pieces at its right end.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use crate::cli::draw::width::{cut, width};

/// Of a row whose right end has no room, the left has so many columns at least.
const LEAST_LEFT: usize = 24;

/// How a piece is shown beside its text. Without colours, weight alone tells pieces apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Faint,
    /// It failed.
    Bad,
    /// It waits for a person, or was stopped by one.
    Warning,
    /// It goes on.
    Live,
    /// It went well.
    Good,
    /// A model's.
    Model,
    /// An agent's.
    Agent,
}

impl Ink {
    fn style(self, has_colours: bool) -> Style {
        let (colour, modifier) = match self {
            Self::Plain => (None, Modifier::empty()),
            Self::Strong => (None, Modifier::BOLD),
            Self::Faint => (None, Modifier::DIM),
            Self::Bad => (Some(Color::Red), Modifier::BOLD),
            Self::Warning => (Some(Color::Yellow), Modifier::BOLD),
            Self::Live => (Some(Color::Cyan), Modifier::empty()),
            Self::Good => (Some(Color::Green), Modifier::empty()),
            Self::Model => (Some(Color::Blue), Modifier::empty()),
            Self::Agent => (Some(Color::Magenta), Modifier::empty()),
        };
        let style = Style::new().add_modifier(modifier);
        match colour.filter(|_| has_colours) {
            Some(colour) => style.fg(colour),
            None => style,
        }
    }
}

/// A row. Its right end stands whole or not at all; what is left of the width is the left's.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    left: Vec<(Ink, String)>,
    right: Vec<(Ink, String)>,
    is_chosen: bool,
}

impl Row {
    /// Adds a piece behind the others on the left.
    pub(super) fn left(&mut self, ink: Ink, text: &str) {
        self.left.push((ink, text.to_owned()));
    }

    /// Adds a piece at the right end.
    pub(super) fn right(&mut self, ink: Ink, text: &str) {
        self.right.push((ink, text.to_owned()));
    }

    /// Marks the row as the one that keys are about.
    pub(super) const fn choose(&mut self) {
        self.is_chosen = true;
    }

    /// How many columns the left has beside the right end, and beside what stands there already.
    pub(super) fn room(&self, columns: usize) -> usize {
        let taken = |pieces: &[(Ink, String)]| pieces.iter().map(|(_, text)| width(text)).sum::<usize>();
        let right = taken(&self.right);
        let right = if right + 1 + LEAST_LEFT <= columns && right > 0 { right + 2 } else { 0 };
        columns.saturating_sub(right + taken(&self.left))
    }

    /// The row in so many columns.
    pub(super) fn line(self, columns: usize, has_colours: bool) -> Line<'static> {
        let right: usize = self.right.iter().map(|(_, text)| width(text)).sum();
        let has_right = right > 0 && right + 1 + LEAST_LEFT <= columns;
        let mut room = if has_right { columns - right - 1 } else { columns };
        let mut spans = Vec::with_capacity(self.left.len() + self.right.len() + 1);
        for (ink, text) in self.left {
            let text = cut(&text, room).into_owned();
            room -= width(&text).min(room);
            spans.push(Span::styled(text, ink.style(has_colours)));
        }
        if has_right {
            spans.push(Span::raw(" ".repeat(room + 1)));
            spans.extend(self.right.into_iter().map(|(ink, text)| Span::styled(text, ink.style(has_colours))));
        } else if self.is_chosen {
            spans.push(Span::raw(" ".repeat(room)));
        }
        let line = Line::from(spans);
        if self.is_chosen { line.patch_style(Style::new().add_modifier(Modifier::REVERSED)) } else { line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(row: Row, columns: usize) -> String {
        row.line(columns, true).spans.iter().map(|span| span.content.to_string()).collect()
    }

    #[test]
    fn the_right_end_stands_whole_or_not_at_all() {
        let mut row = Row::default();
        row.left(Ink::Plain, "a rather long text on the left side");
        row.right(Ink::Plain, "right");
        assert_eq!(text(row.clone(), 42), "a rather long text on the left side  right");
        assert_eq!(text(row.clone(), 34), "a rather long text on the l… right");
        assert_eq!(text(row, 28), "a rather long text on the l…");
    }
}
