//! `name=value,name=value`, the form in which headers and resource attributes come.

use std::fmt::Write;

/// What is wrong with such a text; it repeats nothing of it but the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PairError {
    /// A pair without `=` or without a name.
    #[error("pair {0} has no name or no '='")]
    NoPair(usize),
    /// A `%` that is not followed by two hexadecimal digits, or that yields no text.
    #[error("pair {0} is not percent-encoded text")]
    NotEncoded(usize),
    /// A name that no header can have.
    #[error("a name holds characters that header names cannot hold")]
    HeaderName,
    /// A value that no header can have.
    #[error("a value holds characters that header values cannot hold")]
    HeaderValue,
}

/// Reads percent-encoded pairs; empty ones are skipped, so that a trailing comma does no harm.
pub fn decode(text: &str) -> Result<Vec<(String, String)>, PairError> {
    let mut pairs = Vec::new();
    for (number, pair) in (1..).zip(text.split(',')).filter(|(_, pair)| !pair.trim().is_empty()) {
        let (name, value) = split(pair).map_err(|_| PairError::NoPair(number))?;
        let (name, value) = (percent_decode(&name), percent_decode(&value));
        pairs.push(name.zip(value).ok_or(PairError::NotEncoded(number))?);
    }
    Ok(pairs)
}

/// Reads one pair as it is.
pub(super) fn split(pair: &str) -> Result<(String, String), PairError> {
    let (name, value) = pair.split_once('=').ok_or(PairError::NoPair(1))?;
    let name = name.trim();
    if name.is_empty() {
        return Err(PairError::NoPair(1));
    }
    Ok((name.to_owned(), value.trim().to_owned()))
}

/// Whether a pair can be a header.
pub(super) fn check_header(name: &str, value: &str) -> Result<(), PairError> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.bytes().all(is_token) {
        return Err(PairError::HeaderName);
    }
    if !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Err(PairError::HeaderValue);
    }
    Ok(())
}

/// A text in the form that [`decode`] reads, with everything but letters, digits and a few harmless signs encoded.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        decode(text).unwrap()
    }

    fn owned(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn pairs_are_trimmed_decoded_and_may_end_in_a_comma() {
        assert_eq!(pairs(" a = b%20c ,d=e=f,g=,"), [owned("a", "b c"), owned("d", "e=f"), owned("g", "")]);
        assert_eq!(pairs("team=K%C3%B6ln"), [owned("team", "Köln")]);
    }

    #[test]
    fn what_is_no_pair_is_named_by_place_only() {
        assert_eq!(decode("a=b,secret"), Err(PairError::NoPair(2)));
        assert_eq!(decode("=b"), Err(PairError::NoPair(1)));
        for text in ["a=%", "a=%2", "a=%zz", "a=%+1", "a=%ff"] {
            assert_eq!(decode(text), Err(PairError::NotEncoded(1)), "{text}");
        }
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        let value = "Basic a+b/c==, 100 % of \u{e9}";
        assert_eq!(pairs(&format!("{}={}", encode("x-key"), encode(value))), [owned("x-key", value)]);
    }

    #[test]
    fn headers_hold_visible_ascii_only() {
        assert_eq!(check_header("x-key", "Bearer a.b"), Ok(()));
        assert_eq!(check_header("x key", "v"), Err(PairError::HeaderName));
        assert_eq!(check_header("x", "a\r\nb: c"), Err(PairError::HeaderValue));
        assert_eq!(check_header("x", "ä"), Err(PairError::HeaderValue));
    }
}
