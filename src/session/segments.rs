//! A session's turns in stretches, so that a session resumed next week never changes what was sent.

use super::builder::SessionBuilder;
use super::closing::{ClosingOptions, Quiet};
use super::facts::{Parent, Segment, ToolCall, Turn};
use super::timing::{TimeSource, Timing};
use crate::transcript::time::Millis;

/// Cuts the turns into segments. `holds_open` names the turns with a part that may still change.
pub(super) fn build_segments(
    session: &SessionBuilder,
    turns: &[Turn],
    tools: &[ToolCall],
    holds_open: &[bool],
    quiet: &Quiet,
    options: ClosingOptions,
) -> Vec<Segment> {
    let mut order: Vec<usize> = (0..turns.len()).collect();
    order.sort_by_key(|turn| (turns[*turn].timing.start, *turn));
    // The time at which the last background work that a turn launched was over, as far as notifications tell.
    let mut busy_until = vec![Millis::MIN; turns.len()];
    for (place, tool) in tools.iter().enumerate().filter(|(_, tool)| tool.is_background) {
        if let Parent::Turn(turn) = tool.parent {
            let end =
                session.tools[place].notified.as_ref().map_or(tool.timing.start + options.max_open, |end| end.time);
            busy_until[turn] = busy_until[turn].max(end);
        }
    }
    let mut segments: Vec<Vec<usize>> = Vec::new();
    let (mut last, mut busy) = (Millis::MIN, Millis::MIN);
    for turn in order {
        let first = turns[turn].timing.start;
        let is_apart = first.saturating_sub(last) > options.session_idle && busy < first;
        match segments.last_mut() {
            Some(segment) if !is_apart => segment.push(turn),
            _ => segments.push(vec![turn]),
        }
        last = last.max(turns[turn].last_line);
        busy = busy.max(busy_until[turn]);
    }
    let count = segments.len();
    let is_quiet = quiet.lasts(options.session_idle);
    let build = |(place, members): (usize, Vec<usize>)| {
        let start = members.iter().map(|turn| turns[*turn].timing.start).min().unwrap_or_default();
        let end = members.iter().map(|turn| turns[*turn].timing.end).max().unwrap_or_default();
        let is_open =
            members.iter().any(|turn| turns[*turn].is_open || holds_open[*turn]) || (place + 1 == count && !is_quiet);
        Segment {
            index: place as u64 + 1,
            turns: members,
            timing: Timing::new((start, TimeSource::FirstLine), (end, TimeSource::LastLine)),
            is_open,
        }
    };
    segments.into_iter().enumerate().map(build).collect()
}
