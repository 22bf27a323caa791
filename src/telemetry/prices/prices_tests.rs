use super::*;
use crate::session::facts::Parent;
use crate::session::timing::{TimeSource, Timing};
use crate::transcript::time::Millis;

const NOVEMBER: Millis = 1_795_333_000_000;

fn call(model: &str, usage: TokenUsage) -> LlmCall {
    LlmCall {
        id: "msg_01".into(),
        parent: Parent::Turn(0),
        context: 0,
        timing: Timing::new((NOVEMBER, TimeSource::LastLine), (NOVEMBER, TimeSource::LastLine)),
        model: Some(model.into()),
        requested_model: None,
        request_id: None,
        max_tokens: None,
        query_source: None,
        usage,
        stop_reason: Some("end_turn".into()),
        effort: None,
        speed: None,
        service_tier: None,
        cache_miss_reason: None,
        thinking_duration: None,
        cost_usd: None,
        attempts: None,
        is_aborted: false,
        is_compacted: false,
        last_main_position: None,
        is_auxiliary: false,
        copied_from: None,
        is_final: true,
        is_owned: true,
    }
}

/// Input, output, read from the cache, written for five minutes and for an hour.
fn tokens([input, output, cache_read, five, hour]: [u64; 5]) -> TokenUsage {
    TokenUsage {
        input,
        output,
        cache_read,
        cache_creation: five + hour,
        cache_creation_5m: five,
        cache_creation_1h: hour,
        ..TokenUsage::default()
    }
}

fn amount(table: &PriceTable, call: &LlmCall) -> Option<i128> {
    table.cost(call).map(|cost| cost.amount.amount())
}

/// A number of millionths of a dollar, which is a price for a million tokens times tokens.
fn micro(dollars: f64) -> Option<i128> {
    Picodollars::from_dollars(dollars / 1e6).map(Picodollars::amount)
}

#[test]
fn the_table_in_the_program_can_be_read_and_names_its_date() {
    let layer = parse(EMBEDDED).unwrap();
    assert!(layer.models.len() >= 25);
    assert_eq!(PriceTable::default().id(), "anthropic-list-2026-11-22");
}

/// Calls of real clients with what these clients said that they cost.
#[test]
fn calls_cost_what_the_client_says() {
    let table = PriceTable::default();
    for (model, counts, dollars) in [
        ("claude-sonnet-4-6", [20, 900, 185_000, 4000, 0], 0.08406),
        ("claude-sonnet-4-6", [150_000, 1234, 111, 0, 0], 0.468_543_3),
        ("claude-haiku-4-5-20251001", [1001, 201, 5001, 38, 0], 0.002_553_6),
        ("claude-opus-4-7", [1003, 203, 5003, 40, 0], 0.012_841_5),
        ("claude-sonnet-5", [1003, 203, 5003, 33, 7], 0.005_147_1),
        ("claude-sonnet-5-5", [1002, 202, 5002, 32, 7], 0.004_632_2),
        ("claude-haiku-5-5", [1004, 204, 5004, 34, 7], 0.000_258_09),
        ("claude-opus-5-5", [1002, 202, 5002, 32, 7], 0.009_264_4),
    ] {
        let cost = table.cost(&call(model, tokens(counts))).unwrap();
        assert_eq!(Some(cost.amount), Picodollars::from_dollars(dollars), "{model}");
        assert_eq!((cost.source, cost.is_lower_bound), (CostSource::PriceTable, false));
        assert_eq!(cost.table.as_deref(), Some("anthropic-list-2026-11-22"));
    }
}

#[test]
fn the_recorded_cost_stands_above_every_table() {
    let recorded = LlmCall { cost_usd: Some(0.25), ..call("claude-opus-4", tokens([1, 1, 0, 0, 0])) };
    let cost = PriceTable::default().cost(&recorded).unwrap();
    assert_eq!((cost.amount.dollars(), cost.source, cost.table), (0.25, CostSource::Recorded, None));
}

#[test]
fn what_no_table_knows_has_no_price() {
    let table = PriceTable::default();
    let some = tokens([1000, 100, 0, 0, 0]);
    for model in [
        "claude-sonnet-9",
        "claude-opus-4-6-mini",
        "qwen3-coder-next",
        "sonnet",
        "",
        "us-gov.anthropic.claude-sonnet-5",
    ] {
        assert_eq!(amount(&table, &call(model, some)), None, "{model}");
    }
    assert_eq!(amount(&table, &LlmCall { model: None, ..call("", some) }), None);
    // A tier without a price is not priced by another tier.
    let fast = LlmCall { speed: Some("fast".into()), ..call("claude-sonnet-5", some) };
    assert_eq!(amount(&table, &fast), None);
    let batch = LlmCall { service_tier: Some("batch".into()), ..call("claude-sonnet-5", some) };
    assert_eq!(amount(&table, &batch), None);
    // Neither is a kind of token.
    assert!(amount(&table, &call("claude-3-sonnet-20240229", some)).is_some());
    assert_eq!(amount(&table, &call("claude-3-sonnet-20240229", tokens([1, 1, 1, 0, 0]))), None);
}

