use std::fmt::Write;

use super::super::fixtures::{BEGINNING, Script, busy_day};
use super::*;
use crate::privacy::options::ContentLevel;

/// An event in a few words.
fn words(event: &Event) -> String {
    let kind = serde_json::to_value(event.event).unwrap();
    let mut text = format!("{} {} {}", event.time_unix_ms - BEGINNING, kind.as_str().unwrap(), event.name.as_ref());
    for agent in &event.agents {
        let _ = write!(text, " in {agent}");
    }
    if let Some(outcome) = event.outcome {
        let _ = write!(text, ": {outcome}");
    }
    text
}

fn told(teller: &mut Teller, script: &Script, now: Millis) -> Vec<String> {
    teller.tell(&script.glimpse(now), First::Nothing, BEGINNING + now).iter().map(words).collect()
}

#[test]
fn each_thing_is_told_once_and_in_order_however_often_it_is_looked() {
    let all = [
        "0 turn_start unknown",
        "2000 tool_start Bash",
        "34000 tool_end Bash: error",
        "36000 tool_start Agent",
        "36100 agent_start Explore",
        "38000 tool_start Grep in Explore",
        "39000 tool_end Grep in Explore: success",
        "41000 agent_end Explore: completed",
        "41200 tool_end Agent: success",
        "44000 turn_end unknown: completed",
        "60000 turn_start unknown",
    ];
    let mut teller = Teller::default();
    let mut stepwise = Vec::new();
    for steps in 1..=12 {
        let script = busy_day(steps);
        // Twice a moment after its last line, and once when quiet has settled what it can.
        for now in [script.last + 10, script.last + 20, script.last + 2_500] {
            stepwise.extend(told(&mut teller, &script, now));
        }
    }
    let at_once = told(&mut Teller::default(), &busy_day(12), 70_000);
    let kinds = |lines: &[String]| {
        lines.iter().map(|line| line.split(' ').skip(1).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&at_once), kinds(&all.map(ToOwned::to_owned)));
    assert_eq!(kinds(&stepwise), kinds(&at_once));
}

#[test]
fn what_was_there_at_the_beginning_is_not_told() {
    let mut teller = Teller::default();
    assert!(teller.tell(&busy_day(2).glimpse(3_000), First::Everything, BEGINNING + 3_000).is_empty());
    let events = teller.tell(&busy_day(3).glimpse(34_100), First::Everything, BEGINNING + 34_100);
    assert_eq!(events.iter().map(words).collect::<Vec<_>>(), ["34000 tool_end Bash: error"]);
    // A session that was too old to be looked at before is told of from the time on at which looking began.
    let late =
        Teller::default().tell(&busy_day(12).glimpse(70_000), First::Before(BEGINNING + 43_000), BEGINNING + 70_000);
    let kinds: Vec<EventKind> = late.iter().map(|event| event.event).collect();
    assert_eq!(kinds, [EventKind::TurnEnd, EventKind::TurnStart]);
}

#[test]
fn who_was_let_go_of_is_not_told_of_again() {
    let mut teller = Teller::default();
    let glimpse = busy_day(11).glimpse(50_000);
    assert!(!teller.tell(&glimpse, First::Nothing, BEGINNING + 50_000).is_empty());
    teller.let_go(glimpse.id(), glimpse.sign_of_life());
    assert!(teller.told.is_empty());
    assert_eq!(told(&mut teller, &busy_day(12), 60_100), ["60000 turn_start unknown"]);
}

#[test]
fn a_turn_is_done_when_its_answer_is_and_nothing_follows_for_a_moment() {
    let mut script = Script::new("s", "/srv/api");
    script.prompt(0, "hello");
    script.text(1_000, "1", "hello");
    let mut teller = Teller::default();
    // No line says that the turn is over: clients without a person's terminal do not write one.
    assert_eq!(told(&mut teller, &script, 2_900).last().unwrap(), "0 turn_start unknown");
    let done = teller.tell(&script.glimpse(3_100), First::Nothing, BEGINNING + 3_100);
    assert_eq!(done.iter().map(words).collect::<Vec<_>>(), ["1000 turn_end unknown: completed"]);
    assert_eq!(done[0].tokens.unwrap().total(), 10_200);
    assert!(done[0].cost.unwrap().amount.is_some(), "{done:?}");
    assert_eq!(done[0].duration_ms, Some(1_000));
}

#[test]
fn an_interrupted_turn_ends_as_such() {
    let mut script = Script::new("s", "/srv/api");
    script.prompt(0, "wait");
    script.calls(None, 1_000, "1", "Bash", r#"{"command":"sleep 60"}"#);
    let rejected = r#""message":{"role":"user","content":[{"type":"tool_result","content":"The tool use was rejected","is_error":true,"tool_use_id":"toolu_s_000000000001"}]},"toolUseResult":"User rejected tool use","toolDenialKind":"user-rejected""#;
    script.push(None, 5_000, "user", rejected);
    // Whether the person said no or cut it short is told by the line that follows.
    let mut teller = Teller::default();
    assert_eq!(told(&mut teller, &script, 5_005).len(), 2);
    let text =
        r#""message":{"role":"user","content":[{"type":"text","text":"[Request interrupted by user for tool use]"}]}"#;
    script.push(None, 5_010, "user", text);
    let lines = told(&mut teller, &script, 9_000);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0], "5000 tool_end Bash: interrupted");
    assert!(lines[1].ends_with("turn_end unknown: interrupted"), "{lines:?}");
    assert_eq!(script.glimpse(5_100).pulse.activity, crate::view::pulse::Activity::Stopped);
}

