//! Adds sessions up.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::cells::Cells;
use super::durations::Durations;
use super::rows::{DayRow, Errors, GroupRow, ModelRow, ToolRow, Work};
use super::waits::Waits;
use super::{Calendar, Period, Range, Report};
use crate::privacy::Sanitized;
use crate::session::facts::{CountedKind, Session, ToolOutcome};
use crate::session::timing::Timing;
use crate::telemetry::options::MapOptions;
use crate::telemetry::shown::Shown;
use crate::telemetry::totals::WorkTotals;
use crate::transcript::time::Millis;
use crate::view::amounts::{Cost, Tokens};
use crate::view::card::hidden_cost;

/// What a period held so far.
#[derive(Debug)]
pub struct Tally {
    range: Range,
    calendar: Calendar,
    /// The number of the session that is being added.
    session: u64,
    totals: Cells<()>,
    projects: Cells<Option<Sanitized>>,
    branches: Cells<Option<Sanitized>>,
    days: Cells<NaiveDate>,
    models: BTreeMap<Sanitized, (ModelRow, Durations)>,
    tools: BTreeMap<Sanitized, (ToolRow, Durations)>,
    errors: Errors,
    waits: Waits,
    hidden: Option<Cost>,
    /// The start of the first thing, and the latest end.
    reach: Option<(Millis, Millis)>,
}

/// Where something is counted beside the totals.
struct Place {
    project: Option<Sanitized>,
    /// By the number of the context.
    branches: Vec<Option<Sanitized>>,
}

impl Tally {
    /// Nothing yet.
    pub fn new(range: Range, calendar: Calendar) -> Self {
        Self {
            range,
            calendar,
            session: 0,
            totals: Cells::default(),
            projects: Cells::default(),
            branches: Cells::default(),
            days: Cells::default(),
            models: BTreeMap::new(),
            tools: BTreeMap::new(),
            errors: Errors::default(),
            waits: Waits::default(),
            hidden: None,
            reach: None,
        }
    }

    /// Adds what of a session began in the period. Its family was settled.
    pub fn add(&mut self, session: &Session, options: &MapOptions) {
        let shown = Shown::new(options);
        self.session += 1;
        let cwd = session.contexts.iter().rev().find_map(|context| context.cwd.as_ref()).filter(|cwd| !cwd.is_empty());
        let branch = |branch: &std::sync::Arc<str>| shown.branch(branch).filter(|_| !branch.is_empty());
        let place = Place {
            project: cwd.and_then(|cwd| shown.project(cwd)),
            branches: session.contexts.iter().map(|context| context.branch.as_ref().and_then(branch)).collect(),
        };
        self.add_turns(session, &place, &shown);
        self.add_calls(session, &place, options, &shown);
        self.add_tools(session, &place, &shown);
        for run in session.agents.iter().filter(|run| run.is_owned) {
            self.count(&run.timing, run.context, &place, |work| work.agents += 1);
        }
        for fact in session.compactions.iter().filter(|fact| fact.is_owned) {
            self.count(&fact.timing, fact.context, &place, |work| work.compactions += 1);
        }
        self.add_counted(session);
        self.waits += Waits::of(session, self.range);
        let is_inside = session.last_time.is_some_and(|time| self.range.holds(time));
        if let Some(hidden) = hidden_cost(session, &options.prices).filter(|_| is_inside) {
            *self.hidden.get_or_insert_default() += hidden;
        }
    }

    /// Counts something in every sum that it belongs to, if it began in the period.
    fn count(&mut self, timing: &Timing, context: usize, place: &Place, add: impl Fn(&mut Work)) -> bool {
        if !self.range.holds(timing.start) {
            return false;
        }
        let reach = self.reach.get_or_insert((timing.start, timing.end));
        *reach = (reach.0.min(timing.start), reach.1.max(timing.end));
        let branch = place.branches.get(context).cloned().flatten();
        add(self.totals.of((), self.session));
        add(self.projects.of(place.project.clone(), self.session));
        add(self.branches.of(branch, self.session));
        add(self.days.of((self.calendar.day_of)(timing.start), self.session));
        true
    }

    fn add_turns(&mut self, session: &Session, place: &Place, shown: &Shown<'_>) {
        let mut turns: Vec<_> = session.turns.iter().filter(|turn| turn.is_owned).collect();
        turns.sort_by_key(|turn| turn.timing.start);
        let mut until = Millis::MIN;
        for turn in turns {
            let (start, end) = (turn.timing.start, turn.timing.end);
            let busy = (end - start.max(until)).max(0);
            let is_inside = self.count(&turn.timing, turn.context, place, |work| {
                work.turns += 1;
                work.compaction_turns += u64::from(turn.is_compaction);
                work.open_turns += u64::from(turn.is_open);
                work.busy_ms += busy;
            });
            if !is_inside {
                continue;
            }
            until = until.max(end);
            if !turn.is_open {
                *self.errors.turn_outcomes.entry(turn.outcome.name()).or_default() += 1;
            }
            if let Some(class) = &turn.error_type {
                *self.errors.turn_error_types.entry(shown.name(class)).or_default() += 1;
            }
        }
    }

