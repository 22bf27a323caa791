//! Any receiver of OTLP, of which nothing particular is known.

use super::{PLAIN, Preset};

pub(super) const PRESET: Preset = PLAIN;
