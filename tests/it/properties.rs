//! What must hold for every transcript: any chunking gives the same, sums add up, ids are unique, nothing panics.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use claude_otel::session::builder::{AgentFile, MAIN, SessionBuilder, StreamId};
use claude_otel::session::closing::ClosingOptions;
use claude_otel::session::facts::Session;
use claude_otel::session::ownership::{self, Ledger};
use claude_otel::source::{Item, LineReader};
use claude_otel::telemetry::counting::count_spans;
use claude_otel::telemetry::mapper::spans_of;
use claude_otel::telemetry::options::{MapOptions, TraceScope};
use claude_otel::telemetry::semconv as name;
use claude_otel::telemetry::span::{Span, SpanId, TraceId, Value};
use claude_otel::transcript::claude::{DecodeOptions, Sink, decode_line};
use claude_otel::transcript::entry::Entry;
use claude_otel::transcript::problem::Problem;
use proptest::prelude::*;

use crate::support::transcript::{CallScript, SessionScript, Transcript, write};

const DECODE: DecodeOptions = DecodeOptions { latest: 4_000_000_000_000, texts: false };
const FINISHED: ClosingOptions =
    ClosingOptions { session_idle: 1_800_000, max_open: 86_400_000, now: None, written: None };

struct NothingKnown;

impl Ledger for NothingKnown {
    fn owner_of_call(&self, _: &str) -> Option<&str> {
        None
    }
    fn owner_of_tool(&self, _: &str) -> Option<&str> {
        None
    }
}

/// Gives out at most so many bytes at a time, as they come.
struct Chunked<'a> {
    bytes: &'a [u8],
    sizes: std::iter::Cycle<std::slice::Iter<'a, usize>>,
}

impl Read for Chunked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = (*self.sizes.next().unwrap()).min(buffer.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(size);
        buffer[..size].copy_from_slice(now);
        self.bytes = later;
        Ok(size)
    }
}

struct IntoBuilder<'a>(&'a mut SessionBuilder, StreamId);

impl Sink for IntoBuilder<'_> {
    fn entry(&mut self, entry: Entry<'_>) {
        self.0.push(self.1, &entry);
    }
    fn problem(&mut self, problem: Problem) {
        self.0.problem(problem);
    }
}

fn feed(builder: &mut SessionBuilder, stream: StreamId, text: &str, chunks: &[usize]) {
    let mut lines = LineReader::new(Chunked { bytes: text.as_bytes(), sizes: chunks.iter().cycle() }, 0, 1 << 20);
    while let Some(item) = lines.next_line().unwrap() {
        if let Item::Line(line) = item {
            decode_line(line.bytes, DECODE, &mut IntoBuilder(builder, stream));
        }
    }
}

fn rebuild(id: &str, transcript: &Transcript, chunks: &[usize]) -> Session {
    let mut builder = SessionBuilder::new(id);
    feed(&mut builder, MAIN, &transcript.main, chunks);
    for (agent_id, text) in &transcript.agents {
        let stream = builder.open_agent(AgentFile { agent_id: agent_id.clone(), ..AgentFile::default() });
        feed(&mut builder, stream, text, chunks);
    }
    builder.resolve(FINISHED)
}

fn spans(mut sessions: Vec<Session>, scope: TraceScope) -> Vec<Span> {
    ownership::owner_order(&mut sessions);
    ownership::settle(&mut sessions, &NothingKnown);
    let options = MapOptions { trace_scope: scope, ..MapOptions::default() };
    for session in &sessions {
        // What is only counted comes to what is made, whatever is chosen.
        for step in 1..4 {
            let is_sent = |start: i64| start / 1000 % step == 0;
            assert_eq!(count_spans(session, is_sent), spans_of(session, &options, is_sent).len() as u64);
        }
    }
    sessions.iter().flat_map(|session| spans_of(session, &options, |_| true)).collect()
}

fn int(span: &Span, attribute: &str) -> i64 {
    let value = span.attributes.iter().find(|(key, _)| *key == attribute).map(|(_, value)| value);
    if let Some(Value::Int(number)) = value { *number } else { 0 }
}

