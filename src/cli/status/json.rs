//! The status for programs.

use serde_json::{Value, json};

use super::View;
use super::look::{Look, Reason, Unsent};
use crate::checkpoint::mirror::Mirror;

/// All states as one object. Times are milliseconds since 1970.
pub(super) fn of(views: &[View], now: i64) -> Value {
    json!({ "now_unix_ms": now, "states": views.iter().map(state).collect::<Vec<_>>() })
}

fn state(view: &View) -> Value {
    let mirror = view.mirror.as_ref();
    json!({
        "name": view.name,
        "dir": view.dir.display().to_string(),
        "destination": mirror.map(|mirror| &mirror.destination.describe).or(view.wanted.as_ref()),
        "holder": view.holder.as_ref().map(|holder| json!({
            "command": holder.command,
            "pid": holder.pid,
            "since_unix_ms": holder.since,
            "version": holder.version,
        })),
        "mirror": mirror.map(|mirror| json!({
            "written_unix_ms": mirror.written_unix_ms,
            "age_seconds": seconds(view.now - mirror.written_unix_ms),
            "app_version": mirror.app_version,
            "schema": mirror.schema,
            "id_scheme": mirror.id_scheme,
            "writes": mirror.writes,
            "files": mirror.files.len(),
        })),
        "health": {
            "rebuilds": mirror.map(|mirror| mirror.health.rebuilds),
            "degraded": mirror.and_then(|mirror| mirror.health.degraded.clone()),
            "set_aside": view.set_aside.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        },
        "last_acknowledged_unix_ms": mirror.and_then(|mirror| mirror.last_acknowledged_unix_ms),
        "last_acknowledged_age_seconds":
            mirror.and_then(|mirror| mirror.last_acknowledged_unix_ms).map(|time| seconds(view.now - time)),
        "horizon_unix_ms": mirror.and_then(|mirror| mirror.horizon),
        "open_sessions": mirror.map(open_sessions),
        "totals": mirror.map(|mirror| &mirror.totals),
        "problems": mirror.map(|mirror| &mirror.problems),
        "roots": view.look.as_ref().map(roots),
        "lag": view.look.as_ref().map(|look| lag(look, view.now)),
        "left_out": view.look.as_ref().map(left_out),
        "retention": view.look.as_ref().map(|look| retention(look, view.now)),
    })
}

fn seconds(millis: i64) -> i64 {
    millis.max(0) / 1000
}

fn open_sessions(mirror: &Mirror) -> Vec<Value> {
    let open = mirror.sessions.iter().filter(|session| session.row.open_turns > 0 || session.row.due.is_some());
    let open = open.map(|session| {
        json!({
            "id": session.id,
            "open_turns": session.row.open_turns,
            "last_activity_unix_ms": session.row.last_activity,
            "due_unix_ms": session.row.due,
        })
    });
    open.collect()
}

fn roots(look: &Look) -> Vec<Value> {
    let roots = look.roots.iter().map(|root| {
        json!({
            "path": root.path.display().to_string(),
            "is_there": root.is_there,
            "kept_days": root.keeping.days,
            "kept_days_from": root.keeping.named_in.as_ref().map(|path| path.display().to_string()),
        })
    });
    roots.collect()
}

fn lag(look: &Look, now: i64) -> Value {
    let lag = look.lag();
    let transcripts = lag.iter().map(|unsent| {
        json!({
            "path": unsent.path.display().to_string(),
            "size": unsent.size,
            "offset": unsent.offset,
            "bytes": unsent.behind,
            "seconds": seconds(now - unsent.written),
        })
    });
    json!({
        "of_transcripts": look.transcripts,
        "bytes": lag.iter().map(|unsent| unsent.behind).sum::<u64>(),
        "seconds": lag.iter().map(|unsent| seconds(now - unsent.written)).max().unwrap_or_default(),
        "transcripts": transcripts.collect::<Vec<_>>(),
        "problems": look.problems,
    })
}

fn left_out(look: &Look) -> Value {
    let in_part = look.unsent.iter().filter(|unsent| unsent.reason == Reason::LeftOutInPart).count();
    json!({
        "transcripts": look.left_out().count(),
        "bytes": look.left_out().map(|unsent| unsent.size).sum::<u64>(),
        "transcripts_in_part": in_part,
    })
}

fn retention(look: &Look, now: i64) -> Value {
    let all = look.by_deletion();
    let one = |unsent: &&Unsent| {
        json!({
            "path": unsent.path.display().to_string(),
            "reason": unsent.reason.name(),
            "written_unix_ms": unsent.written,
            "deleted_unix_ms": unsent.deleted,
            "days_left": (unsent.deleted - now) as f64 / 86_400_000.0,
        })
    };
    json!({
        "transcripts": all.iter().map(one).collect::<Vec<_>>(),
        "urgent": all.iter().filter(|unsent| unsent.is_urgent(now)).count(),
    })
}
