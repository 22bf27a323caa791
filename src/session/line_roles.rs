//! What part a line plays: in the chain, and in starting turns.

use super::chain::LineKind;
use super::facts::TurnOrigin;
use crate::transcript::entry::{Body, Entry, ResultText, User, UserKind};

pub(super) fn turn_origin(user: &User<'_>, entrypoint: Option<&str>) -> Option<TurnOrigin> {
    match user.kind {
        UserKind::Prompt | UserKind::PromptCommand => Some(match (user.origin.as_deref(), entrypoint) {
            (Some("human" | "typed" | "suggestion_accepted" | "queued"), _) => TurnOrigin::Human,
            (Some("sdk"), _) => TurnOrigin::Sdk,
            (Some("scheduled"), _) => TurnOrigin::Scheduled,
            (Some("peer" | "coordinator"), _) => TurnOrigin::Peer,
            // Before 2.1.112 only the way in tells: a program's, or a terminal or editor that a person sits at.
            (_, Some(entrypoint)) if entrypoint.starts_with("sdk") => TurnOrigin::Sdk,
            (_, Some(_)) => TurnOrigin::Human,
            // Before 2.1.78 nothing does.
            (_, None) => TurnOrigin::Unknown,
        }),
        UserKind::TaskNotification => Some(TurnOrigin::TaskNotification),
        UserKind::Peer => Some(TurnOrigin::Peer),
        UserKind::Scheduled => Some(TurnOrigin::Scheduled),
        UserKind::BashInput | UserKind::LocalCommand => Some(TurnOrigin::Command),
        _ => None,
    }
}

pub(super) fn line_kind(entry: &Entry<'_>) -> LineKind {
    match &entry.body {
        Body::User(user) => match user.kind {
            UserKind::ToolResult if is_made_up(user) => LineKind::MadeUp,
            UserKind::ToolResult => LineKind::Result,
            UserKind::Prompt
            | UserKind::PromptCommand
            | UserKind::TaskNotification
            | UserKind::Peer
            | UserKind::Scheduled => LineKind::Start,
            UserKind::BashInput | UserKind::LocalCommand => LineKind::MayStart,
            UserKind::Interrupt | UserKind::CompactSummary => LineKind::Sign,
            UserKind::Warmup => LineKind::User,
            UserKind::Meta | UserKind::LocalOutput => LineKind::Meta,
            UserKind::CompactCommand => LineKind::Other,
        },
        Body::Assistant(assistant) => match assistant.model.as_deref() {
            Some("<synthetic>") if !assistant.is_api_error => LineKind::MadeUp,
            Some("<synthetic>") => LineKind::Sign,
            _ => LineKind::Assistant,
        },
        Body::CompactBoundary(boundary)
            if boundary.trigger.as_deref() == Some("manual") && !entry.head.is_sidechain =>
        {
            LineKind::Compaction
        }
        Body::TurnDuration { .. }
        | Body::StopHooks { .. }
        | Body::CompactBoundary(_)
        | Body::ApiError(_)
        | Body::ModelFallback { .. } => LineKind::Sign,
        _ => LineKind::Other,
    }
}

/// A result that a resumed client made up for a call whose own result was lost.
pub(super) fn is_made_up(user: &User<'_>) -> bool {
    user.denial.as_deref() == Some("interrupted")
        || user.outcome.text == ResultText::MadeUp
        || user.results.iter().any(|result| result.text == ResultText::MadeUp)
}