#[test]
fn attempts_that_fail_are_told_one_by_one() {
    let mut script = Script::new("s", "/srv/api");
    script.prompt(0, "hello");
    let attempt = |number: u64| {
        format!(
            r#""subtype":"api_error","level":"error","error":{{"status":529}},"retryInMs":500,"retryAttempt":{number},"maxRetries":10"#
        )
    };
    let mut teller = Teller::default();
    script.system(1_000, &attempt(1));
    assert_eq!(told(&mut teller, &script, 1_100).len(), 2);
    assert_eq!(script.glimpse(1_100).pulse.activity, crate::view::pulse::Activity::Retrying);
    script.system(2_000, &attempt(2));
    let second = teller.tell(&script.glimpse(2_100), First::Nothing, BEGINNING + 2_100);
    assert_eq!(second.len(), 1);
    assert_eq!((second[0].event, second[0].attempt, second[0].status), (EventKind::Retry, Some(2), Some(529)));
}

#[test]
fn a_compaction_is_told_with_what_it_saved() {
    let mut script = Script::new("s", "/srv/api");
    script.prompt(0, "long");
    script.calls(None, 1_000, "1", "Bash", r#"{"command":"ls"}"#);
    script.result(None, 2_000, "1", false, "");
    script.system(
        3_000,
        r#""subtype":"compact_boundary","content":"Conversation compacted","compactMetadata":{"trigger":"auto","preTokens":150000,"postTokens":9000,"durationMs":900}"#,
    );
    let events = Teller::default().tell(&script.glimpse(3_100), First::Nothing, BEGINNING + 3_100);
    let compaction = events.last().unwrap();
    assert_eq!((compaction.event, &*compaction.name), (EventKind::Compaction, "auto"));
    assert_eq!(compaction.context_tokens, Some((150_000, Some(9_000))));
}

#[test]
fn an_agent_in_the_background_ends_after_its_turn_does() {
    let mut script = Script::new("s", "/srv/api");
    let agent = "a1b2c3d4e5f600001";
    script.prompt(0, "look");
    script.calls(None, 1_000, "1", "Agent", r#"{"description":"look","prompt":"look","run_in_background":true}"#);
    script.agent(agent, 1_100, "1", true);
    let launched = format!(r#","toolUseResult":{{"isAsync":true,"status":"async_launched","agentId":"{agent}"}}"#);
    script.result(None, 1_200, "1", false, &launched);
    script.text(2_000, "2", "It looks");
    let mut teller = Teller::default();
    let first = told(&mut teller, &script, 5_000);
    assert_eq!(first.last().unwrap(), "2000 turn_end unknown: completed");
    assert!(!first.iter().any(|line| line.contains("agent_end") || line.contains("tool_end")), "{first:?}");
    let glimpse = script.glimpse(5_000);
    assert_eq!(glimpse.pulse.activity, crate::view::pulse::Activity::Idle);
    assert_eq!(super::super::screen::branches(&glimpse).len(), 1);
    script.says(Some(agent), 7_000, "3", r#"{"type":"text","text":"seen"}"#, "end_turn");
    let notice = format!(
        r#""message":{{"role":"user","content":"<task-notification>\n<task-id>{agent}</task-id>\n<tool-use-id>toolu_s_{:0>12}</tool-use-id>\n<status>completed</status>\n</task-notification>"}},"origin":{{"kind":"task-notification"}},"turnOrigin":"task_notification""#,
        1
    );
    script.push(None, 7_100, "user", &notice);
    let second = teller.tell(&script.glimpse(10_000), First::Nothing, BEGINNING + 10_000);
    let lines: Vec<String> = second.iter().map(words).collect();
    assert!(lines.iter().any(|line| line.contains("agent_end Explore")), "{lines:?}");
    let turn = second.iter().find(|event| event.event == EventKind::TurnStart).unwrap();
    assert_eq!((&*turn.name, &turn.summary), ("task_notification", &None));
    assert_eq!(first.len() + second.len(), 7, "{first:?} {lines:?}");
}

#[test]
fn a_question_waits_for_the_person() {
    let mut script = Script::new("s", "/srv/api");
    script.prompt(0, "choose");
    script.calls(None, 1_000, "1", "AskUserQuestion", r#"{"questions":[{"question":"which?"}]}"#);
    let events = Teller::default().tell(&script.glimpse(9_000), First::Nothing, BEGINNING + 9_000);
    assert_eq!((events[1].event, &events[1].summary), (EventKind::Waiting, &None));
    assert_eq!(script.glimpse(9_000).pulse.activity, crate::view::pulse::Activity::Asking);
}

#[test]
fn a_fork_tells_only_what_is_its_own() {
    let origin = busy_day(11);
    let mut fork = origin.fork("b0000000-0000-4000-8000-000000000002");
    fork.prompt(80_000, "another way");
    let mut teller = Teller::default();
    for glimpse in Script::family(&[&origin, &fork], 81_000) {
        let is_origin = **glimpse.id() == *origin.id;
        let lines: Vec<String> = teller.tell(&glimpse, First::Nothing, BEGINNING + 81_000).iter().map(words).collect();
        if is_origin {
            assert_eq!(lines.len(), 10, "{lines:?}");
        } else {
            assert_eq!(lines, ["80000 turn_start unknown"]);
        }
    }
}

#[test]
fn without_texts_there_are_only_names() {
    let script = busy_day(12);
    let glimpse = Script::family_at(&[&script], 70_000, ContentLevel::None).remove(0);
    let events = Teller::default().tell(&glimpse, First::Nothing, BEGINNING + 70_000);
    let text = serde_json::to_string(&events).unwrap();
    for word in ["Fix", "login", "clock", "docs", "look"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    assert_eq!(events[1].summary.as_deref(), Some("cargo"));
}
