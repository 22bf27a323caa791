//! The live view, as a state machine: sessions, keys and the time go in, what is to be seen comes out.
//!
//! [`glimpse::Glimpse`] is a session at one moment; [`tell::Teller`] makes events of how it changes; and
//! [`screen::Screen`] is what a person looks at.

pub mod glimpse;
pub mod event;
pub mod tell;
pub mod screen;
mod feed;
mod keys;
mod running;

#[cfg(test)]
pub(crate) mod fixtures;
