//! What a run came to, for people and for programs.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cost_summary as cost;
use super::words::{counted as counted_words, grouped, shown};
use crate::export::totals::DeliveryTotals;
use crate::pipeline::totals::Totals;
use crate::session::money::Picodollars;
use crate::session::usage::TokenUsage;

/// Everything that the summary tells.
#[derive(Debug)]
pub(super) struct Summary<'a> {
    pub totals: &'a Totals,
    pub delivery: Option<&'a DeliveryTotals>,
    /// What became of events, where any were to be sent.
    pub events: Option<&'a DeliveryTotals>,
    /// What became of the points of metrics, where any were to be sent.
    pub points: Option<&'a DeliveryTotals>,
    pub undelivered: u64,
    pub destination: &'a str,
    /// The destination's name, where there are several.
    pub name: Option<&'a str>,
    pub empty_files: u64,
    /// Sessions that were not read, since they held nothing new.
    pub delivered_before: u64,
    /// Spans that were delivered before and say something else now.
    pub corrected: u64,
    pub is_stopped: bool,
    /// How many sessions were read, and how many were to be, where the run ended before that.
    pub cut_short: Option<(u64, u64)>,
    /// The tables that costs rest on.
    pub prices: &'a str,
    pub failure: Option<String>,
}

impl Summary<'_> {
    /// A few lines for people.
    pub(super) fn text(&self) -> String {
        let totals = self.totals;
        let usage = totals.usage();
        let mut lines: Vec<String> = self.name.map(|name| format!("{name}:")).into_iter().collect();
        if let Some((read, planned)) = self.cut_short {
            let (read, planned) = (grouped(read), counted_words(planned, "session"));
            lines.push(format!("cut short  {read} of {planned} read: what follows counts these alone"));
        }
        lines.extend([
            format!(
                "sessions   {}{}",
                grouped(totals.sessions),
                in_brackets(&[
                    (totals.copied_sessions, "with copied history"),
                    (self.delivered_before, "more with nothing new"),
                ])
            ),
            format!(
                "turns      {}{}",
                grouped(totals.turns),
                in_brackets(&[
                    (totals.compaction_turns, "more that are manual compactions"),
                    (totals.open_turns, "still open, not sent; --finish sends them"),
                ])
            ),
            format!("calls      {}", grouped(totals.llm_calls())),
            format!("tools      {}{}", grouped(totals.tool_calls()), in_brackets(&self.outcomes())),
            format!("agents     {}{}", grouped(totals.agents), in_brackets(&[(totals.nested_agents, "nested")])),
        ]);
        let others = [
            (totals.compactions, "compactions"),
            (totals.api_retries, "failed attempts"),
            (totals.api_errors, "API errors"),
            (totals.interrupts, "interrupts"),
        ];
        let counted = |(count, what): &(u64, &str)| {
            let what = if *count == 1 { what.trim_end_matches('s') } else { what };
            format!("{} {what}", grouped(*count))
        };
        let others: Vec<String> = others.iter().filter(|(count, _)| *count > 0).map(counted).collect();
        if !others.is_empty() {
            lines.push(format!("also       {}", others.join(", ")));
        }
        lines.push(format!(
            "tokens     {} input, {} output, {} cache read, {} cache write",
            grouped(usage.input),
            grouped(usage.output),
            grouped(usage.cache_read),
            grouped(usage.cache_creation)
        ));
        let not_final: u64 = totals.models.values().map(|model| model.calls_not_final).sum();
        if not_final > 0 {
            lines.push(format!(
                "           output is a lower bound for {} of the calls: their lines do not hold the final count",
                grouped(not_final)
            ));
        }
        let hidden = sum(totals.hidden.values());
        if hidden != TokenUsage::default() {
            lines.push(format!(
                "hidden     {} input, {} output tokens that the client counted and no line shows",
                grouped(hidden.total_input()),
                grouped(hidden.output)
            ));
        }
        lines.extend(cost::text(totals, self.prices));
        if totals.too_old > 0 {
            lines.push(format!(
                "too old    {} not sent; --old-data send sends them",
                counted_words(totals.too_old, "turn")
            ));
        }
        lines.push(self.problems_text());
        lines.push(self.spans_text() + &self.beside_spans());
        if let Some(failure) = &self.failure {
            lines.push(format!("error      {failure}"));
        }
        lines.join("\n")
    }

    fn outcomes(&self) -> Vec<(u64, &'static str)> {
        self.totals
            .outcomes
            .iter()
            .filter(|(name, _)| **name != "success")
            .map(|(name, count)| (*count, *name))
            .collect()
    }

    fn problems_text(&self) -> String {
        let kinds = self.problems();
        if kinds.is_empty() {
            return format!("problems   none in {} records", grouped(self.totals.read.records));
        }
        let kinds: Vec<String> = kinds.iter().map(|(name, count)| format!("{name} {}", grouped(*count))).collect();
        format!("problems   {} (in {} records)", kinds.join(", "), grouped(self.totals.read.records))
    }

    /// Problems by kind and, where there is one, the name that was not known.
    fn problems(&self) -> BTreeMap<String, u64> {
        let mut kinds = BTreeMap::new();
        for (problem, count) in &self.totals.problems {
            let name = match &*problem.subject {
                "" => problem.kind.name().to_owned(),
                subject => format!("{} {subject}", problem.kind.name()),
            };
            *kinds.entry(name).or_insert(0) += count;
        }
        kinds
    }

    fn spans_text(&self) -> String {
        let Some(delivery) = self.delivery else {
            return format!("spans      {} made, none sent", grouped(self.totals.spans));
        };
        let details = [
            (delivery.rejected, "rejected"),
            (delivery.dead_lettered, "set aside"),
            (delivery.cut, "cut"),
            (self.corrected, "sent again, since they changed"),
            (self.undelivered, "not delivered"),
            (delivery.retries, "retries"),
        ];
        let stopped = if self.is_stopped { " before it was stopped" } else { "" };
        format!(
            "spans      {} delivered to {}{stopped}{}",
            grouped(delivery.delivered),
            self.destination,
            in_brackets(&details)
        )
    }

    /// What else was sent beside spans.
    fn beside_spans(&self) -> String {
        let line = |what: &str, delivery: Option<&DeliveryTotals>| {
            let delivery =
                delivery.filter(|delivery| delivery.delivered + delivery.rejected + delivery.dead_lettered > 0);
            delivery.map_or(String::new(), |delivery| {
                let details = [(delivery.rejected, "rejected"), (delivery.dead_lettered, "set aside")];
                format!("\n{what:<10} {} delivered{}", grouped(delivery.delivered), in_brackets(&details))
            })
        };
        line("events", self.events) + &line("metrics", self.points)
    }

    /// The same as one JSON object.
    pub(super) fn json(&self) -> Value {
        let totals = self.totals;
        let models: BTreeMap<Cow<'_, str>, Value> = totals
            .models
            .iter()
            .map(|(name, model)| (shown(name), json!({"calls": model.calls, "calls_not_final": model.calls_not_final, "cost_usd": model.cost.map(Picodollars::dollars), "calls_unpriced": model.calls_unpriced, "tokens": tokens(&model.usage)})))
            .collect();
        let tools: BTreeMap<Cow<'_, str>, Value> = totals
            .tools
            .iter()
            .map(|(name, tool)| (shown(name), json!({"calls": tool.calls, "errors": tool.errors})))
            .collect();
        let hidden: BTreeMap<Cow<'_, str>, Value> =
            totals.hidden.iter().map(|(name, usage)| (shown(name), tokens(usage))).collect();
        let mut whole = json!({
            "files": totals.read.files,
            "empty_files": self.empty_files,
            "bytes": totals.read.bytes,
            "lines": totals.read.lines,
            "records": totals.read.records,
            "waiting_lines": totals.read.waiting_lines,
            "sessions": totals.sessions,
            "sessions_delivered_before": self.delivered_before,
            "copied_sessions": totals.copied_sessions,
            "turns": totals.turns,
            "compaction_turns": totals.compaction_turns,
            "open_turns": totals.open_turns,
            "llm_calls": totals.llm_calls(),
            "tokens": tokens(&totals.usage()),
            "models": models,
            "tool_calls": totals.tool_calls(),
            "tool_results": totals.tool_results,
            "tool_calls_unanswered": totals.tool_calls() - totals.tool_results,
            "tool_errors": totals.tool_errors(),
            "tool_outcomes": totals.outcomes,
            "tools": tools,
            "agents": totals.agents,
            "nested_agents": totals.nested_agents,
            "compactions": totals.compactions,
            "auto_compactions": totals.auto_compactions,
            "api_retries": totals.api_retries,
            "api_errors": totals.api_errors,
            "interrupts": totals.interrupts,
            "local_commands": totals.local_commands,
            "measured_turns": totals.measured_turns,
            "measured_ms": totals.measured_ms,
            "prompts_with_images": totals.prompts_with_images,
            "hidden_tokens": hidden,
            "problems": self.problems(),
            "spans": {
                "made": totals.spans,
                "delivered": self.delivery.map_or(0, |delivery| delivery.delivered),
                "rejected": self.delivery.map_or(0, |delivery| delivery.rejected),
                "dead_lettered": self.delivery.map_or(0, |delivery| delivery.dead_lettered),
                "not_delivered": self.undelivered,
                "corrected": self.corrected,
            },
            "events": self.events.map(counted),
            "metric_points": self.points.map(counted),
            "turns_too_old": totals.too_old,
            "name": self.name,
            "destination": self.destination,
            "stopped": self.is_stopped,
            "cut_short": self.cut_short.map(|(read, planned)| json!({"sessions_read": read, "sessions_planned": planned})),
            "error": self.failure,
        });
        if let Some(whole) = whole.as_object_mut() {
            whole.insert("cost".to_owned(), cost::json(totals, self.prices));
        }
        whole
    }
}

