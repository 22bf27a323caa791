//! The status in two lines, for whoever shows something else.

use std::path::Path;

use super::View;
use super::look::Look;
use crate::checkpoint::mirror::Mirror;
use crate::cli::Surroundings;
use crate::cli::words::{age, counted, size};
use crate::source::Root;

/// What is remembered of a destination, and what the client will delete before it is delivered.
#[derive(Debug)]
pub(in crate::cli) struct Brief {
    /// How far delivery is.
    pub state: String,
    /// What is in danger, and for how long the client keeps transcripts.
    pub retention: Option<String>,
}

/// The status of the state in this folder, with the transcripts below these roots.
pub(in crate::cli) fn of(dir: &Path, roots: &[Root], surroundings: &Surroundings) -> Brief {
    let view = View::of(dir, Some(roots), surroundings);
    let (Some(mirror), Some(look)) = (&view.mirror, &view.look) else {
        // Of what nobody delivers, all is in danger.
        let look = Look::at(roots, &Mirror::default(), surroundings);
        return Brief { state: "nothing delivered yet".to_owned(), retention: retention(&look, view.now) };
    };
    let acknowledged = mirror
        .last_acknowledged_unix_ms
        .map_or_else(|| "nothing acknowledged yet".to_owned(), |at| format!("acknowledged {} ago", age(view.now - at)));
    let lag = look.lag();
    let behind = match lag.iter().map(|unsent| unsent.behind).sum::<u64>() {
        0 => "nothing behind".to_owned(),
        bytes => format!("{} behind in {}", size(bytes), counted(lag.len() as u64, "transcript")),
    };
    let holder = view.holder.as_ref().map_or_else(
        || "nobody sends".to_owned(),
        |holder| format!("`{}` is running (pid {})", holder.command, holder.pid),
    );
    Brief { state: format!("{acknowledged}, {behind}; {holder}"), retention: retention(look, view.now) }
}

/// What the client will delete before it is delivered.
fn retention(look: &Look, now: i64) -> Option<String> {
    let urgent = look.unsent.iter().filter(|unsent| unsent.is_urgent(now)).count() as u64;
    let days = look.roots.iter().map(|root| root.keeping.days).min()?;
    let kept = format!("the client deletes transcripts after {}", counted(days, "day"));
    Some(match urgent {
        0 => format!("{kept}; none is in danger"),
        _ => format!("{kept}; {} will go within three days and are not delivered", counted(urgent, "transcript")),
    })
}
