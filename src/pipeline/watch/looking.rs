//! What the follower makes of changes that were found on disk.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::catalog::GONE_AFTER_MS;
use super::follower::Follower;
use super::shared::Event;
use crate::checkpoint::mirror::Mirror;
use crate::pipeline::plan::SessionFiles;
use crate::pipeline::recovery::delivered_sessions;
use crate::pipeline::remembered::Remembered;
use crate::source::{Changes, SourceProblem, Sweep, TranscriptFile};

/// When a new directory is looked at again: what was written into it early may have caused no event.
const LOOK_AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(2_500)];

impl Follower {
    /// Looks at everything for the first time, and plans what has to be caught up with.
    pub(super) fn begin(&mut self, remembered: &Remembered, lost: Option<&Mirror>) {
        let changes = self.sweep(Sweep::Full);
        self.tell_problems(changes.problems);
        for file in self.scanner.files() {
            if let Some(head) = remembered.head(file) {
                self.catalog.remember_head(&file.path, head);
            }
        }
        self.catalog.arrange(&self.scanner, &mut self.peeker);
        if let Some(mirror) = lost {
            self.options.rebuild.assumed = delivered_sessions(mirror, self.catalog.families(), &mut self.reader);
        }
        let (mut sessions, mut bytes) = (0, 0);
        let horizon = self.options.rebuild.filter.since.unwrap_or(i64::MIN);
        for family in self.catalog.families() {
            let Some(first) = family.sessions.first() else { continue };
            let is_done = remembered.is_unchanged(family) || remembered.is_older(family, horizon);
            for files in &family.sessions {
                let delivered = if is_done { files.size() } else { remembered.taken(files) };
                self.lag.find(&files.id, delivered, files.size(), files.written());
            }
            // A filter of an earlier run may have left out what a watcher does not.
            if remembered.is_unchanged(family) && !remembered.is_left_out_since(family, horizon) {
                if let Some(due) = remembered.due(family) {
                    self.agenda.put(&first.id, due);
                }
            } else if remembered.is_older(family, horizon) {
                sessions += family.sessions.len();
                bytes += family.sessions.iter().map(SessionFiles::size).sum::<u64>();
            } else {
                self.agenda.put_last(&first.id);
            }
        }
        if sessions > 0 {
            self.tell(Event::LeftOut { sessions, bytes });
        }
    }

    /// Plans what has to be looked at after a look at the disk.
    pub(super) fn note(&mut self, changes: Changes) {
        if changes.is_empty() {
            return;
        }
        self.tell_problems(changes.problems);
        for path in changes.recovered {
            self.tell(Event::Recovered(path.display().to_string()));
        }
        for root in &changes.root_replaced {
            if let Some(notifier) = &mut self.notifier {
                let problems = notifier.rewatch(root);
                for problem in problems {
                    self.shared.count_problem(problem.kind());
                    self.tell(Event::Problem(problem.to_string()));
                }
            }
        }
        if changes.new_directories || !changes.root_replaced.is_empty() || !changes.gone.is_empty() {
            let now = Instant::now();
            self.extra_sweeps.clear();
            self.extra_sweeps.extend(LOOK_AGAIN_AFTER.map(|after| now + after));
        }
        let mut needs_arranging = !changes.moved.is_empty();
        let mut touched: Vec<Arc<TranscriptFile>> = Vec::new();
        for (from, file) in changes.moved {
            self.catalog.rename(&from, &file.path);
            if self.scanner.get(&from).is_none() {
                self.renamed.push(from);
            }
            touched.push(file);
        }
        let now = self.now();
        for file in changes.gone {
            let Some(session) = self.catalog.session_of(&file.path).map(ToString::to_string) else { continue };
            // What was read of it and is not sent yet still counts.
            if self.lives.contains_key(&session) {
                self.agenda.put(&session, now + GONE_AFTER_MS);
                self.catalog.keep_ghost(file, now);
            } else {
                needs_arranging = true;
            }
        }
        for file in changes.changed {
            if let Some(from) = self.catalog.find_again(&file) {
                self.catalog.rename(&from, &file.path);
                self.renamed.push(from);
                needs_arranging = true;
            }
            needs_arranging |= self.catalog.is_unplaced(&file, &mut self.peeker);
            touched.push(file);
        }
        if needs_arranging {
            self.catalog.arrange(&self.scanner, &mut self.peeker);
        }
        for file in touched {
            if let Some(session) = self.catalog.session_of(&file.path) {
                self.agenda.put(session, now);
                let size = self.catalog.size_of(session, &self.scanner);
                self.lag.notice(session, size, (file.mtime_unix_nano / 1_000_000).min(now));
            }
        }
    }

    fn tell_problems(&self, problems: Vec<SourceProblem>) {
        for problem in problems {
            self.shared.count_problem(problem.kind());
            self.tell(Event::Problem(problem.to_string()));
        }
    }
}
