//! Follows sessions while they are written: one thread looks and rebuilds, one task delivers and remembers.
//!
//! ```text
//! Hints, sweeps -> Follower (Catalog, LiveSession) -Parcel-> Courier -Exporter-> destination
//!                     ^-------------- Shared: what was remembered, what has to be done over --------/
//! ```
//!
//! **Invariant:** hints only say where to look first; a sweep finds whatever they leave out.
//! **Invariant:** nothing is remembered before the destination has acknowledged it, and the queue between the two sides
//! is a few parcels long: when the destination is down, reading waits.
//! **Invariant:** after any failure everything that was not remembered is rebuilt from the transcripts, with the same ids.

pub(in crate::pipeline) mod agenda;
pub(in crate::pipeline) mod catalog;
mod counts;
mod courier;
mod follower;
mod lag;
mod looking;
mod meter;
mod passing;
mod shared;

pub use counts::{Behind, Counts};
pub use courier::{Courier, CourierOptions, Ended, Observer, OpenExporter};
pub use follower::{Clock, Follower, FollowerOptions, FollowerParts, Parcel};
pub use meter::{Meter, MeterOptions, Metering, OpenMetricExporter, differences, lasting};
pub use shared::{Event, Shared};