    fn add_calls(&mut self, session: &Session, place: &Place, options: &MapOptions, shown: &Shown<'_>) {
        let costs = options.prices.costs(session);
        for (call, cost) in session.calls.iter().zip(costs.iter()).filter(|(call, _)| call.is_owned) {
            let own = WorkTotals::of_call(call, cost.as_ref());
            let (tokens, amount, unpriced) = (Tokens::from(&own), Cost::from(&own), u64::from(cost.is_none()));
            let is_inside = self.count(&call.timing, call.context, place, |work| {
                work.llm_calls += 1;
                work.llm_calls_unpriced += unpriced;
                work.tokens += tokens;
                work.cost += amount;
            });
            if is_inside {
                let name =
                    call.model.as_ref().map_or_else(|| Sanitized::of_ours("unknown"), |model| shown.model(model));
                let (row, durations) = self.models.entry(name).or_default();
                row.calls += 1;
                row.calls_unpriced += unpriced;
                row.tokens += tokens;
                row.cost += amount;
                durations.add(call.timing.duration());
            }
        }
    }

    fn add_tools(&mut self, session: &Session, place: &Place, shown: &Shown<'_>) {
        for tool in session.tools.iter().filter(|tool| tool.is_owned) {
            let is_stopped =
                matches!(tool.outcome, ToolOutcome::Rejected | ToolOutcome::Denied | ToolOutcome::Interrupted);
            let (errors, stopped) = (u64::from(tool.is_error), u64::from(is_stopped));
            let is_inside = self.count(&tool.timing, tool.context, place, |work| {
                work.tool_calls += 1;
                work.tool_errors += errors;
                work.tool_stopped += stopped;
            });
            if is_inside {
                let (row, durations) = self.tools.entry(shown.name(&tool.name)).or_default();
                row.calls += 1;
                row.errors += errors;
                row.stopped += stopped;
                if tool.has_result {
                    durations.add(tool.timing.duration());
                    row.longest_ms = row.longest_ms.max(Some(tool.timing.duration()));
                }
                if tool.has_result || tool.is_final {
                    *self.errors.tool_outcomes.entry(tool.outcome.name()).or_default() += 1;
                }
            }
        }
    }

    /// Facts that have no time of their own are counted with the turn that their line stands in.
    fn add_counted(&mut self, session: &Session) {
        let mut turns: Vec<_> = session.turns.iter().map(|turn| (turn.position, turn.timing.start)).collect();
        turns.sort_unstable();
        for fact in &session.counted {
            let before = turns.partition_point(|(position, _)| *position <= fact.position);
            let turn = before.checked_sub(1).and_then(|place| turns.get(place)).map(|(_, start)| *start);
            let is_inside = match turn.or(session.first_time) {
                Some(start) => self.range.holds(start),
                None => self.range == Range::default(),
            };
            if is_inside {
                match fact.kind {
                    CountedKind::ApiRetry => self.errors.api_retries += 1,
                    CountedKind::ApiError => self.errors.api_errors += 1,
                    CountedKind::Interrupt => self.errors.interrupts += 1,
                    CountedKind::LocalCommand
                    | CountedKind::MeasuredTurn(_)
                    | CountedKind::PromptImages(_)
                    | CountedKind::PullRequest(_) => {}
                }
            }
        }
    }

    /// What it all comes to.
    pub fn report(self) -> Report {
        let group = |name, work: Work| GroupRow { name, work, cache_hit_ratio: work.tokens.cache_hit_ratio() };
        let mut projects = self.projects.into_rows(group);
        let mut branches = self.branches.into_rows(group);
        for rows in [&mut projects, &mut branches] {
            rows.sort_by_key(|row| std::cmp::Reverse((row.work.cost.amount, row.work.tokens.total(), row.work.turns)));
        }
        let mut models: Vec<ModelRow> = self
            .models
            .into_iter()
            .map(|(name, (row, durations))| ModelRow {
                name,
                cache_hit_ratio: row.tokens.cache_hit_ratio(),
                total_ms: durations.sum(),
                p50_ms: durations.percentile(50),
                p95_ms: durations.percentile(95),
                ..row
            })
            .collect();
        models.sort_by_key(|row| std::cmp::Reverse((row.cost.amount, row.tokens.total())));
        let mut tools: Vec<ToolRow> = self
            .tools
            .into_iter()
            .map(|(name, (row, durations))| ToolRow {
                name,
                total_ms: durations.sum(),
                p50_ms: durations.percentile(50),
                p95_ms: durations.percentile(95),
                ..row
            })
            .collect();
        tools.sort_by_key(|row| std::cmp::Reverse((row.calls, row.total_ms)));
        let totals = self.totals.into_rows(|(), work| work).pop().unwrap_or_default();
        Report {
            period: Period {
                since_unix_ms: self.range.since,
                until_unix_ms: self.range.until,
                first_unix_ms: self.reach.map(|(first, _)| first),
                last_unix_ms: self.reach.map(|(_, last)| last),
                days: self.calendar.name,
            },
            cache_hit_ratio: totals.tokens.cache_hit_ratio(),
            totals,
            hidden_cost: self.hidden,
            errors: self.errors,
            waits: self.waits,
            projects,
            branches,
            days: self.days.into_rows(|day, work| DayRow { day, work, cache_hit_ratio: work.tokens.cache_hit_ratio() }),
            models,
            tools,
        }
    }
}
