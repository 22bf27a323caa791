//! Follows sessions for those who look at them: nothing is sent, nothing is remembered, and no lock is taken.
//!
//! ```text
//! Hints, sweeps -> Lookout (Catalog, LiveSession) -News-> whoever looks
//! ```
//!
//! **Invariant:** a session is rebuilt when something of it was written, or when quiet may have closed something of it,
//! and at no other time.
//! **Invariant:** copies of history are settled within their family before anybody sees them, as the watcher does.
//! **Invariant:** sessions that went quiet are let go of; what is kept of them is who owns what.

mod lookout;
mod passing;

pub use lookout::{Lookout, LookoutOptions, News, Origin};