#[test]
fn long_contexts_cost_more_while_the_price_list_says_so() {
    let table = PriceTable::default();
    let cost = |model: &str, counts| amount(&table, &call(model, tokens(counts)));
    assert_eq!(cost("claude-sonnet-4-5-20250929", [200_000, 10, 0, 0, 0]), micro(600_000.0 + 150.0));
    assert_eq!(cost("claude-sonnet-4-5-20250929", [1, 10, 200_000, 0, 0]), micro(6.0 + 120_000.0 + 225.0));
    assert_eq!(cost("claude-haiku-5-5", [100_001, 0, 0, 0, 0]), micro(50_000.5));
    let opus = |time| {
        let timing = Timing::new((time, TimeSource::LastLine), (time, TimeSource::LastLine));
        amount(&table, &LlmCall { timing, ..call("claude-opus-4-6", tokens([300_000, 0, 0, 0, 0])) })
    };
    // 2026-03-13T00:00:00Z
    assert_eq!(opus(1_773_359_999_999), micro(3_000_000.0));
    assert_eq!(opus(1_773_360_000_000), micro(1_500_000.0));
}

#[test]
fn the_fast_tier_and_searches_are_priced() {
    let table = PriceTable::default();
    let fast = LlmCall { speed: Some("fast".into()), ..call("claude-opus-5-5", tokens([10, 10, 10, 10, 10])) };
    assert_eq!(amount(&table, &fast), micro(10.0 * (8.0 + 40.0 + 0.4 + 10.0 + 16.0)));
    let searches = TokenUsage { web_searches: 3, ..TokenUsage::default() };
    assert_eq!(amount(&table, &call("claude-sonnet-5-5", searches)), micro(30_000.0));
}

#[test]
fn clouds_ask_more_in_regions_and_a_region_that_is_not_known_makes_a_lower_bound() {
    let table = PriceTable::default();
    let some = tokens([1000, 0, 0, 0, 0]);
    let cost = |call: &LlmCall| table.cost(call).map(|cost| (cost.amount.dollars(), cost.is_lower_bound)).unwrap();
    assert_eq!(cost(&call("global.anthropic.claude-sonnet-5", some)), (0.002, false));
    assert_eq!(cost(&call("us.anthropic.claude-sonnet-5", some)), (0.0022, false));
    assert_eq!(cost(&call("us.anthropic.claude-sonnet-4-20250514-v1:0", some)), (0.003, false));
    assert_eq!(cost(&call("claude-sonnet-5@default", some)), (0.002, true));
    // The answer bears the plain name; the request, where it is on record, tells the region.
    let answered = LlmCall { id: "msg_bdrk_01".into(), ..call("claude-sonnet-5", some) };
    assert_eq!(cost(&answered), (0.002, true));
    let requested = LlmCall { requested_model: Some("us.anthropic.claude-sonnet-5".into()), ..answered };
    assert_eq!(cost(&requested), (0.0022, false));
    let open = LlmCall { stop_reason: None, ..call("claude-sonnet-5", some) };
    assert_eq!(cost(&open), (0.002, true));
}

#[test]
fn a_file_stands_above_the_table_for_the_models_that_it_names() {
    let file = r#"{"table": "contract", "date": "2026-10-01", "models": {
        "claude-sonnet-5": {"input": 1, "output": 2},
        "qwen3-coder-next": {"input": 0.1, "output": 0.3}}}"#;
    let table = PriceTable::default().with_overrides(file).unwrap();
    assert_eq!(table.id(), "contract-2026-10-01+anthropic-list-2026-11-22");
    let some = tokens([1000, 1000, 0, 0, 0]);
    let cost = |table: &PriceTable, model: &str| {
        table.cost(&call(model, some)).map(|cost| (cost.amount.dollars(), cost.table))
    };
    assert_eq!(cost(&table, "claude-sonnet-5-20260601"), Some((0.003, Some("contract-2026-10-01".into()))));
    assert_eq!(cost(&table, "Qwen3-Coder-Next"), Some((0.0004, Some("contract-2026-10-01".into()))));
    assert_eq!(cost(&table, "claude-opus-5"), Some((0.03, Some("anthropic-list-2026-11-22".into()))));
    let alone = file.replace("\"models\"", "\"replace\": true, \"models\"");
    let alone = PriceTable::default().with_overrides(&alone).unwrap();
    assert_eq!((alone.id().as_str(), cost(&alone, "claude-opus-5")), ("contract-2026-10-01", None));
}

