//! Rules that a user adds.

/// What becomes of a match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is replaced by its rule's name.
    #[default]
    Mask,
    /// It is replaced by its rule's name and a keyed hash, so that equal values stay equal.
    Hash,
    /// The whole text goes.
    Drop,
}

/// A rule of the user's, read but not yet compiled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserRule {
    /// Its name, which stands in the place of what it takes away.
    pub id: String,
    /// What it finds.
    pub finds: Finds,
    /// The group of the pattern that is the secret; 0 is the whole match.
    pub group: usize,
    /// What becomes of it.
    pub action: Action,
    /// Words of which one has to stand in the text, in any case; with none, the pattern is tried everywhere.
    pub keywords: Vec<String>,
    /// Patterns of what is no secret.
    pub allowed: Vec<String>,
    /// Whether its patterns know bytes instead of Unicode, as those of gitleaks do.
    pub is_ascii: bool,
}

/// What a rule looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finds {
    /// A regular expression.
    Pattern(String),
    /// A text as it stands.
    Literal(String),
}

impl Default for Finds {
    fn default() -> Self {
        Self::Literal(String::new())
    }
}
