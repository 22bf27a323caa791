//! Hashes that only the holder of the key can compute: equal values stay equal, and guessing does not find them.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The key of an installation. It is made and kept by the caller, and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HashKey([u8; 32]);

impl HashKey {
    /// The key with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first 16 hexadecimal digits of the keyed hash of a text. `kind` keeps equal texts of different meaning apart.
    pub fn hash(&self, kind: &str, text: &str) -> String {
        // A key of any length will do for this construction.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        let number = mac.finalize().into_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        format!("{number:016x}")
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_depends_on_key_kind_and_text() {
        let (one, other) = (HashKey::new([1; 32]), HashKey::new([2; 32]));
        assert_eq!(one.hash("a", "x").len(), 16);
        assert_eq!(one.hash("a", "x"), one.hash("a", "x"));
        assert_ne!(one.hash("a", "x"), one.hash("a", "y"));
        assert_ne!(one.hash("a", "x"), one.hash("b", "x"));
        assert_ne!(one.hash("a", "x"), other.hash("a", "x"));
        assert_eq!(format!("{one:?}"), "HashKey(..)");
    }

    #[test]
    fn it_is_hmac_sha_256() {
        // Computed with another implementation: HMAC-SHA-256 of "a\0x" under 32 bytes of one.
        assert_eq!(HashKey::new([1; 32]).hash("a", "x"), "2f3935a21c92aaef");
    }
}
