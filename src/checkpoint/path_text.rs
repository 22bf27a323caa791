//! Paths in JSON, none of them lost.
//!
//! A path that is text is written as text. One that is not, which Linux allows, is written as the hexadecimal digits
//! of its bytes beside what of it can be read.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Bytes { hex: String, readable: String },
}

/// Writes a path; for `#[serde(with = "...")]`.
pub(super) fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    if let Some(text) = path.to_str() {
        return serializer.serialize_str(text);
    }
    let mut hex = String::new();
    for byte in path.as_os_str().as_bytes() {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Written::Bytes { hex, readable: path.to_string_lossy().into_owned() }.serialize(serializer)
}

/// Reads a path; for `#[serde(with = "...")]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    match Written::deserialize(deserializer)? {
        Written::Text(text) => Ok(PathBuf::from(text)),
        Written::Bytes { hex, .. } => {
            let bytes = bytes_of(&hex).ok_or_else(|| serde::de::Error::custom("a path's digits make no bytes"))?;
            Ok(PathBuf::from(OsString::from_vec(bytes)))
        }
    }
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2 && !pair.starts_with('+'))?;
            u8::from_str_radix(pair, 16).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Holds(#[serde(with = "super")] PathBuf);

    #[test]
    fn every_path_survives() {
        for bytes in [&b"/home/mira/a.jsonl"[..], b"", b"/t\xff\x00\xc3(", b"{\"hex\":\"00\"}", "/ü\n\"".as_bytes()] {
            let path = PathBuf::from(OsString::from_vec(bytes.to_vec()));
            let text = serde_json::to_string(&Holds(path.clone())).unwrap();
            assert_eq!(serde_json::from_str::<Holds>(&text).unwrap().0, path, "{text}");
        }
    }

    #[test]
    fn digits_that_make_no_bytes_are_refused() {
        for hex in ["f", "zz", "+f", "0ü"] {
            let text = serde_json::json!({"hex": hex, "readable": ""}).to_string();
            assert!(serde_json::from_str::<Holds>(&text).is_err(), "{text}");
        }
    }
}
