//! Spans and log records to bytes, on whichever thread has made them.

use std::sync::Arc;

use super::batch::Part;
use super::encode::Encoding;
use super::error::ExportError;
use super::item::Item;
use super::json;
use super::order::Items;
use crate::telemetry::span::Telemetry;

/// What an item mostly takes at most, so that its place need not be made larger, and copied, again and again.
const USUAL_BYTES: usize = 1024;

/// Items of one signal, encoded one after the other.
#[derive(Debug, Default)]
pub(super) struct Packed {
    pub(super) bytes: Vec<u8>,
    pub(super) parts: Vec<Part>,
}

impl Packed {
    /// Encodes items.
    pub(super) fn of<'a, T: Item + 'a>(
        items: impl IntoIterator<Item = &'a T, IntoIter: ExactSizeIterator>,
        encoding: Encoding,
    ) -> Result<Self, serde_json::Error> {
        let items = items.into_iter();
        let (bytes, parts) = (Vec::with_capacity(items.len() * USUAL_BYTES), Vec::with_capacity(items.len()));
        let mut packed = Self { bytes, parts };
        for item in items {
            packed.add(item, encoding)?;
        }
        Ok(packed)
    }

    /// Appends an item.
    pub(super) fn add(&mut self, item: &impl Item, encoding: Encoding) -> Result<(), serde_json::Error> {
        let count = match encoding {
            Encoding::Protobuf => item.append_binary(&mut self.bytes),
            Encoding::Json => json::append(&item.message(), &mut self.bytes)?,
        };
        self.parts.push(Part { end: self.bytes.len(), count });
        Ok(())
    }
}

/// How a destination wants spans and log records encoded.
#[derive(Debug, Clone)]
pub struct Packing {
    /// The destination, without secrets.
    pub(super) destination: Arc<str>,
    /// None when a signal is switched off.
    pub(super) traces: Option<Encoding>,
    pub(super) logs: Option<Encoding>,
}

impl Packing {
    /// Encodes spans and log records. What is of a signal that is switched off is only counted.
    pub fn pack(&self, telemetry: &Telemetry) -> Result<Load, ExportError> {
        let Telemetry { spans, logs } = telemetry;
        Ok(Load {
            items: Items { spans: spans.len() as u64, logs: logs.len() as u64 },
            traces: self.packed(spans, self.traces)?,
            logs: self.packed(logs, self.logs)?,
        })
    }

    fn packed<T: Item>(&self, items: &[T], encoding: Option<Encoding>) -> Result<Packed, ExportError> {
        let Some(encoding) = encoding else { return Ok(Packed::default()) };
        Packed::of(items, encoding).map_err(|error| ExportError::Internal {
            destination: self.destination.to_string(),
            problem: error.to_string(),
        })
    }
}

/// Spans and log records, encoded for one destination.
#[derive(Debug, Default)]
pub struct Load {
    pub(super) items: Items,
    pub(super) traces: Packed,
    pub(super) logs: Packed,
}

impl Load {
    /// How many bytes it holds.
    pub const fn bytes(&self) -> usize {
        self.traces.bytes.len() + self.logs.bytes.len()
    }
}
