//! Tables that leave columns out, and cut texts, until they are no wider than they may be.

use super::Canvas;
use super::paint::Ink;
use super::width::{cut, left, right, width};

/// Columns between columns.
const GAP: usize = 2;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Column {
    /// Its heading.
    pub title: &'static str,
    /// Whether it holds numbers, which stand at the right.
    pub is_number: bool,
    /// Its weight: where there is no room for all, those with the greatest one go first. 0 never goes.
    pub weight: u8,
    /// What it may be cut to; numbers never are.
    pub least: usize,
}

impl Column {
    /// A column of numbers.
    pub(in crate::cli) const fn number(title: &'static str, weight: u8) -> Self {
        Self { title, is_number: true, weight, least: usize::MAX }
    }

    /// A column of texts, which may be cut to so many columns.
    pub(in crate::cli) const fn text(title: &'static str, weight: u8, least: usize) -> Self {
        Self { title, is_number: false, weight, least }
    }
}

/// A cell.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct Cell {
    text: String,
    ink: Ink,
}

impl Cell {
    pub(in crate::cli) const fn inked(text: String, ink: Ink) -> Self {
        Self { text, ink }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, ink: Ink::Plain }
    }
}

/// A table.
#[derive(Debug)]
pub(in crate::cli) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    total: Option<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    pub(in crate::cli) const fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new(), total: None }
    }

    /// Adds a row: a cell for each column.
    pub(in crate::cli) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The row that stands apart at the end.
    pub(in crate::cli) fn total(&mut self, cells: Vec<Cell>) {
        self.total = Some(cells);
    }

    /// The lines.
    pub(in crate::cli) fn lines(&self, canvas: Canvas) -> Vec<String> {
        let widths = self.widths(canvas.columns);
        let heading = self.columns.iter().map(|column| Cell::inked(column.title.to_owned(), Ink::Strong)).collect();
        let mut lines = vec![self.line(&heading, &widths, canvas)];
        lines.extend(self.rows.iter().map(|row| self.line(row, &widths, canvas)));
        if let Some(total) = &self.total {
            let shown: Vec<usize> = widths.iter().flatten().copied().collect();
            let rule = shown.iter().sum::<usize>() + GAP * shown.len().saturating_sub(1);
            lines.push(canvas.paint.text(Ink::Faint, &"─".repeat(rule)));
            lines.push(self.line(total, &widths, canvas));
        }
        lines
    }

    fn line(&self, cells: &Vec<Cell>, widths: &[Option<usize>], canvas: Canvas) -> String {
        let mut line = String::new();
        let mut shown = self.columns.iter().zip(cells).zip(widths).filter_map(|(both, width)| Some((both, (*width)?)));
        let mut is_first = true;
        let mut spaces = 0;
        while let Some(((column, cell), columns)) = shown.next() {
            if !std::mem::take(&mut is_first) {
                spaces += GAP;
            }
            let text = cut(&cell.text, columns);
            let filled = if column.is_number { right(&text, columns) } else { left(&text, columns) };
            let bare = filled.trim_end();
            if bare.is_empty() {
                spaces += columns;
                continue;
            }
            line.push_str(&" ".repeat(spaces));
            line.push_str(&canvas.paint.text(cell.ink, bare));
            spaces = filled.len() - bare.len();
        }
        line
    }

    /// The width of each column, none for those that are left out.
    fn widths(&self, most: usize) -> Vec<Option<usize>> {
        let rows = || self.rows.iter().chain(&self.total);
        let of_cells = |place: usize| rows().filter_map(|row| row.get(place)).map(|cell| width(&cell.text)).max();
        let is_empty = |place: usize| of_cells(place).unwrap_or(0) == 0;
        // A column that says nothing takes no room.
        let mut widths: Vec<Option<usize>> = (self.columns.iter().enumerate())
            .map(|(place, column)| {
                let own = width(column.title).max(of_cells(place).unwrap_or(0));
                (column.weight == 0 || !is_empty(place)).then_some(own)
            })
            .collect();
        let needed = |widths: &[Option<usize>], least: bool| -> usize {
            let shown = widths.iter().zip(&self.columns).filter_map(|(width, column)| {
                width.map(|width| if least && !column.is_number { width.min(column.least) } else { width })
            });
            shown.map(|width| width + GAP).sum::<usize>().saturating_sub(GAP)
        };
        while needed(&widths, true) > most {
            let shown = widths.iter().zip(&self.columns).enumerate().filter(|(_, (width, _))| width.is_some());
            let heaviest = shown.map(|(place, (_, column))| (column.weight, place)).max();
            match heaviest {
                Some((1.., place)) => widths.iter_mut().skip(place).take(1).for_each(|width| *width = None),
                _ => break,
            }
        }
        // The widest texts give way first.
        while needed(&widths, false) > most {
            let texts = widths.iter_mut().zip(&self.columns).filter(|(_, column)| !column.is_number);
            let wider = texts.filter_map(|(width, column)| width.as_mut().filter(|width| **width > column.least));
            match wider.max_by_key(|width| **width) {
                Some(width) => *width -= 1,
                None => break,
            }
        }
        widths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(columns: usize) -> Vec<String> {
        let mut table = Table::new(vec![
            Column::text("name", 0, 4),
            Column::text("empty", 2, 4),
            Column::number("n", 1),
            Column::number("cost", 0),
        ]);
        let cell = |text: &str| Cell::from(text.to_owned());
        table.row(vec![cell("漢字 and more"), cell(""), cell("12"), cell("$1.00")]);
        table.row(vec![cell("b"), cell(""), cell("3"), cell("")]);
        table.total(vec![cell("all"), cell(""), cell("15"), cell("$1.00")]);
        table.lines(Canvas { columns, paint: super::super::paint::Paint::default() })
    }

    #[test]
    fn numbers_stand_at_the_right_and_empty_columns_nowhere() {
        assert_eq!(
            lines(40),
            [
                "name            n   cost",
                "漢字 and more  12  $1.00",
                "b               3",
                "────────────────────────",
                "all            15  $1.00",
            ]
        );
    }

    #[test]
    fn texts_are_cut_and_columns_left_out_where_there_is_no_room() {
        assert_eq!(lines(18)[1], "漢字 a…  12  $1.00");
        assert_eq!(lines(12)[1], "漢字…  $1.00");
        assert_eq!(lines(5)[1], "漢…   $1.00");
    }
}