fn call_script() -> impl Strategy<Value = CallScript> {
    let tokens = || prop::array::uniform4(0_u64..100_000);
    (
        tokens(),
        0_usize..3,
        prop::collection::vec(any::<bool>(), 0..3),
        prop::collection::vec(tokens(), 0..3),
        any::<bool>(),
    )
        .prop_map(|(tokens, texts, tools, agent, placeholder)| CallScript {
            tokens,
            texts,
            tools,
            agent,
            placeholder,
        })
}

fn session_script() -> impl Strategy<Value = SessionScript> {
    prop::collection::vec(prop::collection::vec(call_script(), 1..4), 1..4)
}

/// What a reader who knows the script must find: calls and tokens by kind.
fn expected(script: &SessionScript) -> (usize, [u64; 4]) {
    let own = script.iter().flatten().map(|call| call.tokens);
    let agents = script.iter().flatten().flat_map(|call| call.agent.iter().copied());
    let all: Vec<[u64; 4]> = own.chain(agents).collect();
    let mut sum = [0; 4];
    for tokens in &all {
        for (total, count) in sum.iter_mut().zip(tokens) {
            *total += count;
        }
    }
    (all.len(), sum)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_chunking_gives_the_same_telemetry(script in session_script(), chunks in prop::collection::vec(1_usize..200, 1..8)) {
        let transcript = write("s", &script);
        let whole = spans(vec![rebuild("s", &transcript, &[1 << 16])], TraceScope::Turn);
        let cut = spans(vec![rebuild("s", &transcript, &chunks)], TraceScope::Turn);
        prop_assert!(!whole.is_empty());
        prop_assert_eq!(whole, cut);
    }

    #[test]
    fn tokens_of_calls_turns_and_sessions_are_the_same_sums(script in session_script()) {
        let spans = spans(vec![rebuild("s", &write("s", &script), &[4096])], TraceScope::Turn);
        let (calls, [input, output, read, written]) = expected(&script);
        let of = |prefix: &str| spans.iter().filter(|span| span.name.starts_with(prefix)).collect::<Vec<_>>();
        let sum = |spans: &[&Span], attribute: &str| spans.iter().map(|span| int(span, attribute)).sum::<i64>() as u64;
        let chats = of("chat ");
        prop_assert_eq!(chats.len(), calls);
        prop_assert_eq!(sum(&chats, name::GEN_AI_USAGE_INPUT_TOKENS), input + read + written);
        prop_assert_eq!(sum(&chats, name::GEN_AI_USAGE_OUTPUT_TOKENS), output);
        prop_assert_eq!(sum(&chats, name::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS), read);
        for level in [of("invoke_agent claude-code"), of("session")] {
            prop_assert_eq!(sum(&level, name::CLAUDE_CODE_USAGE_INPUT_TOKENS), input + read + written);
            prop_assert_eq!(sum(&level, name::CLAUDE_CODE_USAGE_OUTPUT_TOKENS), output);
            prop_assert_eq!(sum(&level, name::CLAUDE_CODE_TURN_LLM_CALLS), calls as u64);
        }
        // Each run of work holds what hangs below it in its own trace.
        let mut below: HashMap<(TraceId, Option<SpanId>), u64> = HashMap::new();
        for chat in &chats {
            *below.entry((chat.trace_id, chat.parent_span_id)).or_default() += int(chat, name::GEN_AI_USAGE_OUTPUT_TOKENS) as u64;
        }
        for agent in of("invoke_agent agent") {
            prop_assert_eq!(int(agent, name::CLAUDE_CODE_USAGE_OUTPUT_TOKENS) as u64, below.get(&(agent.trace_id, Some(agent.span_id))).copied().unwrap_or(0));
        }
    }

    #[test]
    fn ids_are_unique_and_never_zero_and_parents_exist(a in session_script(), b in session_script(), by_session in any::<bool>()) {
        let scope = if by_session { TraceScope::Session } else { TraceScope::Turn };
        let sessions = vec![rebuild("one", &write("one", &a), &[4096]), rebuild("other", &write("other", &b), &[4096])];
        let spans = spans(sessions, scope);
        let ids: HashSet<SpanId> = spans.iter().map(|span| span.span_id).collect();
        prop_assert_eq!(ids.len(), spans.len());
        prop_assert!(!ids.contains(&SpanId::INVALID));
        prop_assert!(spans.iter().all(|span| span.trace_id != TraceId::INVALID));
        let known: HashSet<(TraceId, SpanId)> = spans.iter().map(|span| (span.trace_id, span.span_id)).collect();
        for span in &spans {
            prop_assert!(span.end_unix_nano >= span.start_unix_nano);
            prop_assert!(span.parent_span_id.is_none_or(|parent| known.contains(&(span.trace_id, parent))), "{} is an orphan", span.name);
            prop_assert!(span.attributes.is_sorted_by(|a, b| a.0 < b.0), "{} has unsorted or doubled attributes", span.name);
        }
    }

    #[test]
    fn a_copy_of_a_session_adds_nothing(script in session_script(), kept in 0_usize..40) {
        let transcript = write("s", &script);
        let alone = spans(vec![rebuild("s", &transcript, &[4096])], TraceScope::Turn);
        // A fork: the first lines of the main file under another session id.
        let copied: String = transcript.main.lines().take(kept).map(|line| line.replace("\"sessionId\":\"s\"", "\"sessionId\":\"z\"") + "\n").collect();
        let fork = Transcript { main: copied, agents: Vec::new() };
        let both = spans(vec![rebuild("s", &transcript, &[4096]), rebuild("z", &fork, &[4096])], TraceScope::Turn);
        let tokens = |spans: &[Span]| spans.iter().filter(|span| span.name.starts_with("chat ")).map(|span| int(span, name::GEN_AI_USAGE_OUTPUT_TOKENS)).sum::<i64>();
        prop_assert_eq!(tokens(&alone), tokens(&both));
        let count = |spans: &[Span], prefix: &str| spans.iter().filter(|span| span.name.starts_with(prefix)).count();
        for kind in ["chat ", "execute_tool ", "invoke_agent "] {
            prop_assert_eq!(count(&alone, kind), count(&both, kind), "{}", kind);
        }
    }

    #[test]
    fn decoding_arbitrary_bytes_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut builder = SessionBuilder::new("s");
        decode_line(&bytes, DECODE, &mut IntoBuilder(&mut builder, MAIN));
        let _ = spans(vec![builder.resolve(FINISHED)], TraceScope::Turn);
    }

    #[test]
    fn a_damaged_transcript_never_panics_and_never_harms_its_other_lines(script in session_script(), place in any::<prop::sample::Index>(), damage in prop::collection::vec(any::<u8>(), 0..12), drop in 0_usize..20) {
        let transcript = write("s", &script);
        let mut bytes = transcript.main.clone().into_bytes();
        let at = place.index(bytes.len());
        let end = (at + drop).min(bytes.len());
        bytes.splice(at..end, damage);
        let mut builder = SessionBuilder::new("s");
        let mut lines = LineReader::new(&bytes[..], 0, 1 << 20);
        while let Some(item) = lines.next_line().unwrap() {
            if let Item::Line(line) = item {
                decode_line(line.bytes, DECODE, &mut IntoBuilder(&mut builder, MAIN));
            }
        }
        let found: HashSet<String> = builder.resolve(FINISHED).calls.iter().map(|call| call.id.to_string()).collect();
        // Every line that was not touched must still be found.
        let mut offset = 0;
        for line in transcript.main.split_inclusive('\n') {
            let is_touched = offset <= end && at <= offset + line.len();
            offset += line.len();
            if let Some((_, rest)) = line.split_once("\"message\":{\"id\":\"").filter(|_| !is_touched) {
                prop_assert!(found.contains(rest.split('"').next().unwrap()), "an untouched line was lost");
            }
        }
    }
}
