//! What stands in the place of a secret, and how it is known again.

use hashbrown::HashSet;

const MASK: &str = "[REDACTED:";
const HASH: &str = "[HASH:";

/// The mark of a rule that masks.
pub(super) fn masked(id: &str) -> String {
    format!("{MASK}{id}]")
}

/// The mark of a rule that hashes.
pub(super) fn hashed(id: &str, hash: &str) -> String {
    format!("{HASH}{id}:{hash}]")
}

/// The marks in a text, in order, as ranges. Only what names a known rule is a mark: anything else in brackets may
/// hold a secret.
pub(super) fn find(text: &str, ids: &HashSet<String>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text.get(from..).and_then(|rest| memchr::memchr(b'[', rest.as_bytes())) {
        let start = from + open;
        let rest = text.get(start..).unwrap_or_default();
        match length(rest, ids) {
            Some(length) => {
                found.push((start, start + length));
                from = start + length;
            }
            None => from = start + 1,
        }
    }
    found
}

fn length(text: &str, ids: &HashSet<String>) -> Option<usize> {
    let (inside, is_hash) = match text.strip_prefix(MASK) {
        Some(inside) => (inside, false),
        None => (text.strip_prefix(HASH)?, true),
    };
    let (inside, _) = inside.split_once(']')?;
    let id = if is_hash {
        let (id, hash) = inside.rsplit_once(':')?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        Some(id).filter(|_| hash.len() == 16 && hash.bytes().all(is_digit))?
    } else {
        inside
    };
    let before = if is_hash { HASH } else { MASK }.len();
    ids.contains(id).then_some(before + inside.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_rules_leave_marks() {
        let ids = HashSet::from(["jwt".to_owned()]);
        let text = "a [REDACTED:jwt] [REDACTED:other] [HASH:jwt:0123456789abcdef] [HASH:jwt:secret]";
        let marks: Vec<_> = find(text, &ids).into_iter().map(|(start, end)| &text[start..end]).collect();
        assert_eq!(marks, ["[REDACTED:jwt]", "[HASH:jwt:0123456789abcdef]"]);
    }
}
