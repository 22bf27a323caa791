//! Flags and environment become each stage's options.
//!
//! Enters: flags as they were typed, and the environment as a function from name to value. Leaves: options of the
//! stages, validated. **Invariant:** nothing here reads the environment or a file by itself; the caller hands both in.
//! **Invariant:** no error text repeats a value that may be secret.
//!
//! To add a variable: its constant in `env`, its row in `docs/configuration.md` (a test compares them).

pub mod env;
pub mod otlp;
pub mod pairs;
pub mod resource;
pub mod vocabulary;

pub use otlp::{ConfigError, DestinationFlags, resolve_destination};
pub use resource::{ResourceOverrides, resolve_resource};