fn tokens(usage: &TokenUsage) -> Value {
    json!({
        "input": usage.input,
        "output": usage.output,
        "cache_read": usage.cache_read,
        "cache_creation": usage.cache_creation,
        "cache_creation_5m": usage.cache_creation_5m,
        "cache_creation_1h": usage.cache_creation_1h,
    })
}

fn sum<'a>(usages: impl Iterator<Item = &'a TokenUsage>) -> TokenUsage {
    let mut sum = TokenUsage::default();
    usages.for_each(|usage| sum += usage);
    sum
}

/// What became of items, for programs.
fn counted(delivery: &DeliveryTotals) -> Value {
    json!({
        "delivered": delivery.delivered,
        "rejected": delivery.rejected,
        "dead_lettered": delivery.dead_lettered,
    })
}

fn in_brackets(parts: &[(u64, &str)]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(*count)))
        .collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_was_cut_short_says_how_far_it_came() {
        let totals = Totals { sessions: 12, ..Totals::default() };
        let summary = |cut_short| Summary {
            totals: &totals,
            delivery: None,
            events: None,
            points: None,
            undelivered: 0,
            destination: "http://h",
            name: None,
            empty_files: 0,
            delivered_before: 0,
            corrected: 0,
            is_stopped: false,
            cut_short,
            prices: "none",
            failure: None,
        };
        let cut = summary(Some((13, 85)));
        assert!(
            cut.text().starts_with("cut short  13 of 85 sessions read: what follows counts these alone\nsessions   12")
        );
        assert_eq!(cut.json()["cut_short"], json!({"sessions_read": 13, "sessions_planned": 85}));
        assert!(!summary(None).text().contains("cut short"));
    }
}
