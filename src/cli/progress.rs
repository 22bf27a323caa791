//! How far the work has come: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use super::output::{line, note};
use crate::export::preview;
use crate::export::tree;
use crate::pipeline::backfill::{Observer, Progress};
use crate::telemetry::span::{Resource, Span, Telemetry};

/// What else is shown of the spans as they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    Nothing,
    Tree,
    OtlpJson,
}

/// Shows progress on standard error and, where asked, spans on standard output.
#[derive(Debug)]
pub(super) struct Display {
    bar: Option<ProgressBar>,
    total: u64,
    tenths: u64,
    is_quiet: bool,
    show: Show,
    resource: Resource,
    /// The spans of the family at hand, where a tree is to be drawn.
    family: Vec<Span>,
    /// Whether something that should be shown could not be.
    pub(super) is_cut: bool,
}

impl Display {
    pub(super) fn new(total: u64, is_quiet: bool, show: Show, resource: Resource) -> Self {
        let style = ProgressStyle::with_template("{bar:30} {decimal_bytes}/{decimal_total_bytes}  {msg}  {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let is_terminal = std::io::stderr().is_terminal();
        let bar =
            (is_terminal && !is_quiet && show == Show::Nothing).then(|| ProgressBar::new(total).with_style(style));
        Self { bar, total, tenths: 0, is_quiet, show, resource, family: Vec::new(), is_cut: false }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn print(&mut self, text: Result<String, serde_json::Error>) {
        match text {
            Ok(text) => self.is_cut |= !line(&text),
            Err(error) => tracing::error!(%error, "something could not be shown"),
        }
    }
}

impl Observer for Display {
    fn is_looking(&self) -> bool {
        self.show != Show::Nothing
    }

    fn telemetry(&mut self, telemetry: &Telemetry) {
        let Telemetry { spans, logs } = telemetry;
        match self.show {
            Show::Nothing => {}
            // A tree is drawn when all of its family is there.
            Show::Tree => self.family.extend_from_slice(spans),
            Show::OtlpJson => {
                if !spans.is_empty() {
                    self.print(preview::otlp_json(&self.resource, spans));
                }
                if !logs.is_empty() {
                    self.print(preview::otlp_json_of_logs(&self.resource, logs));
                }
            }
        }
    }

    fn progress(&mut self, progress: Progress) {
        let family = std::mem::take(&mut self.family);
        if !family.is_empty() {
            self.is_cut |= !line(tree::draw(&family).trim_end());
        }
        if let Some(bar) = &self.bar {
            bar.set_position(progress.bytes);
            bar.set_message(format!("{} spans made", progress.spans));
            return;
        }
        let tenths = (progress.bytes * 10).checked_div(self.total).unwrap_or(10);
        // A run that is over in a moment needs no lines in between.
        if tenths > self.tenths && !self.is_quiet && self.total > 64 * 1024 * 1024 && tenths < 10 {
            note(&format!("{tenths}0 %: {} spans made so far", progress.spans));
        }
        self.tenths = tenths;
    }
}
