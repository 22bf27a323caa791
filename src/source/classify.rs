//! What a file is, told by the shape of its path alone; nothing here touches the disk.

use std::ffi::OsStr;
use std::path::Path;

/// What a transcript file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class {
    /// The main file of one session.
    Main {
        /// The file's stem, which is the session's id unless someone copied or renamed the file.
        stem: String,
    },
    /// The file of one agent run.
    Agent(AgentFile),
}

impl Class {
    /// Says whether it is the file of an agent, which alone can have a description beside it.
    pub const fn is_agent(&self) -> bool {
        matches!(self, Self::Agent(_))
    }
}

/// What the path of an agent's file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentFile {
    /// The session that started the agent; absent beside the main file, where only the lines say it.
    pub session: Option<String>,
    /// The agent's id.
    pub agent_id: String,
    /// Set when the client runs the agent for itself, not for the user.
    pub internal: Option<InternalAgent>,
    /// Whether a workflow started the agent.
    pub workflow: bool,
}

/// The agents that the client runs for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InternalAgent {
    /// Summarises the conversation when it gets too long.
    Compact,
    /// Proposes the next prompt.
    PromptSuggestion,
    /// Answers a question beside the conversation.
    SideQuestion,
}

/// Classifies the file at `relative` below `root`, or says that it is no transcript.
///
/// The root counts only where it is itself part of a session's folder (a user may name any level of the tree).
pub fn classify(root: &Path, relative: &Path) -> Option<Class> {
    let stem = transcript_stem(relative.file_name()?)?;
    let folders: Vec<&OsStr> = relative.parent()?.iter().collect();
    if folders.contains(&OsStr::new("tool-results")) {
        return None;
    }
    let below = place_below_subagents(root, &folders);
    let agent_id = stem.strip_prefix("agent-").filter(|id| !id.is_empty());
    if below.is_none() && agent_id.is_none() {
        return Some(Class::Main { stem });
    }
    let agent_id = agent_id.unwrap_or(&stem).to_owned();
    let (session, workflow) = match below {
        Some(place) => (place.session, place.workflow),
        None => (None, false),
    };
    Some(Class::Agent(AgentFile { session, internal: internal_agent(&agent_id), agent_id, workflow }))
}

fn transcript_stem(name: &OsStr) -> Option<String> {
    let name = name.to_string_lossy();
    let stem = name.strip_suffix(".jsonl").filter(|stem| !stem.is_empty())?;
    // Files that the client set aside, its list of typed prompts, and the progress notes of workflows.
    let other = name.contains(".orphaned-") || name.contains(".superseded") || stem == "history" || stem == "journal";
    (!other).then(|| stem.to_owned())
}

struct Place {
    session: Option<String>,
    workflow: bool,
}

/// The last folder of that name counts, since a project's folder may have any name.
fn place_below_subagents(root: &Path, folders: &[&OsStr]) -> Option<Place> {
    let named = |name: &OsStr| Some(name.to_string_lossy().into_owned());
    let workflow = |folders: &[&OsStr]| folders.contains(&OsStr::new("workflows"));
    if let Some(at) = folders.iter().rposition(|folder| *folder == "subagents") {
        let session = if at == 0 { root.file_name() } else { Some(folders[at - 1]) };
        return Some(Place { session: session.and_then(named), workflow: workflow(&folders[at + 1..]) });
    }
    let root_is_subagents = root.file_name().is_some_and(|name| name == "subagents");
    root_is_subagents.then(|| Place {
        session: root.parent().and_then(Path::file_name).and_then(named),
        workflow: workflow(folders),
    })
}

