//! What was written: the totals that every correct reading comes to.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Tokens by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cache_5m: u64,
    pub(crate) cache_1h: u64,
    pub(crate) cache_read: u64,
}

/// The totals, and the shape of what was written.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    counts: BTreeMap<&'static str, u64>,
    tokens: Tokens,
    /// Lines and bytes of each kind.
    kinds: BTreeMap<&'static str, (u64, u64)>,
    /// How many lines have a length, in steps of less than two percent.
    lengths: BTreeMap<u32, (u64, u64)>,
    longest: u64,
}

impl Truth {
    pub(crate) fn count(&mut self, what: &'static str, so_many: u64) {
        *self.counts.entry(what).or_default() += so_many;
    }

    pub(crate) fn line(&mut self, kind: &'static str, bytes: u64) {
        self.count("lines", 1);
        self.count("bytes", bytes);
        let of_kind = self.kinds.entry(kind).or_default();
        *of_kind = (of_kind.0 + 1, of_kind.1 + bytes);
        let of_length = self.lengths.entry(step(bytes)).or_default();
        *of_length = (of_length.0 + 1, of_length.1 + bytes);
        self.longest = self.longest.max(bytes);
    }

    pub(crate) fn call(&mut self, tokens: Tokens) {
        self.count("llm_calls", 1);
        self.tokens.input += tokens.input;
        self.tokens.output += tokens.output;
        self.tokens.cache_5m += tokens.cache_5m;
        self.tokens.cache_1h += tokens.cache_1h;
        self.tokens.cache_read += tokens.cache_read;
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.counts.get("bytes").copied().unwrap_or_default()
    }

    /// The names of the totals are those of the program's summary.
    pub(crate) fn to_json(&self) -> Value {
        let mut totals: serde_json::Map<String, Value> =
            self.counts.iter().map(|(name, count)| ((*name).to_owned(), (*count).into())).collect();
        let Tokens { input, output, cache_5m, cache_1h, cache_read } = self.tokens;
        let tokens = json!({
            "input": input, "output": output, "cache_read": cache_read,
            "cache_creation": cache_5m + cache_1h, "cache_creation_5m": cache_5m, "cache_creation_1h": cache_1h,
        });
        totals.insert("tokens".to_owned(), tokens);
        let lines: u64 = self.lengths.values().map(|(lines, _)| lines).sum();
        let all = self.bytes().max(1);
        let length_at = |share: f64| {
            let mut passed = 0;
            let at = self.lengths.iter().find(|(_, (count, _))| {
                passed += count;
                passed as f64 >= share * lines as f64
            });
            at.map_or(0, |(_, (count, bytes))| bytes / count)
        };
        let share_over = |least: u64| {
            let over: u64 = self.lengths.range(step(least)..).map(|(_, (_, bytes))| bytes).sum();
            (over * 1000 / all) as f64 / 1000.0
        };
        let lengths: BTreeMap<String, u64> = [5.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9]
            .iter()
            .map(|percent| (format!("p{percent}"), length_at(percent / 100.0)))
            .chain([("mean".to_owned(), all / lines.max(1)), ("max".to_owned(), self.longest)])
            .collect();
        let kinds: BTreeMap<&str, Value> = self
            .kinds
            .iter()
            .map(|(kind, (lines, bytes))| (*kind, json!({"lines": lines, "bytes": bytes, "mean": bytes / lines})))
            .collect();
        json!({
            "totals": totals,
            "line_bytes": lengths,
            "share_of_bytes_in_lines_over": {"10k": share_over(10_000), "20k": share_over(20_000), "100k": share_over(100_000)},
            "kinds": kinds,
        })
    }
}

/// The step that a length belongs to: 64 for each doubling.
fn step(bytes: u64) -> u32 {
    let bytes = bytes.max(64);
    let doublings = bytes.ilog2();
    doublings * 64 + ((bytes - (1 << doublings)) >> (doublings - 6)) as u32
}

/// Where a summary of the program says something else than what was written; empty when it is right.
pub(crate) fn differences(truth: &Value, summary: &Value) -> Vec<String> {
    let Some(totals) = truth["totals"].as_object() else { return vec!["there is no truth".to_owned()] };
    let differs = |(name, expected): &(&String, &Value)| summary[name.as_str()] != **expected;
    // The program counts copies of the history apart, and names no count of forks.
    let told = totals.iter().filter(|(name, _)| *name != "forks");
    told.filter(differs)
        .map(|(name, expected)| format!("{name}: {} instead of {expected}", summary[name.as_str()]))
        .collect()
}
