//! Trace and span ids, derived from what the transcript calls things: the same bytes give the same ids, always.

use sha2::{Digest, Sha256};

use super::span::{SpanId, TraceId};

/// The scheme's name; a change of it changes every id, and is a change of the contract.
pub const SCHEME: &str = "claude-otel/1";
/// The number in the scheme's name, which is a part of everything that is remembered by ids.
pub const SCHEME_NUMBER: u64 = 1;

/// The kinds of things that have an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdKind {
    /// A session's segment; key: its first turn's.
    Session,
    /// A turn; key: the uuid of its first line.
    Turn,
    /// A response; key: the message id.
    Llm,
    /// A tool call; key: the `tool_use` id.
    Tool,
    /// An agent run; key: the agent id.
    Agent,
    /// A compaction; key: the uuid of its line.
    Compaction,
    /// A hook; key: the uuid of its line.
    Hook,
    /// A span that tries a destination; its session is whose try it is; key: the time.
    Doctor,
    /// An event of this name, whose names are no kinds of spans; key: that of what it tells of, and its number in it.
    Event(&'static str),
}

impl IdKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Turn => "turn",
            Self::Llm => "llm",
            Self::Tool => "tool",
            Self::Agent => "agent",
            Self::Compaction => "compaction",
            Self::Hook => "hook",
            Self::Doctor => "doctor",
            Self::Event(name) => name,
        }
    }
}

/// The digest that both ids are cut from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity([u8; 32]);

impl Identity {
    /// The identity of one thing of one session.
    pub fn new(kind: IdKind, session: &str, key: &str) -> Self {
        // Put together first: the hash is several times faster in one go than in seven.
        let mut text = [0; 256];
        let mut len = 0;
        for part in [SCHEME, "\0", kind.name(), "\0", session, "\0", key] {
            let Some(place) = text.get_mut(len..len + part.len()) else {
                return Self::of_long(kind, session, key);
            };
            place.copy_from_slice(part.as_bytes());
            len += part.len();
        }
        Self(Sha256::digest(text.get(..len).unwrap_or_default()).into())
    }

    fn of_long(kind: IdKind, session: &str, key: &str) -> Self {
        Self(Sha256::digest([SCHEME, kind.name(), session, key].join("\0")).into())
    }

    /// The first 16 bytes; never zero, which OTLP forbids.
    pub fn trace_id(&self) -> TraceId {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.0[..16]);
        if bytes == [0; 16] {
            bytes[15] = 1;
        }
        TraceId::from_bytes(bytes)
    }

    /// The first 8 bytes; never zero, which OTLP forbids.
    pub fn span_id(&self) -> SpanId {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[..8]);
        if bytes == [0; 8] {
            bytes[7] = 1;
        }
        SpanId::from_bytes(bytes)
    }

    /// A number to deal sessions out to shards by.
    pub fn shard_number(&self) -> u64 {
        self.0[24..].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_pinned() {
        let identity = Identity::new(IdKind::Turn, "s", "k");
        assert_eq!(identity.trace_id().to_string(), "8b1b78c50b36f9488c9c526a07c6336c");
        assert_eq!(identity.span_id().to_string(), "8b1b78c50b36f948");
    }

    #[test]
    fn a_long_key_is_hashed_like_a_short_one() {
        for len in [180, 300] {
            let key = "k".repeat(len);
            let mut hasher = Sha256::new();
            for part in ["claude-otel/1", "\0", "turn", "\0", "s", "\0", &key] {
                hasher.update(part);
            }
            assert_eq!(Identity::new(IdKind::Turn, "s", &key), Identity(hasher.finalize().into()));
        }
    }

    #[test]
    fn kind_session_and_key_all_count() {
        let ids = [
            Identity::new(IdKind::Turn, "s", "k"),
            Identity::new(IdKind::Llm, "s", "k"),
            Identity::new(IdKind::Turn, "t", "k"),
            Identity::new(IdKind::Turn, "s", "l"),
            Identity::new(IdKind::Turn, "sk", ""),
        ];
        for (place, id) in ids.iter().enumerate() {
            assert!(ids[place + 1..].iter().all(|other| other.span_id() != id.span_id()));
        }
    }
}