#[test]
fn the_file_of_litellm_is_understood() {
    let file = r#"{
        "sample_spec": {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "mode": "one of: chat, embedding"},
        "dall-e-3": {"input_cost_per_pixel": 1e-8, "mode": "image_generation"},
        "claude-sonnet-4-5": {"input_cost_per_token": 4e-06, "output_cost_per_token": 2e-05,
            "cache_read_input_token_cost": 4e-07, "cache_creation_input_token_cost": 5e-06,
            "cache_creation_input_token_cost_above_1hr": 8e-06, "input_cost_per_token_above_200k_tokens": 8e-06,
            "output_cost_per_token_above_200k_tokens": 3e-05, "litellm_provider": "anthropic", "supports_vision": true,
            "search_context_cost_per_query": {"search_context_size_medium": 0.02}},
        "anthropic/claude-opus-5": {"input_cost_per_token": 6e-06, "output_cost_per_token": 3e-05,
            "provider_specific_entry": {"us": 1.1, "fast": 2.0}},
        "us.anthropic.claude-haiku-4-5-20251001-v1:0": {"input_cost_per_token": 1.5e-06, "output_cost_per_token": 5.5e-06},
        "bedrock/us-gov-east-1/anthropic.claude-3-haiku": {"input_cost_per_token": 1.0, "output_cost_per_token": 1.0}
    }"#;
    let table = PriceTable::default().with_overrides(file).unwrap();
    let of = |model: &str, counts| amount(&table, &call(model, tokens(counts)));
    assert_eq!(of("claude-sonnet-4-5-20250929", [10, 10, 10, 10, 10]), micro(10.0 * (4.0 + 20.0 + 0.4 + 5.0 + 8.0)));
    assert_eq!(of("claude-sonnet-4-5-20250929", [200_001, 1, 0, 0, 0]), micro(200_001.0 * 8.0 + 30.0));
    let fast = LlmCall { speed: Some("fast".into()), ..call("claude-opus-5", tokens([1, 1, 0, 0, 0])) };
    assert_eq!(amount(&table, &fast), micro(72.0));
    // A price under a region's name holds as it stands.
    assert_eq!(of("us.anthropic.claude-haiku-4-5-20251001-v1:0", [10, 0, 0, 0, 0]), micro(15.0));
    assert_eq!(of("claude-haiku-4-5-20251001", [10, 0, 0, 0, 0]), micro(10.0));
    // A price list of one region is nobody else's.
    assert_eq!(of("claude-3-haiku-20240307", [10, 0, 0, 0, 0]), micro(2.5));
    let id = table.id();
    assert!(id.starts_with("litellm-") && id.ends_with("+anthropic-list-2026-11-22"), "{id}");
}

#[test]
fn errors_name_the_model_and_the_field() {
    let error = |text: &str| PriceTable::default().with_overrides(text).unwrap_err().to_string();
    let model = |fields: &str| format!(r#"{{"table":"a","date":"2026-01-01","models":{{"m":{{{fields}}}}}}}"#);
    for (text, parts) in [
        ("{".to_owned(), ["no JSON", "line 1"]),
        ("[]".to_owned(), ["no table of prices", "models"]),
        ("{}".to_owned(), ["no model", "input and output"]),
        (r#"{"date":"2026-01-01","models":{}}"#.to_owned(), ["\"table\"", "missing"]),
        (r#"{"table":"a","date":"today","models":{}}"#.to_owned(), ["\"date\"", "2026-11-22"]),
        (model(r#""input":1"#), ["\"m\"", "\"output\""]),
        (model(r#""input":-1,"output":1"#), ["\"m\"", "\"input\""]),
        (model(r#""input":1,"output":1,"cached":1"#), ["\"m\"", "\"cached\" is no field"]),
        (model(r#""input":1,"output":1,"fast":{"input":1}"#), ["\"m\"", "\"fast.output\""]),
        (model(r#""input":1,"output":1,"long_context":{"input":1,"output":1}"#), ["\"m\"", "\"long_context.above\""]),
        (
            r#"{"claude-x":{"input_cost_per_token":"cheap","output_cost_per_token":1}}"#.to_owned(),
            ["\"claude-x\"", "\"input_cost_per_token\""],
        ),
    ] {
        let said = error(&text);
        assert!(parts.iter().all(|part| said.contains(part)), "{text}: {said}");
    }
}

#[test]
fn hidden_costs_are_what_the_client_counted_beyond_the_calls_on_record() {
    let table = PriceTable::default();
    let session = Session { calls: vec![call("claude-sonnet-5-5", tokens([1000, 0, 0, 0, 0]))], ..Session::default() };
    let hidden = |client: Option<f64>| HiddenUsage {
        model: "claude-sonnet-5-5".into(),
        usage: tokens([500, 0, 0, 0, 0]),
        client_cost: client.and_then(Picodollars::from_dollars),
        visible_calls: vec![0],
    };
    let cost = |client| table.hidden_cost(&session, &hidden(client)).map(Picodollars::dollars);
    assert_eq!(cost(Some(0.003)), Some(0.001));
    assert_eq!(cost(Some(0.002)), Some(0.0));
    assert_eq!(cost(Some(0.001)), None, "less than the calls on record cannot be");
    assert_eq!(cost(None), None);
    let stranger = Session { calls: vec![call("stranger", tokens([1, 0, 0, 0, 0]))], ..Session::default() };
    assert_eq!(table.hidden_cost(&stranger, &hidden(Some(0.003))), None);
}
