//! The items of a session in the order in which they are shown: each below what it belongs to, by their times.

use std::collections::BTreeMap;

use super::amounts::{Cost, Tokens};
use super::details::{
    Facts, facts_of_agent, facts_of_call, facts_of_tool, one_line, standing_of_run, standing_of_tool, text,
    tool_summary, tool_texts,
};
use super::item::{Item, ItemKind, Standing, Texts, Times};
use crate::privacy::Sanitized;
use crate::session::facts::{AgentRun, Compaction, HookRun, LlmCall, Parent, Session, ToolCall, Turn};
use crate::telemetry::shown::Shown;
use crate::telemetry::totals::SessionTotals;

/// A part of a session by its kind and its place in the session's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Turn(usize),
    Call(usize),
    Tool(usize),
    Agent(usize),
    Compaction(usize),
    Hook(usize),
}

/// Makes items.
pub(super) struct Tree<'a> {
    pub session: &'a Session,
    pub totals: &'a SessionTotals,
    pub shown: &'a Shown<'a>,
}

impl Tree<'_> {
    /// All that the session owns.
    pub(super) fn items(&self) -> Vec<Item> {
        let mut children: BTreeMap<Option<Part>, Vec<(i64, Part)>> = BTreeMap::new();
        for (part, parent, start) in self.parts() {
            children.entry(parent).or_default().push((start, part));
        }
        for parts in children.values_mut() {
            parts.sort_unstable();
        }
        let mut items = Vec::new();
        // A stack instead of calls: agents may be nested as deep as a transcript says.
        let top = |part: Option<Part>| children.get(&part).into_iter().flatten().rev().map(|(_, part)| *part);
        let mut stack: Vec<(Part, Option<usize>, u32)> = top(None).map(|part| (part, None, 0)).collect();
        while let Some((part, parent, depth)) = stack.pop() {
            let Some(mut item) = self.item(part) else { continue };
            item.parent = parent;
            item.depth = depth;
            if item.turn.is_none() {
                item.turn = parent.and_then(|parent| items.get(parent)).and_then(|parent: &Item| parent.turn);
            }
            let place = items.len();
            items.push(item);
            stack.extend(top(Some(part)).map(|part| (part, Some(place), depth + 1)));
        }
        items
    }

    /// Every owned part with what it stands below, and its start.
    fn parts(&self) -> Vec<(Part, Option<Part>, i64)> {
        let session = self.session;
        let turn = |turn: usize| session.turns.get(turn).filter(|turn| turn.is_owned).map(|_| Part::Turn(turn));
        let agent = |agent: usize| session.agents.get(agent).filter(|run| run.is_owned).map(|_| Part::Agent(agent));
        let below = |parent: Parent| match parent {
            Parent::Turn(place) => turn(place),
            Parent::Agent(place) => agent(place),
        };
        let mut parts = Vec::new();
        for (place, fact) in session.turns.iter().enumerate().filter(|(_, fact)| fact.is_owned) {
            parts.push((Part::Turn(place), None, fact.timing.start));
        }
        for (place, fact) in session.calls.iter().enumerate().filter(|(_, fact)| fact.is_owned) {
            parts.push((Part::Call(place), below(fact.parent), fact.timing.start));
        }
        for (place, fact) in session.tools.iter().enumerate().filter(|(_, fact)| fact.is_owned) {
            parts.push((Part::Tool(place), below(fact.parent), fact.timing.start));
        }
        for (place, fact) in session.agents.iter().enumerate().filter(|(_, fact)| fact.is_owned) {
            let tool = fact.tool.filter(|tool| session.tools.get(*tool).is_some_and(|tool| tool.is_owned));
            let parent = tool.map(Part::Tool).or_else(|| fact.parent_agent.and_then(agent));
            parts.push((Part::Agent(place), parent.or_else(|| fact.turn.and_then(turn)), fact.timing.start));
        }
        for (place, fact) in session.compactions.iter().enumerate().filter(|(_, fact)| fact.is_owned) {
            parts.push((Part::Compaction(place), fact.turn.and_then(turn), fact.timing.start));
        }
        for (place, fact) in session.hooks.iter().enumerate().filter(|(_, fact)| fact.is_owned) {
            parts.push((Part::Hook(place), fact.turn.and_then(turn), fact.timing.start));
        }
        parts
    }

    fn item(&self, part: Part) -> Option<Item> {
        let session = self.session;
        match part {
            Part::Turn(place) => session.turns.get(place).map(|turn| self.turn(place, turn)),
            Part::Call(place) => session.calls.get(place).map(|call| self.call(place, call)),
            Part::Tool(place) => session.tools.get(place).map(|tool| self.tool(tool)),
            Part::Agent(place) => session.agents.get(place).map(|run| self.agent(place, run)),
            Part::Compaction(place) => session.compactions.get(place).map(|fact| self.compaction(fact)),
            Part::Hook(place) => session.hooks.get(place).map(|fact| self.hook(fact)),
        }
    }

    fn turn(&self, place: usize, turn: &Turn) -> Item {
        let content = self.session.content.as_ref();
        let prompt = content.and_then(|content| text(content.prompt(turn.position), self.shown));
        let mut facts = Facts::default();
        facts.count("prompt_length", turn.prompt_length);
        facts.name("permission_mode", turn.permission_mode.as_ref().map(|mode| self.shown.name(mode)));
        facts.name("error_type", turn.error_type.as_ref().map(|class| self.shown.name(class)));
        facts.number("measured_ms", turn.measured);
        facts.flag("is_compaction", turn.is_compaction);
        let totals = self.totals.everything.get(place).copied().unwrap_or_default();
        facts.count("llm_calls", Some(totals.llm_calls));
        facts.count("tool_calls", Some(totals.tool_calls));
        facts.count("tool_errors", Some(totals.tool_errors));
        let error = content.and_then(|content| text(content.turn_error(place), self.shown));
        Item {
            turn: Some(turn.index),
            summary: prompt.as_ref().map(one_line),
            standing: standing_of_run(turn.outcome, turn.is_open),
            outcome: (!turn.is_open).then(|| turn.outcome.name()),
            tokens: Some(Tokens::from(&totals)),
            cost: Some(Cost::from(&totals)),
            facts: facts.0,
            texts: Texts { input: prompt, output: None, error },
            ..item(
                ItemKind::Turn,
                self.shown.name(&turn.key),
                Sanitized::of_ours(turn.origin.name()),
                Times::from(&turn.timing),
            )
        }
    }

    fn call(&self, place: usize, call: &LlmCall) -> Item {
        let name = call.model.as_ref().map_or_else(|| Sanitized::of_ours("unknown"), |model| self.shown.model(model));
        let cost = self.totals.costs.get(place).and_then(Option::as_ref);
        let is_final = call.stop_reason.is_some();
        let said = self.session.content.as_ref().map(|content| content.answer(&call.id)).unwrap_or_default();
        let said: Vec<Sanitized> = said.iter().filter_map(|part| text(Some(part), self.shown)).collect();
        let said = (!said.is_empty()).then(|| Sanitized::lines(&said));
        let is_open = !is_final && !call.is_final && !call.is_aborted && self.is_open(call.parent);
        let standing = match (is_open, call.is_aborted, is_final) {
            (true, ..) => Standing::Running,
            (_, true, _) => Standing::Stopped,
            (_, _, true) => Standing::Done,
            _ => Standing::Unknown,
        };
        Item {
            summary: said.as_ref().map(one_line),
            standing,
            tokens: Some(Tokens { is_lower_bound: !is_final, ..Tokens::from(&call.usage) }),
            cost: cost.map(|cost| Cost { amount: Some(cost.amount), is_lower_bound: cost.is_lower_bound }),
            facts: facts_of_call(call, self.shown),
            texts: Texts { output: said, ..Texts::default() },
            ..item(ItemKind::LlmCall, self.shown.api_id(&call.id), name, Times::from(&call.timing))
        }
    }

    fn tool(&self, tool: &ToolCall) -> Item {
        let content = self.session.content.as_ref();
        // What went on in the background has a result that only says so.
        let is_open = (!tool.has_result || tool.is_background) && !tool.is_final && self.is_open(tool.parent);
        Item {
            summary: tool_summary(tool, content, self.shown),
            standing: standing_of_tool(tool.outcome, is_open),
            outcome: (!is_open).then(|| tool.outcome.name()),
            facts: facts_of_tool(tool, self.shown),
            texts: tool_texts(tool, content, self.shown),
            ..item(ItemKind::Tool, self.shown.api_id(&tool.id), self.shown.name(&tool.name), Times::from(&tool.timing))
        }
    }

    fn agent(&self, place: usize, run: &AgentRun) -> Item {
        let content = self.session.content.as_ref();
        let name = run.agent_type.as_ref().map_or_else(|| Sanitized::of_ours("agent"), |kind| self.shown.name(kind));
        let prompt = content.and_then(|content| text(content.agent_prompt(&run.id), self.shown));
        let tool = run.tool.and_then(|tool| self.session.tools.get(tool));
        let task = content.zip(tool).and_then(|(content, tool)| content.tool(&tool.id)?.description.as_ref());
        let error = content.and_then(|content| text(content.agent_error(&run.id), self.shown));
        let totals = self.totals.agents.get(place).copied().unwrap_or_default();
        let is_open =
            !run.is_final && !run.is_within_turn && run.turn.is_some_and(|turn| self.is_open(Parent::Turn(turn)));
        Item {
            summary: text(task, self.shown).or_else(|| prompt.clone()).as_ref().map(one_line),
            standing: standing_of_run(run.outcome, is_open),
            outcome: (!is_open).then(|| run.outcome.name()),
            tokens: Some(Tokens::from(&totals)),
            cost: Some(Cost::from(&totals)),
            facts: facts_of_agent(run, self.shown),
            texts: Texts { input: prompt, output: None, error },
            ..item(ItemKind::Agent, self.shown.name(&run.id), name, Times::from(&run.timing))
        }
    }

    fn compaction(&self, fact: &Compaction) -> Item {
        let mut facts = Facts::default();
        facts.count("pre_tokens", fact.pre_tokens);
        facts.count("post_tokens", fact.post_tokens);
        let name =
            fact.trigger.as_ref().map_or_else(|| Sanitized::of_ours("compaction"), |trigger| self.shown.name(trigger));
        Item {
            facts: facts.0,
            ..item(ItemKind::Compaction, self.shown.name(&fact.key), name, Times::from(&fact.timing))
        }
    }

    fn hook(&self, fact: &HookRun) -> Item {
        let name = fact.event.as_ref().map_or_else(|| Sanitized::of_ours("hook"), |event| self.shown.name(event));
        Item {
            standing: if fact.failed { Standing::Failed } else { Standing::Done },
            ..item(ItemKind::Hook, self.shown.name(&fact.key), name, Times::from(&fact.timing))
        }
    }

    fn is_open(&self, parent: Parent) -> bool {
        let turn = match parent {
            Parent::Turn(turn) => Some(turn),
            Parent::Agent(agent) => self.session.agents.get(agent).and_then(|run| run.turn),
        };
        turn.and_then(|turn| self.session.turns.get(turn)).is_some_and(|turn| turn.is_open)
    }
}

fn item(kind: ItemKind, id: Sanitized, name: Sanitized, times: Times) -> Item {
    Item {
        kind,
        id,
        parent: None,
        depth: 0,
        turn: None,
        name,
        summary: None,
        times,
        standing: Standing::Done,
        outcome: None,
        tokens: None,
        cost: None,
        facts: Vec::new(),
        texts: Texts::default(),
    }
}
