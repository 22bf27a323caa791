use super::*;

fn event(session: &str, name: &str, time: u64, more: &str) -> String {
    format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"scope":{{"name":"com.anthropic.claude_code.events"}},"logRecords":[{{"timeUnixNano":"{time}000000","body":{{"stringValue":"claude_code.{name}"}},"attributes":[{{"key":"session.id","value":{{"stringValue":"{session}"}}}}{more}]}}]}}]}}]}}"#
    )
}

fn text(key: &str, value: &str) -> String {
    format!(r#",{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#)
}

fn points(temporality: u8, values: &[(u64, u64)]) -> String {
    let points: Vec<String> = values
        .iter()
        .map(|(time, value)| {
            format!(
                r#"{{"startTimeUnixNano":"1000000","timeUnixNano":"{time}000000","asInt":"{value}","attributes":[{{"key":"session.id","value":{{"stringValue":"s"}}}},{{"key":"model","value":{{"stringValue":"m"}}}},{{"key":"type","value":{{"stringValue":"output"}}}}]}}"#
            )
        })
        .collect();
    format!(
        r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"scope":{{"name":"com.anthropic.claude_code"}},"metrics":[{{"name":"claude_code.token.usage","sum":{{"aggregationTemporality":{temporality},"dataPoints":[{}]}}}}]}}]}}]}}"#,
        points.join(",")
    )
}

fn report(lines: &[String]) -> ClientReport {
    let mut collector = Collector::default();
    for line in lines {
        collector.line(line.as_bytes());
    }
    collector.finish()
}

#[test]
fn numbers_as_texts_and_older_names_are_understood() {
    let request = text("model", "m") + &text("input_tokens", "12") + &text("duration_ms", "40");
    let tool = text("use_id", "toolu_1") + &text("success", "true");
    let report = report(&[event("s", "api_request", 100, &request), event("s", "tool_result", 120, &tool)]);
    let session = &report.sessions["s"];
    assert_eq!(session.requests[0].tokens.of(TokenKind::Input), 12);
    assert_eq!((session.requests[0].start, session.requests[0].end), (Some(60), 100));
    assert_eq!((session.tool("toolu_1"), session.tools[0].success), (Some(0), Some(true)));
    assert_eq!(report.reach, Some((100, 120)));
}

#[test]
fn what_is_delivered_again_counts_once() {
    let request = event("s", "api_request", 100, &text("request_id", "req_1"));
    let other = event("s", "api_request", 101, &text("request_id", "req_1"));
    let once = report(&[request.clone(), request.clone()]);
    assert_eq!((once.counts.repeated, once.sessions["s"].requests[0].events), (1, 1));
    let twice = report(&[request, other]);
    assert_eq!((twice.counts.repeated, twice.sessions["s"].requests[0].events), (0, 2));
}

#[test]
fn differences_are_added_and_running_totals_are_not() {
    let told = |temporality, values: &[(u64, u64)]| {
        let line = points(temporality, values);
        report(&[line.clone(), line]).sessions["s"].tokens["m"].all.of(TokenKind::Output)
    };
    assert_eq!(told(1, &[(2, 10), (3, 5)]), 15);
    assert_eq!(told(2, &[(2, 10), (3, 15)]), 15);
}

#[test]
fn what_is_broken_foreign_or_without_a_session_is_counted() {
    let ours = event("s", "api_request", 100, "").replace("com.anthropic.claude_code.events", "claude_otel");
    let nameless = event("s", "api_request", 100, "").replace("session.id", "session");
    let report = report(&[ours, nameless, "{\"cut".to_owned(), String::new(), "{\"other\":1}".to_owned()]);
    let counts = &report.counts;
    assert!(report.sessions.is_empty());
    assert_eq!((counts.lines, counts.broken_lines, counts.of_others, counts.without_session), (4, 1, 1, 1));
}

#[test]
fn a_span_says_when_and_an_event_what() {
    let span = r#"{"body":{"resourceSpans":[{"scopeSpans":[{"scope":{"name":"com.anthropic.claude_code.tracing"},"spans":[{"spanId":"1","name":"claude_code.llm_request","startTimeUnixNano":50000000,"endTimeUnixNano":99000000,"attributes":[{"key":"session.id","value":{"stringValue":"s"}},{"key":"request_id","value":{"stringValue":"req_1"}},{"key":"input_tokens","value":{"intValue":7}}]}]}]}]}}"#;
    let request = text("request_id", "req_1") + &text("input_tokens", "8") + &text("duration_ms", "1");
    let both = [span.to_owned(), event("s", "api_request", 100, &request)];
    for lines in [both.clone(), [both[1].clone(), both[0].clone()]] {
        let report = report(&lines);
        let request = &report.sessions["s"].requests[0];
        assert_eq!((request.start, request.end, request.tokens.of(TokenKind::Input)), (Some(50), 99, 8));
    }
}
