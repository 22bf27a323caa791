//! How a row lies in the database: a version, a checksum, and what it says.

use super::error::StoreError;

/// No value is larger: the database keeps larger ones in files that it never reclaims.
pub(super) const LARGEST_VALUE: usize = 32 * 1024;
const VERSION: u8 = 1;
const HEADER: usize = 5;

/// The trees of the database, each with its own kind of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum TreeName {
    /// What is true of the state as a whole.
    Meta,
    /// A [`FileRow`](super::rows::FileRow) by the bytes of its path.
    Files,
    /// A [`SessionRow`](super::rows::SessionRow) by session id.
    Sessions,
    /// What a session owns, in chunks.
    Owned,
    /// What was delivered of a session, in chunks.
    Delivered,
    /// What a session adds to series, in chunks.
    Measured,
    /// A [`SeriesRow`](super::rows::SeriesRow) by the fingerprint of its name.
    Series,
}

impl TreeName {
    /// All of them, in the order in which they are numbered.
    pub(super) const ALL: [Self; 7] =
        [Self::Meta, Self::Files, Self::Sessions, Self::Owned, Self::Delivered, Self::Measured, Self::Series];

    /// Its name on disk.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Files => "files",
            Self::Sessions => "sessions",
            Self::Owned => "owned",
            Self::Delivered => "delivered",
            Self::Measured => "measured",
            Self::Series => "series",
        }
    }
}

/// Why a value is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// It is too short to be one of ours.
    #[error("a row is cut short")]
    Short,
    /// The format is unknown, though the state's is known.
    #[error("a row has the unknown format {0}")]
    Version(u8),
    /// The bytes changed.
    #[error("a row's checksum is wrong")]
    Checksum,
    /// The checksum is right and the text makes no sense.
    #[error("a row's text makes no sense")]
    Text,
}

/// Makes a value of what a row says.
pub(super) fn seal(tree: TreeName, key: &[u8], payload: &[u8]) -> Result<Vec<u8>, StoreError> {
    let bytes = HEADER + payload.len();
    if bytes > LARGEST_VALUE {
        let key = format!("{}/{}", tree.name(), String::from_utf8_lossy(key));
        return Err(StoreError::TooLarge { key, bytes, most: LARGEST_VALUE });
    }
    let mut value = Vec::with_capacity(bytes);
    value.push(VERSION);
    value.extend_from_slice(&checksum(tree, key, payload).to_le_bytes());
    value.extend_from_slice(payload);
    Ok(value)
}

/// Takes what a row says out of its value, if it is what was written under this key.
pub(super) fn unseal<'a>(tree: TreeName, key: &[u8], value: &'a [u8]) -> Result<&'a [u8], Unreadable> {
    let (header, payload) = value.split_first_chunk::<HEADER>().ok_or(Unreadable::Short)?;
    let [version, checksum_bytes @ ..] = *header;
    if version != VERSION {
        return Err(Unreadable::Version(version));
    }
    if u32::from_le_bytes(checksum_bytes) != checksum(tree, key, payload) {
        return Err(Unreadable::Checksum);
    }
    Ok(payload)
}

/// The key is covered too, so that a value under another's name is seen.
fn checksum(tree: TreeName, key: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(tree.name().as_bytes());
    hasher.update(&(key.len() as u64).to_le_bytes());
    hasher.update(key);
    hasher.update(&[VERSION]);
    hasher.update(payload);
    hasher.finalize()
}

/// The fingerprint of a whole row, for the sum over all of them.
pub(super) fn print(tree: TreeName, key: &[u8], value: &[u8]) -> u64 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::with_seed(tree as u64);
    hasher.update(&(key.len() as u64).to_le_bytes());
    hasher.update(key);
    hasher.update(value);
    hasher.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_back_under_its_own_name_only() {
        let value = seal(TreeName::Files, b"/a", b"payload").unwrap();
        assert_eq!(unseal(TreeName::Files, b"/a", &value), Ok(&b"payload"[..]));
        assert_eq!(unseal(TreeName::Files, b"/b", &value), Err(Unreadable::Checksum));
        assert_eq!(unseal(TreeName::Sessions, b"/a", &value), Err(Unreadable::Checksum));
        assert_ne!(print(TreeName::Files, b"/a", &value), print(TreeName::Sessions, b"/a", &value));
        assert_ne!(print(TreeName::Files, b"/a", b"bc"), print(TreeName::Files, b"/ab", b"c"));
    }

    #[test]
    fn every_changed_bit_is_seen() {
        let value = seal(TreeName::Files, b"/a", b"payload").unwrap();
        for bit in 0..value.len() * 8 {
            let mut changed = value.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(unseal(TreeName::Files, b"/a", &changed).is_err(), "bit {bit}");
        }
        for len in 0..value.len() {
            assert!(unseal(TreeName::Files, b"/a", &value[..len]).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn what_is_too_large_is_refused_by_name() {
        let most = vec![0; LARGEST_VALUE - HEADER];
        assert_eq!(seal(TreeName::Files, b"/a", &most).unwrap().len(), LARGEST_VALUE);
        let error = seal(TreeName::Sessions, b"one", &vec![0; LARGEST_VALUE]).unwrap_err();
        assert!(error.to_string().contains("sessions/one"), "{error}");
        assert!(!error.is_retryable());
    }
}
