//! What happened in a session: the words of the domain, as `docs/glossary.md` explains them.

mod place;
mod turn;
mod llm_call;
mod tool_call;
mod agent_run;
mod inside;
mod client_totals;
mod session;

pub use agent_run::{AgentRun, Join};
pub use client_totals::{ClientModel, ClientTotals, HiddenUsage};
pub use inside::{Compaction, HookRun};
pub use llm_call::LlmCall;
pub use place::{Context, LinePlace, Parent};
pub use session::{Counted, CountedKind, Previous, Segment, Session, StartType};
pub use tool_call::{ToolCall, ToolOutcome};
pub use turn::{ApiFailure, Moment, MomentKind, RunOutcome, Turn, TurnOrigin};
