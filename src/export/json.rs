//! Messages as OTLP/JSON.

use memchr::memmem;

use super::message::OtlpMessage;

/// Appends one message and a comma, and returns what it counts for. Fields without a value are left out: the wire crate writes `null` for them, which
/// is more than some readers take.
pub(super) fn append<M: OtlpMessage>(message: &M, buffer: &mut Vec<u8>) -> Result<u64, serde_json::Error> {
    let start = buffer.len();
    serde_json::to_writer(&mut *buffer, message)?;
    for field in M::OPTIONAL_FIELDS {
        leave_out(&format!(",\"{field}\":null"), buffer, start);
    }
    buffer.push(b',');
    Ok(message.count())
}

/// Takes every occurrence of a field out. No text of an attribute can look like one, for its quotes are escaped.
fn leave_out(field: &str, buffer: &mut Vec<u8>, start: usize) {
    let Some(text) = buffer.get(start..) else { return };
    let places: Vec<usize> = memmem::find_iter(text, field).collect();
    if places.is_empty() {
        return;
    }
    let text = buffer.split_off(start);
    let mut from = 0;
    for place in places {
        buffer.extend_from_slice(text.get(from..place).unwrap_or_default());
        from = place + field.len();
    }
    buffer.extend_from_slice(text.get(from..).unwrap_or_default());
}
