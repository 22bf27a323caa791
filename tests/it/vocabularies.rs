//! Other vocabularies' names on the spans of all scenarios, and the page that lists them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use claude_otel::privacy::options::ContentLevel;
use claude_otel::telemetry::options::{GenAiSemconv, Vocabulary};
use claude_otel::telemetry::semconv::{openinference, seed};
use claude_otel::telemetry::span::{Attributes, Span, Value};

use crate::golden::{folders, options, rebuild};

fn rows(heading: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/vocabularies.md")).unwrap();
    let mut lines = page.lines().skip_while(|line| !line.starts_with(&format!("| {heading} |")));
    assert!(lines.next().is_some(), "there is no table of {heading}");
    let cells = |line: &str| -> Option<Vec<String>> {
        let inner = line.strip_prefix('|')?.strip_suffix('|')?;
        Some(inner.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect())
    };
    lines.skip(1).map_while(cells).collect()
}

/// The spans of all scenarios with some vocabularies.
fn spans(vocab: &[Vocabulary], semconv: GenAiSemconv) -> Vec<Span> {
    spans_with(vocab, semconv, ContentLevel::None)
}

/// The same at a content level.
fn spans_with(vocab: &[Vocabulary], semconv: GenAiSemconv, level: ContentLevel) -> Vec<Span> {
    let of = |folder: &std::path::PathBuf| {
        let mut options = options(folder, 1);
        options.map.content.level = level;
        options.read.decode.texts = options.map.content.wants_texts();
        options.map.vocab = vocab.iter().copied().collect();
        options.map.genai_semconv = semconv;
        rebuild(folder, options).spans
    };
    folders().iter().flat_map(of).collect()
}

/// Every name on spans: of attributes, of events, and of the attributes of events.
fn names(spans: &[Span]) -> BTreeSet<&'static str> {
    let lists =
        spans.iter().flat_map(|span| span.events.iter().map(|event| &event.attributes).chain([&span.attributes]));
    let attributes = lists.flatten().map(|(name, _)| *name);
    attributes.chain(spans.iter().flat_map(|span| span.events.iter().map(|event| event.name))).collect()
}

fn get<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a Value> {
    attributes.iter().find(|(of, _)| *of == name).map(|(_, value)| value)
}

#[test]
fn every_name_of_the_seed_systems_is_there_or_says_why_not() {
    let (with, without) = (spans(&[Vocabulary::Seed], GenAiSemconv::Both), spans(&[], GenAiSemconv::Both));
    let (present, before) = (names(&with), names(&without));
    let with_content = names(&spans_with(&[Vocabulary::Seed], GenAiSemconv::Both, ContentLevel::Full));
    let table: BTreeMap<String, String> =
        rows("seed name").into_iter().map(|row| (row[0].clone(), row[3].clone())).collect();
    for (name, state) in &table {
        match state.as_str() {
            "present" => assert!(present.contains(name.as_str()), "{name} is not there"),
            "content" => {
                assert!(with_content.contains(name.as_str()), "{name} is not there");
                assert!(!present.contains(name.as_str()), "{name} is there without a content level");
            }
            "not on record" | "present, as `session.id" => {
                assert!(!with_content.contains(name.as_str()), "{name} is there");
            }
            other => panic!("{name} is {other:?}"),
        }
    }
    let attributes = seed::ATTRIBUTES.iter().chain(seed::TEXTS).map(|row| row.name);
    for name in attributes.chain(seed::EVENTS.iter().map(|row| row.name)) {
        assert!(table.get(name).is_some_and(|state| state == "present" || state == "content"), "{name} has no row");
        assert!(!before.contains(name), "{name} is there without the vocabulary");
    }
}

