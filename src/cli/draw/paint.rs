//! Colours, where the terminal may have them.

/// How something is shown beside its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::cli) enum Ink {
    /// As everything else.
    #[default]
    Plain,
    /// A heading.
    Strong,
    /// Of less weight.
    Faint,
    /// It failed.
    Bad,
    /// It was stopped.
    Warning,
    /// It is going on.
    Live,
    /// A model's.
    Model,
    /// A tool's.
    Tool,
    /// An agent's.
    Agent,
}

impl Ink {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Bad => "31",
            Self::Warning => "33",
            Self::Live => "36",
            Self::Model => "34",
            Self::Tool => "32",
            Self::Agent => "35",
        }
    }
}

/// Whether there are colours.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::cli) struct Paint {
    is_on: bool,
}

impl Paint {
    pub(in crate::cli) const fn new(is_on: bool) -> Self {
        Self { is_on }
    }

    /// The text in its colour.
    pub(in crate::cli) fn text(self, ink: Ink, text: &str) -> String {
        if !self.is_on || ink == Ink::Plain || text.trim().is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{}m{text}\u{1b}[0m", ink.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_colours_only_where_they_may_be() {
        assert_eq!(Paint::new(true).text(Ink::Bad, "no"), "\u{1b}[31mno\u{1b}[0m");
        assert_eq!(Paint::new(true).text(Ink::Plain, "no"), "no");
        assert_eq!(Paint::new(false).text(Ink::Bad, "no"), "no");
    }
}
