//! Flags and environment become each stage's options.
//!
//! Enters: flags as they were typed, and the environment as a function from name to value. Leaves: options of the
//! stages, validated. **Invariant:** nothing here reads the environment or a file by itself; the caller hands both in.
//! **Invariant:** no error text repeats a value that may be secret.
//!
//! To add a variable: its constant in `env`, its row in `docs/configuration.md` (a test compares them); one that exists
//! for each signal also needs its row in `names`.

pub mod env;
pub mod error;
pub mod flags;
mod names;
pub mod metrics;
pub mod otlp;
pub mod pairs;
pub mod privacy;
pub mod resource;
mod signals;

pub use error::ConfigError;
pub use flags::DestinationFlags;
pub use otlp::resolve_destination;
pub use resource::{ResourceOverrides, resolve_resource};