fn internal_agent(agent_id: &str) -> Option<InternalAgent> {
    let kinds = [
        ("acompact-", InternalAgent::Compact),
        ("aprompt_suggestion-", InternalAgent::PromptSuggestion),
        ("aside_question-", InternalAgent::SideQuestion),
    ];
    kinds.into_iter().find(|(prefix, _)| agent_id.starts_with(prefix)).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(relative: &str) -> Option<Class> {
        classify(Path::new("/home/u/.claude/projects"), Path::new(relative))
    }

    fn agent(session: Option<&str>, agent_id: &str) -> AgentFile {
        AgentFile {
            session: session.map(str::to_owned),
            agent_id: agent_id.to_owned(),
            internal: None,
            workflow: false,
        }
    }

    #[test]
    fn a_session_is_named_by_its_file() {
        let main = |stem: &str| Some(Class::Main { stem: stem.to_owned() });
        assert_eq!(of("-tmp-demo/0b5c.jsonl"), main("0b5c"));
        assert_eq!(of("0b5c.jsonl"), main("0b5c"));
        assert_eq!(of("-tmp-demo/copy of 0b5c.jsonl"), main("copy of 0b5c"));
    }

    #[test]
    fn an_agent_belongs_to_the_folder_above_subagents_at_any_depth() {
        assert_eq!(of("p/S/subagents/agent-a1.jsonl"), Some(Class::Agent(agent(Some("S"), "a1"))));
        let workflow = AgentFile { workflow: true, ..agent(Some("S"), "y") };
        assert_eq!(of("p/S/subagents/workflows/wf_x/agent-y.jsonl"), Some(Class::Agent(workflow)));
        assert_eq!(of("p/S/subagents/other.jsonl"), Some(Class::Agent(agent(Some("S"), "other"))));
        assert_eq!(of("subagents/S/subagents/agent-a1.jsonl"), Some(Class::Agent(agent(Some("S"), "a1"))));
    }

    #[test]
    fn an_agent_beside_the_main_file_is_known_only_by_its_lines() {
        assert_eq!(of("p/agent-3f2a1bc.jsonl"), Some(Class::Agent(agent(None, "3f2a1bc"))));
    }

    #[test]
    fn a_root_inside_of_a_session_folder_gives_the_same_class() {
        let expected = Some(Class::Agent(agent(Some("S"), "a1")));
        assert_eq!(classify(Path::new("/p/S"), Path::new("subagents/agent-a1.jsonl")), expected);
        assert_eq!(classify(Path::new("/p/S/subagents"), Path::new("agent-a1.jsonl")), expected);
        assert_eq!(
            classify(Path::new("/"), Path::new("subagents/agent-a1.jsonl")),
            Some(Class::Agent(agent(None, "a1")))
        );
    }

    #[test]
    fn agents_of_the_client_itself_are_told_apart() {
        let internal = |name: &str| match of(&format!("p/S/subagents/agent-{name}.jsonl")) {
            Some(Class::Agent(file)) => (file.agent_id, file.internal),
            other => panic!("{name}: {other:?}"),
        };
        let expected = |id: &str, kind| (id.to_owned(), kind);
        assert_eq!(internal("acompact-1"), expected("acompact-1", Some(InternalAgent::Compact)));
        assert_eq!(
            internal("aprompt_suggestion-1"),
            expected("aprompt_suggestion-1", Some(InternalAgent::PromptSuggestion))
        );
        assert_eq!(internal("aside_question-1"), expected("aside_question-1", Some(InternalAgent::SideQuestion)));
        assert_eq!(internal("acompacted"), expected("acompacted", None));
    }

    #[test]
    fn other_files_are_left_out() {
        for other in [
            "p/history.jsonl",
            "p/S/subagents/workflows/wf_x/journal.jsonl",
            "p/S.orphaned-1712.jsonl",
            "p/S.jsonl.orphaned-1712",
            "p/S.superseded.jsonl",
            "p/S/subagents/agent-a1.meta.json",
            "p/S/workflows/wf_x.json",
            "p/S/tool-results/x.jsonl",
            "p/S.JSONL",
            "p/S.jsonl.bak",
            "p/.jsonl",
            "p/sessions-index.json",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
