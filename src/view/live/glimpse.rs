//! A session at one moment.

use crate::privacy::Sanitized;
use crate::session::facts::{Session, TurnOrigin};
use crate::telemetry::options::MapOptions;
use crate::telemetry::shown::Shown;
use crate::transcript::time::Millis;
use crate::view::amounts::{Cost, Tokens};
use crate::view::item::{Item, ItemKind, Standing, Texts};
use crate::view::pulse::ASKING;
use crate::view::story::Story;

pub use crate::view::pulse::{Activity, Attempt, Pulse};

/// A session at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Glimpse {
    /// All that is known of it, without the texts in full.
    pub story: Story,
    /// What it does.
    pub pulse: Pulse,
    /// When one of its files was last written to, in milliseconds since 1970.
    pub written_unix_ms: Option<Millis>,
}

impl Glimpse {
    /// The glimpse of a session whose family was settled.
    pub fn of(session: &Session, written_unix_ms: Option<Millis>, options: &MapOptions) -> Self {
        let mut story = Story::of(session, options);
        let pulse = Pulse::of(session, &story.items, &Shown::new(options));
        for item in &mut story.items {
            // Summaries are enough for what is seen at a glance, and are all that is kept of many sessions.
            item.texts = Texts::default();
            // The client's own words to the model are nothing that anybody asked.
            let is_clients = item.kind == ItemKind::Turn && *item.name == *TurnOrigin::TaskNotification.name();
            // A question and its options are more than a line, and the client shows them.
            let is_question = item.kind == ItemKind::Tool && ASKING.contains(&&*item.name);
            if is_clients || is_question {
                item.summary = None;
            }
        }
        Self { story, pulse, written_unix_ms }
    }

    /// The session's id.
    pub const fn id(&self) -> &Sanitized {
        &self.story.session.id
    }

    /// The time of its latest line, or of its latest writing if that is later.
    pub fn sign_of_life(&self) -> Millis {
        self.story.session.end_unix_ms.max(self.written_unix_ms).unwrap_or_default()
    }

    /// The latest thing that failed: a tool, an agent or a turn.
    pub fn last_failure(&self) -> Option<&Item> {
        let failed = self.story.items.iter().filter(|item| item.standing == Standing::Failed);
        failed.max_by_key(|item| item.times.end_unix_ms)
    }

    /// An item by its place.
    pub fn item(&self, place: usize) -> Option<&Item> {
        self.story.items.get(place)
    }

    /// The latest turn.
    pub fn turn(&self) -> Option<&Item> {
        self.pulse.turn.and_then(|place| self.item(place))
    }

    /// The types of the agents that an item runs in, the outermost first.
    pub fn agents_around(&self, item: &Item) -> Vec<&Sanitized> {
        let mut names = Vec::new();
        let mut at = item.parent;
        while let Some(item) = at.and_then(|place| self.item(place)) {
            if item.kind == ItemKind::Agent {
                names.push(&item.name);
            }
            at = item.parent;
        }
        names.reverse();
        names
    }

    /// Tokens and cost of the calls that began at this time or later.
    pub fn spent_since(&self, time: Millis) -> (Tokens, Cost) {
        let (mut tokens, mut cost) = (Tokens::default(), Cost::default());
        let calls = self.story.items.iter().filter(|item| item.kind == ItemKind::LlmCall);
        for call in calls.filter(|call| call.times.start_unix_ms >= time) {
            tokens += call.tokens.unwrap_or_default();
            cost += call.cost.unwrap_or(Cost { amount: None, is_lower_bound: true });
        }
        (tokens, cost)
    }
}
