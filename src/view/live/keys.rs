//! What a person asks of the screen.

/// A key, as far as it means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// One up.
    Up,
    /// One down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// Look into a session.
    Enter,
    /// Back.
    Back,
    /// Explain the keys.
    Help,
    /// Stand still, or go on.
    Pause,
    /// Another order.
    Sort,
    /// Leave.
    Quit,
    /// Nothing by itself.
    Other,
}

/// In which order sessions stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The busy ones first, then those that were written to last.
    #[default]
    Activity,
    /// The most expensive first.
    Cost,
    /// By project.
    Project,
}

impl Order {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Cost => "cost",
            Self::Project => "project",
        }
    }

    pub(super) const fn next(self) -> Self {
        match self {
            Self::Activity => Self::Cost,
            Self::Cost => Self::Project,
            Self::Project => Self::Activity,
        }
    }
}
