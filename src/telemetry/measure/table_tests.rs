//! Tests of the table of metrics.

#![expect(clippy::float_cmp, reason = "whole numbers and halves are what they are")]

use super::*;
use crate::telemetry::measure::base::Measure;

fn series(measure: Measure, attributes: &[(&'static str, &str)]) -> Series {
    Series { measure, attributes: attributes.iter().map(|(name, value)| (*name, Arc::from(*value))).collect() }
}

fn spread(measure: Measure, values: &[u64]) -> Amount {
    let mut spread = Spread::default();
    for value in values {
        spread.observe(*value, measure.scale().unwrap());
    }
    Amount::Spread(Box::new(spread))
}

fn metric<'a>(metrics: &'a [Metric], name: &str) -> &'a Metric {
    let mut found = metrics.iter().filter(|metric| metric.name == name);
    let metric = found.next().unwrap_or_else(|| panic!("{name} is missing"));
    assert!(found.next().is_none(), "{name} is there twice");
    metric
}

fn numbers(metric: &Metric) -> Vec<(Vec<(&'static str, Value)>, f64)> {
    let Points::Sum(_, points) = &metric.points else { panic!("{} is no sum", metric.name) };
    let number = |number| match number {
        Number::Int(int) => int as f64,
        Number::Double(double) => double,
    };
    points.iter().map(|point| (point.attributes.clone(), number(point.value))).collect()
}

#[test]
fn all_views_of_a_metric_are_of_one_kind_and_unit() {
    for view in VIEWS {
        for other in VIEWS.iter().filter(|other| other.name == view.name) {
            assert_eq!(view.measure.scale().is_some(), other.measure.scale().is_some(), "{}", view.name);
            assert_eq!(
                view.measure.scale().map(|s| s.bounds),
                other.measure.scale().map(|s| s.bounds),
                "{}",
                view.name
            );
            assert_eq!((view.unit, view.description, view.family), (other.unit, other.description, other.family));
        }
    }
}

#[test]
fn attributes_that_a_metric_lacks_are_summed_over() {
    let mut table = Table::new(TableOptions::default());
    table.add(&series(Measure::Input, &[(of::MODEL, "a"), (of::SOURCE, "main")]), 5_000, &Amount::Sum(3));
    table.add(&series(Measure::Input, &[(of::MODEL, "a"), (of::SOURCE, "subagent")]), 4_000, &Amount::Sum(4));
    table.add(&series(Measure::CacheRead, &[(of::MODEL, "a"), (of::SOURCE, "main")]), 5_000, &Amount::Sum(10));
    let metrics = table.cumulative(9_000);
    assert_eq!(numbers(metric(&metrics, "claude_code.token.usage")).len(), 3);
    let input = metric(&metrics, "gen_ai.client.inference.usage.input_tokens");
    assert_eq!(numbers(input).iter().map(|(_, sum)| *sum).collect::<Vec<_>>(), [17.0]);
    let Points::Sum(Temporality::Cumulative, points) = &input.points else { panic!("no cumulative sum") };
    assert_eq!(points[0].period, Period { start_unix_nano: 4_000_000_000, time_unix_nano: 9_000_000_000 });
    assert!(points[0].attributes.is_sorted_by_key(|(name, _)| *name));
}

#[test]
fn only_what_has_changed_is_told_again_with_all_that_it_counts_to() {
    let mut table = Table::new(TableOptions::default());
    table.add(&series(Measure::Turns, &[(of::OUTCOME, "completed")]), 1_000, &Amount::Sum(2));
    table.add(&series(Measure::Compactions, &[]), 1_000, &Amount::Sum(1));
    assert_eq!(table.changed(2_000).len(), 2);
    table.add(&series(Measure::Turns, &[(of::OUTCOME, "completed")]), 3_000, &Amount::Sum(5));
    let changed = table.changed(4_000);
    assert_eq!(changed.iter().map(|metric| metric.name).collect::<Vec<_>>(), ["claude_code.turn.count"]);
    assert_eq!(numbers(&changed[0])[0].1, 7.0);
    assert!(table.changed(5_000).is_empty());
}

#[test]
fn money_is_told_in_dollars_and_truths_as_truths() {
    let mut table = Table::new(TableOptions::default());
    let of_cost = series(Measure::Cost, &[(of::LOWER_BOUND, "true"), (of::MODEL, "a")]);
    table.add(&of_cost, 0, &Amount::Sum(1_500_000_000_000));
    let metrics = table.cumulative(1);
    let cost = numbers(metric(&metrics, "claude_code.cost.usage"));
    assert_eq!(cost[0].1, 1.5);
    assert!(cost[0].0.contains(&("claude_otel.cost.lower_bound", Value::Bool(true))));
}

#[test]
fn both_kinds_of_histograms_count_every_observation() {
    let values = [0, 1, 10, 15, 999, 1000, 5_000_000];
    let tool = series(Measure::ToolDuration, &[(of::TOOL, "Bash")]);
    for histograms in [HistogramKind::Explicit, HistogramKind::Exponential] {
        let mut table = Table::new(TableOptions { histograms, ..TableOptions::default() });
        table.add(&tool, 0, &spread(Measure::ToolDuration, &values));
        let metrics = table.cumulative(1);
        match &metric(&metrics, "gen_ai.execute_tool.duration").points {
            Points::Histogram(_, points) => {
                assert_eq!(histograms, HistogramKind::Explicit);
                assert_eq!(points[0].counts.len(), points[0].bounds.len() + 1);
                assert_eq!(points[0].counts.iter().sum::<u64>(), 7);
                // 0, 1 ms and 10 ms are not above the first bound.
                assert_eq!((points[0].counts[0], points[0].counts.last()), (3, Some(&1)));
                assert_eq!((points[0].min, points[0].max, points[0].sum), (Some(0.0), Some(5000.0), 5002.025));
            }
            Points::Exponential(_, points) => {
                assert_eq!(histograms, HistogramKind::Exponential);
                assert_eq!((points[0].zero_count, points[0].counts.iter().sum::<u64>()), (1, 6));
                assert!(points[0].counts.len() <= MOST_FINE_BUCKETS);
                // From 1 ms to 5000 s there are 22 doublings: 357 buckets of the finest scale.
                assert_eq!(points[0].scale, 2);
                let lower = 2f64.powf(f64::from(points[0].offset) / 4.0);
                assert!(lower < 0.001 && 0.001 <= lower * 2f64.powf(0.25), "{lower}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_came_on_top_has_no_extremes_and_its_own_period() {
    let mut table = Table::new(TableOptions::default());
    table.add(&series(Measure::CallInput, &[(of::MODEL, "a")]), 0, &spread(Measure::CallInput, &[5, 50]));
    let metrics = table.delta(1_000, 2_000);
    let Points::Histogram(Temporality::Delta, points) = &metric(&metrics, "gen_ai.client.token.usage").points else {
        panic!("no delta histogram")
    };
    assert_eq!((points[0].min, points[0].max, points[0].sum), (None, None, 55.0));
    assert_eq!(points[0].period, Period { start_unix_nano: 1_000_000_000, time_unix_nano: 2_000_000_000 });
}

#[test]
fn vocabularies_choose_names_and_nothing_else() {
    let turns = series(Measure::Turns, &[(of::MODEL, "a")]);
    let names = |options: TableOptions| {
        let mut table = Table::new(options);
        table.add(&turns, 0, &Amount::Sum(1));
        table.add(&series(Measure::Sessions, &[]), 0, &Amount::Sum(1));
        table.cumulative(1).iter().map(|metric| metric.name).collect::<Vec<_>>()
    };
    assert_eq!(names(TableOptions::default()), ["claude_code.session.count", "claude_code.turn.count"]);
    let seed = Vocabularies { seed: true, claude_code: false, ..Vocabularies::default() };
    let options = TableOptions { vocabularies: seed, ..TableOptions::default() };
    assert_eq!(names(options), ["claude_code.turn.count", "claude.turns_total"]);
}
