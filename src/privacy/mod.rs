//! Keeps secrets out of everything that leaves: pure.
//!
//! What enters: texts of any origin. What leaves: [`Sanitized`] texts, which only a [`Sanitizer`] can make; whatever
//! becomes an attribute or a name is one, so the compiler sees to it that no text goes around it.
//!
//! **Invariant:** a text is redacted before it is cut: half a secret has no marks to be known by. **Invariant:**
//! redacting twice is redacting once. **Invariant:** it names no other stage, and neither reads rules nor makes keys;
//! the caller hands both in.
//!
//! To add a built-in rule: a row in `built_in.rs`, an example in `built_in_tests.rs`, a row in `docs/privacy.md`.

mod built_in;
mod checks;
mod finder;
mod markers;
mod rule;
mod keyed_hash;
mod sanitized;
mod sanitizer;
pub mod user_rules;
mod gitleaks;
pub mod options;

pub use built_in::{BUILT_IN, BuiltIn};
pub use keyed_hash::HashKey;
pub use rule::{Action, Finds, UserRule};
pub use sanitized::Sanitized;
pub use sanitizer::Sanitizer;

#[cfg(test)]
mod speed_tests;
