//! The tables of a report.

use super::By;
use crate::cli::draw::bar::share;
use crate::cli::draw::paint::Ink;
use crate::cli::draw::table::{Cell, Column, Table};
use crate::cli::draw::width::plain;
use crate::cli::draw::{money, output, percent};
use crate::cli::words::{brief, grouped, took};
use crate::view::amounts::Cost;
use crate::view::report::{DayRow, GroupRow, ModelRow, Report, ToolRow, Work};

/// So many rows of each table are shown where there are several tables.
pub(super) const MOST_ROWS: usize = 10;
/// The longest bar.
const BAR: usize = 12;

/// The table's name, as a user writes it.
pub(super) const fn name(by: By) -> &'static str {
    match by {
        By::Project => "project",
        By::Model => "model",
        By::Day => "day",
        By::Tool => "tool",
        By::Branch => "branch",
    }
}

/// A table of at most so many rows, and how many more there are. Of days, the latest are shown.
pub(super) fn of(report: &Report, by: By, most: usize) -> (Table, usize) {
    let count = match by {
        By::Project => report.projects.len(),
        By::Branch => report.branches.len(),
        By::Day => report.days.len(),
        By::Model => report.models.len(),
        By::Tool => report.tools.len(),
    };
    let left_out = count.saturating_sub(most);
    let table = match by {
        By::Project => groups("project", &report.projects, most),
        By::Branch => groups("branch", &report.branches, most),
        By::Day => days(report.days.get(left_out..).unwrap_or_default()),
        By::Model => models(&report.models, most),
        By::Tool => tools(&report.tools, most),
    };
    (table, left_out)
}

fn work_columns(title: &'static str) -> Vec<Column> {
    vec![
        Column::text(title, 0, 14),
        Column::number("sessions", 4),
        Column::number("turns", 2),
        Column::number("calls", 7),
        Column::number("tools", 3),
        Column::number("err", 1),
        Column::number("input", 8),
        Column::number("cached", 6),
        Column::number("output", 5),
        Column::number("busy", 4),
        Column::number("cost", 0),
        Column::text("", 5, BAR),
    ]
}

fn work_cells(name: Cell, work: &Work, ratio: Option<f64>, dearest: f64) -> Vec<Cell> {
    vec![
        name,
        grouped(work.sessions).into(),
        grouped(work.turns).into(),
        grouped(work.llm_calls).into(),
        grouped(work.tool_calls).into(),
        errors(work.tool_errors),
        brief(work.tokens.total_input()).into(),
        percent(ratio).into(),
        output(&work.tokens).into(),
        took(work.busy_ms).into(),
        money(&work.cost).into(),
        bar(&work.cost, dearest),
    ]
}

fn groups(title: &'static str, rows: &[GroupRow], most: usize) -> Table {
    let mut table = Table::new(work_columns(title));
    let dearest = dearest(rows.iter().map(|row| &row.work.cost));
    for row in rows.iter().take(most) {
        let name = match row.name.as_deref() {
            Some(name) => Cell::from(plain(name).into_owned()),
            None => Cell::inked("(unknown)".to_owned(), Ink::Faint),
        };
        table.row(work_cells(name, &row.work, row.cache_hit_ratio, dearest));
    }
    table
}

fn days(rows: &[DayRow]) -> Table {
    let mut table = Table::new(work_columns("day"));
    let dearest = dearest(rows.iter().map(|row| &row.work.cost));
    for row in rows {
        let day = Cell::from(row.day.format("%Y-%m-%d").to_string());
        table.row(work_cells(day, &row.work, row.cache_hit_ratio, dearest));
    }
    table
}

fn models(rows: &[ModelRow], most: usize) -> Table {
    let mut table = Table::new(vec![
        Column::text("model", 0, 25),
        Column::number("calls", 1),
        Column::number("unpriced", 2),
        Column::number("input", 3),
        Column::number("cached", 2),
        Column::number("output", 1),
        Column::number("p50", 5),
        Column::number("p95", 6),
        Column::number("cost", 0),
        Column::text("", 7, BAR),
    ]);
    let dearest = dearest(rows.iter().map(|row| &row.cost));
    for row in rows.iter().take(most) {
        let unpriced = if row.calls_unpriced > 0 { grouped(row.calls_unpriced) } else { String::new() };
        table.row(vec![
            plain(&row.name).into_owned().into(),
            grouped(row.calls).into(),
            unpriced.into(),
            brief(row.tokens.total_input()).into(),
            percent(row.cache_hit_ratio).into(),
            output(&row.tokens).into(),
            row.p50_ms.map_or_else(String::new, took).into(),
            row.p95_ms.map_or_else(String::new, took).into(),
            money(&row.cost).into(),
            bar(&row.cost, dearest),
        ]);
    }
    table
}

fn tools(rows: &[ToolRow], most: usize) -> Table {
    let mut table = Table::new(vec![
        Column::text("tool", 0, 20),
        Column::number("calls", 0),
        Column::number("err", 1),
        Column::number("stopped", 4),
        Column::number("p50", 2),
        Column::number("p95", 2),
        Column::number("longest", 5),
        Column::number("time", 1),
        Column::text("", 3, BAR),
    ]);
    let longest = rows.iter().map(|row| row.total_ms).max().unwrap_or_default() as f64;
    for row in rows.iter().take(most) {
        let stopped = if row.stopped > 0 { grouped(row.stopped) } else { String::new() };
        table.row(vec![
            plain(&row.name).into_owned().into(),
            grouped(row.calls).into(),
            errors(row.errors),
            stopped.into(),
            row.p50_ms.map_or_else(String::new, took).into(),
            row.p95_ms.map_or_else(String::new, took).into(),
            row.longest_ms.map_or_else(String::new, took).into(),
            took(row.total_ms).into(),
            Cell::inked(share(row.total_ms as f64, longest, BAR), Ink::Tool),
        ]);
    }
    table
}

fn errors(count: u64) -> Cell {
    Cell::inked(if count > 0 { grouped(count) } else { String::new() }, Ink::Bad)
}

fn dearest<'a>(costs: impl Iterator<Item = &'a Cost>) -> f64 {
    costs.filter_map(Cost::dollars).fold(0.0, f64::max)
}

fn bar(cost: &Cost, dearest: f64) -> Cell {
    Cell::inked(share(cost.dollars().unwrap_or_default(), dearest, BAR), Ink::Model)
}
