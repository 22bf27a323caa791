//! Metrics at the times of what they count, for backends that take points of the past.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::checkpoint::rows::{Measured, SeriesRow};
use crate::telemetry::measure::base::{Contribution, Series};
use crate::telemetry::measure::table::{Table, TableOptions};
use crate::telemetry::metric::{Metric, Temporality};

use super::measuring::{rest, table_of, whole};

/// How many points are told together.
const POINTS_AT_ONCE: usize = 4096;

/// What sessions add to series, stretch by stretch.
#[derive(Debug, Default)]
pub struct History {
    stretches: BTreeMap<i64, BTreeMap<Series, (i64, Amount)>>,
    /// What is remembered of each session once the points were delivered.
    sessions: Vec<(String, Vec<Measured>)>,
}

/// How history is told.
#[derive(Debug, Clone)]
pub struct HistoryOptions {
    /// Names and shapes.
    pub table: TableOptions,
    /// What points count from.
    pub temporality: Temporality,
    /// The length of a stretch in milliseconds: the time between two points.
    pub every: i64,
    /// Only stretches that reach into this period are told, in milliseconds since 1970. What was before it counts.
    pub period: (Option<i64>, Option<i64>),
}

impl HistoryOptions {
    fn tells(&self, start: i64, end: i64) -> bool {
        let (since, until) = self.period;
        since.is_none_or(|since| end > since) && until.is_none_or(|until| start < until)
    }
}

impl History {
    /// Adds a session, less what is remembered of it.
    pub fn add(&mut self, session: &str, contributions: Vec<Contribution>, before: &[Measured]) {
        self.sessions.push((session.to_owned(), whole(&contributions)));
        for Contribution { series, stretch, first, amount } in rest(contributions, before) {
            let stretch = self.stretches.entry(stretch).or_default();
            match stretch.get_mut(&series) {
                Some((earliest, sum)) => {
                    *earliest = (*earliest).min(first);
                    sum.add(&amount);
                }
                None => {
                    stretch.insert(series, (first, amount));
                }
            }
        }
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// What sessions add to series, by session.
    pub fn sessions(&self) -> &[(String, Vec<Measured>)] {
        &self.sessions
    }

    /// What is to be remembered of each session, once.
    pub fn take_sessions(&mut self) -> Vec<(String, Vec<Measured>)> {
        std::mem::take(&mut self.sessions)
    }

    /// Everything in the order of time, in parts; cumulative points go on from what was counted before.
    pub fn metrics(&self, before: &[SeriesRow], options: HistoryOptions) -> impl Iterator<Item = Vec<Metric>> {
        let mut table = table_of(before, options.table.clone());
        // What was counted before was told before.
        table.changed(0);
        let mut stretches = self.stretches.iter();
        std::iter::from_fn(move || {
            let (mut part, mut points) = (Vec::new(), 0);
            for (stretch, series) in stretches.by_ref() {
                let (start, end) = (stretch * options.every, (stretch + 1) * options.every);
                let is_told = options.tells(start, end);
                let metrics = match options.temporality {
                    Temporality::Cumulative if !is_told => {
                        add_all(&mut table, series);
                        table.changed(end);
                        continue;
                    }
                    Temporality::Delta if !is_told => continue,
                    Temporality::Cumulative => {
                        add_all(&mut table, series);
                        table.changed(end)
                    }
                    Temporality::Delta => {
                        let mut table = Table::new(options.table.clone());
                        add_all(&mut table, series);
                        table.delta(start, end)
                    }
                };
                points += metrics.iter().map(|metric| metric.points.len()).sum::<usize>();
                for metric in metrics {
                    join(&mut part, metric);
                }
                if points >= POINTS_AT_ONCE {
                    break;
                }
            }
            (!part.is_empty()).then_some(part)
        })
    }
}

fn add_all(table: &mut Table, series: &BTreeMap<Series, (i64, Amount)>) {
    for (series, (first, amount)) in series {
        table.add(series, *first, amount);
    }
}

/// Points of one metric travel together.
fn join(part: &mut Vec<Metric>, metric: Metric) {
    match part.iter_mut().find(|known| known.name == metric.name) {
        Some(known) => known.points.append(metric.points),
        None => part.push(metric),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::measure::base::Measure;
    use crate::telemetry::metric::{Number, NumberPoint, Points};

    fn turns(stretch: i64, count: u64) -> Contribution {
        let series = Series { measure: Measure::Turns, attributes: Vec::new() };
        Contribution { series, stretch, first: stretch * 60_000 + 1, amount: Amount::Sum(count) }
    }

    fn points(history: &History, before: &[SeriesRow], temporality: Temporality) -> Vec<(u64, u64, i64)> {
        points_of(history, before, temporality, (None, None))
    }

    fn points_of(
        history: &History,
        before: &[SeriesRow],
        temporality: Temporality,
        period: (Option<i64>, Option<i64>),
    ) -> Vec<(u64, u64, i64)> {
        let options = HistoryOptions { table: TableOptions::default(), temporality, every: 60_000, period };
        let parts: Vec<_> = history.metrics(before, options).flatten().collect();
        let Points::Sum(found, points) = &parts[0].points else { panic!("no sum") };
        assert_eq!(*found, temporality);
        let tell = |point: &NumberPoint| {
            let Number::Int(value) = point.value else { panic!("no count") };
            (point.period.start_unix_nano / 1_000_000, point.period.time_unix_nano / 1_000_000, value)
        };
        points.iter().map(tell).collect()
    }

    #[test]
    fn points_stand_at_the_ends_of_their_stretches_in_order() {
        let mut history = History::default();
        history.add("late", vec![turns(5, 2)], &[]);
        history.add("early", vec![turns(1, 1), turns(5, 4)], &[]);
        let cumulative = [(60_001, 120_000, 1), (60_001, 360_000, 7)];
        assert_eq!(points(&history, &[], Temporality::Cumulative), cumulative);
        assert_eq!(points(&history, &[], Temporality::Delta), [(60_000, 120_000, 1), (300_000, 360_000, 6)]);
        assert_eq!(history.take_sessions().len(), 2);
    }

    #[test]
    fn the_points_of_a_period_are_those_that_were_told_with_all_others() {
        let mut history = History::default();
        history.add("a", [1, 2, 5, 9].map(|stretch| turns(stretch, 1)).into(), &[]);
        for temporality in [Temporality::Cumulative, Temporality::Delta] {
            let all = points(&history, &[], temporality);
            let period = (Some(150_000), Some(330_000));
            assert_eq!(points_of(&history, &[], temporality, period), all[1..3], "{temporality:?}");
        }
    }

    #[test]
    fn what_was_counted_before_is_gone_on_from_and_not_told_again() {
        let mut history = History::default();
        let before = whole(&[turns(1, 3)]);
        history.add("a", vec![turns(1, 3), turns(9, 2)], &before);
        let row = SeriesRow {
            series: before[0].series.clone(),
            first: 60_001,
            amount: Amount::Sum(10),
            telling: None,
            told: None,
        };
        assert_eq!(points(&history, &[row], Temporality::Cumulative), [(60_001, 600_000, 12)]);
    }
}