#[test]
fn vocabularies_add_to_spans_and_change_nothing() {
    let bare = spans(&[], GenAiSemconv::Both);
    for vocab in [&[Vocabulary::Seed][..], &[Vocabulary::OpenInference], &Vocabulary::ALL] {
        for (span, more) in bare.iter().zip(spans(vocab, GenAiSemconv::Both)) {
            assert_eq!((span.span_id, &span.name, span.error), (more.span_id, &more.name, more.error));
            assert!(span.attributes.iter().all(|pair| more.attributes.contains(pair)), "{}", span.name);
            assert!(span.events.iter().all(|event| more.events.contains(event)), "{}", span.name);
            assert!(more.attributes.is_sorted_by(|(a, _), (b, _)| a < b), "{}", span.name);
            assert!(more.events.is_sorted_by_key(|event| event.time_unix_nano), "{}", span.name);
            for event in &more.events {
                assert!(event.attributes.is_sorted_by(|(a, _), (b, _)| a < b), "{}", event.name);
            }
        }
    }
}

#[test]
fn the_seeds_tokens_add_up_to_those_of_the_conventions() {
    let mut calls = 0;
    for span in spans(&[Vocabulary::Seed], GenAiSemconv::Both) {
        let int = |name| match get(&span.attributes, name) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        };
        let Some(input) = int("gen_ai.usage.input_tokens") else { continue };
        let parts = ["tokens.input", "tokens.cache_read", "tokens.cache_creation"].map(|name| int(name).unwrap());
        assert_eq!(parts.iter().sum::<i64>(), input);
        assert_eq!(int("tokens.total"), int("tokens.output").map(|output| output + input));
        calls += 1;
    }
    assert!(calls > 200, "{calls}");
}

fn oi_names() -> impl Iterator<Item = &'static str> {
    openinference::ATTRIBUTES.iter().chain(openinference::TEXTS).map(|row| row.name)
}

#[test]
fn openinference_says_what_the_conventions_say() {
    let listed: Vec<String> = rows("OpenInference name").into_iter().map(|mut row| row.swap_remove(0)).collect();
    assert_eq!(listed.iter().map(String::as_str).collect::<BTreeSet<_>>(), oi_names().collect());
    let without = names(&spans(&[Vocabulary::OpenInference], GenAiSemconv::V1_41));
    assert!(!without.contains("input.value") && !without.contains("output.value"));
    let spans = spans_with(&[Vocabulary::OpenInference], GenAiSemconv::V1_41, ContentLevel::Summary);
    let present = names(&spans);
    assert!(oi_names().all(|name| present.contains(name)), "{present:?}");
    let pairs = [
        ("llm.model_name", "gen_ai.response.model"),
        ("llm.request.model_name", "gen_ai.request.model"),
        ("llm.token_count.prompt", "gen_ai.usage.input_tokens"),
        ("llm.token_count.completion", "gen_ai.usage.output_tokens"),
        ("llm.token_count.prompt_details.cache_read", "gen_ai.usage.cache_read.input_tokens"),
        ("llm.token_count.prompt_details.cache_write", "gen_ai.usage.cache_creation.input_tokens"),
        ("llm.cost.total", "claude_code.cost_usd"),
        ("tool.name", "gen_ai.tool.name"),
        ("tool_call.id", "gen_ai.tool.call.id"),
    ];
    for span in &spans {
        for (name, same) in pairs {
            assert_eq!(get(&span.attributes, name), get(&span.attributes, same), "{name} on {}", span.name);
        }
        let kind = match get(&span.attributes, "gen_ai.operation.name") {
            Some(Value::Static("chat")) => "LLM",
            Some(Value::Static("execute_tool")) => "TOOL",
            Some(Value::Static("invoke_agent")) => "AGENT",
            _ => "CHAIN",
        };
        assert_eq!(get(&span.attributes, "openinference.span.kind"), Some(&Value::Static(kind)));
    }
}

#[test]
fn only_the_chosen_names_of_the_conventions_leave() {
    let (older, newer) = ("gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_write.input_tokens");
    for semconv in GenAiSemconv::ALL {
        let spans = spans(&[], semconv);
        let names = names(&spans);
        let expected = match semconv {
            GenAiSemconv::V1_41 => [true, false],
            GenAiSemconv::Latest => [false, true],
            GenAiSemconv::Both => [true, true],
        };
        assert_eq!([names.contains(older), names.contains(newer)], expected, "{}", semconv.name());
    }
}
