//! Flags and environment become each stage's options.
//!
//! Enters: flags as they were typed, and the environment as a function from name to value. Leaves: options of the
//! stages, validated. **Invariant:** nothing here reads the environment or a file by itself; the caller hands both in.
//! **Invariant:** no error text repeats a value that may be secret.
//!
//! To add a variable: its constant in `env`, its row in `docs/configuration.md` (a test compares them); one that exists
//! for each signal also needs its row in `names`.

mod alike;
pub mod env;
pub mod error;
pub mod file;
pub mod flags;
pub mod headers;
mod layers;
pub mod metrics;
mod names;
pub mod otlp;
pub mod pairs;
pub mod presets;
pub mod privacy;
pub mod resource;
pub mod settings;
pub mod shown;
mod signals;
pub mod target_error;
pub mod targets;
pub mod vocabulary;

pub use error::ConfigError;
pub use file::ConfigFile;
pub use flags::DestinationFlags;
pub use otlp::resolve_destination;
pub use resource::{ResourceOverrides, resolve_resource};
pub use target_error::TargetError;
pub use targets::{Sources, Target, TargetFlags, resolve_targets};
