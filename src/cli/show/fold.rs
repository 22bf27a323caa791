//! Which items are drawn: all of a small session, what matters of a great one, or what was asked for.

use clap::{Args, ValueEnum};

use crate::view::item::{Item, ItemKind, Standing};

/// A session with no more items than this is drawn as a whole.
const SMALL: usize = 400;
/// So many items of each turn of a greater one are drawn for how long they took.
const LONGEST: usize = 12;

/// Which items are drawn.
#[derive(Debug, Default, Args)]
pub(super) struct FoldArgs {
    /// Only what failed or was stopped, and what that belongs to
    #[arg(long, conflicts_with = "json")]
    errors: bool,
    /// Only items of this kind, and what they belong to; may be repeated
    #[arg(long = "kind", value_name = "KIND", value_enum, conflicts_with = "json")]
    kinds: Vec<Kind>,
    /// Every item, however many there are
    #[arg(long, conflicts_with = "json")]
    all: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Turns
    Turn,
    /// Calls of models
    Call,
    /// Calls of tools
    Tool,
    /// Runs of agents
    Agent,
    /// Compactions
    Compaction,
    /// Hooks
    Hook,
}

impl Kind {
    const fn holds(self, kind: ItemKind) -> bool {
        matches!(
            (self, kind),
            (Self::Turn, ItemKind::Turn)
                | (Self::Call, ItemKind::LlmCall)
                | (Self::Tool, ItemKind::Tool)
                | (Self::Agent, ItemKind::Agent)
                | (Self::Compaction, ItemKind::Compaction)
                | (Self::Hook, ItemKind::Hook)
        )
    }
}

impl FoldArgs {
    /// Whether something was asked for.
    pub(super) const fn is_asked(&self) -> bool {
        self.errors || !self.kinds.is_empty()
    }

    /// Which of the items are drawn. What an item belongs to is drawn with it.
    pub(super) fn drawn(&self, items: &[Item], is_one_turn: bool) -> Vec<bool> {
        let is_kind = |item: &Item| self.kinds.is_empty() || self.kinds.iter().any(|kind| kind.holds(item.kind));
        let mut drawn: Vec<bool> = if self.is_asked() {
            items.iter().map(|item| is_kind(item) && (!self.errors || is_error(item))).collect()
        } else if self.all || is_one_turn || items.len() <= SMALL {
            vec![true; items.len()]
        } else {
            of_note(items)
        };
        // Children stand behind their parents, so that from the end, one look at each is enough.
        for place in (0..items.len()).rev() {
            let parent = items.get(place).and_then(|item| item.parent);
            if drawn.get(place) == Some(&true)
                && let Some(slot) = parent.and_then(|parent| drawn.get_mut(parent))
            {
                *slot = true;
            }
        }
        drawn
    }
}

fn is_error(item: &Item) -> bool {
    matches!(item.standing, Standing::Failed | Standing::Stopped)
}

/// Of each turn: itself, what did not end well, compactions, agents, and what took longest.
fn of_note(items: &[Item]) -> Vec<bool> {
    let mut drawn: Vec<bool> = items
        .iter()
        .map(|item| {
            item.parent.is_none()
                || is_error(item)
                || item.is_running()
                || item.kind == ItemKind::Compaction
                || (item.kind == ItemKind::Agent && item.depth <= 2)
        })
        .collect();
    let mut places: Vec<usize> = (0..items.len()).collect();
    let rank = |place: &usize| items.get(*place).map(|item| (item.turn, std::cmp::Reverse(item.times.duration())));
    places.sort_by_key(rank);
    let turn = |place: usize| items.get(place).and_then(|item| item.turn);
    for group in places.chunk_by(|a, b| turn(*a) == turn(*b)) {
        for place in group.iter().take(LONGEST) {
            drawn.iter_mut().skip(*place).take(1).for_each(|slot| *slot = true);
        }
    }
    drawn
}
