//! `agent-<id>.meta.json`, the side file that tells where an agent belongs.

use super::decode::{owned, whole};
use super::wire::Meta;

/// What the side file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentMeta {
    /// The agent's type.
    pub agent_type: Option<String>,
    /// The call that started it; absent for workflow agents and teammates.
    pub tool_use_id: Option<String>,
    /// The agent that started it, on nested ones.
    pub parent_agent_id: Option<String>,
    /// How deep it is nested.
    pub spawn_depth: Option<i64>,
    /// Whether it runs in the background.
    pub is_background: bool,
    /// Whether the client marked it as over.
    pub is_finished: bool,
}

/// Reads the side file; `None` when it is no JSON object.
pub fn decode(bytes: &[u8]) -> Option<AgentMeta> {
    let meta: Meta = whole(bytes).ok()?;
    Some(AgentMeta {
        agent_type: owned(&meta.agent_type),
        tool_use_id: owned(&meta.tool_use_id),
        parent_agent_id: owned(&meta.parent_agent_id),
        spawn_depth: meta.spawn_depth.0,
        is_background: meta.request_shape.as_str() == Some("background"),
        is_finished: meta.finished.0,
    })
}
