//! What a pattern cannot say: whether a match looks like a secret, and where one may begin.

/// What may stand before a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    /// Anything: the word is a part of a longer name.
    Any,
    /// No letter or digit, unless it ends an escape (`\n`, `%20`).
    Edge,
    /// Digits that are a part of it, so many at least.
    Digits(usize),
}

/// What a match has to be beside matching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Nothing.
    None,
    /// A value, not the place of one (`${PASSWORD}`, `<password>`, `***`).
    Value,
    /// A value with a digit or a mark and a letter: `password=string` in a signature is none.
    Password,
    /// A value with a digit, which prose about tokens lacks.
    Digit,
    /// A value as random as keys are.
    Random,
}

impl Lead {
    /// Where a match begins whose word stands at `place`; none when it cannot be one.
    pub(super) fn begin(self, text: &[u8], place: usize) -> Option<usize> {
        let before = text.get(..place)?;
        match self {
            Self::Any => Some(place),
            Self::Edge => is_edge(before).then_some(place),
            Self::Digits(least) => {
                let digits = before.iter().rev().take(20).take_while(|byte| byte.is_ascii_digit()).count();
                let begin = place - digits;
                (digits >= least && is_edge(before.get(..begin)?)).then_some(begin)
            }
        }
    }
}

fn is_edge(before: &[u8]) -> bool {
    match before {
        [.., last] if !last.is_ascii_alphanumeric() => true,
        [] | [.., b'\\', b'n' | b't' | b'r'] => true,
        [.., b'%', high, low] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    }
}

impl Check {
    /// Whether the bytes can be a secret.
    pub(super) fn allows(self, secret: &[u8]) -> bool {
        let has = |is: fn(&u8) -> bool| secret.iter().any(is);
        match self {
            Self::None => true,
            Self::Value => !is_placeholder(secret),
            Self::Password => {
                let is_mixed = has(u8::is_ascii_alphabetic) && !secret.iter().all(u8::is_ascii_alphabetic);
                let is_digits = secret.iter().all(u8::is_ascii_digit);
                (is_mixed || is_digits)
                    && has(|byte| byte.is_ascii_digit() || b"!@#%^&*?~+".contains(byte))
                    && !is_placeholder(secret)
                    && !is_code(secret)
            }
            Self::Digit => has(u8::is_ascii_digit) && !is_placeholder(secret),
            Self::Random => {
                let digits = secret.iter().filter(|byte| byte.is_ascii_digit()).count();
                digits >= 2 && has(u8::is_ascii_alphabetic) && !is_placeholder(secret) && bits_per_byte(secret) >= 3.0
            }
        }
    }
}

/// Whether it is the place where a value is put in.
fn is_placeholder(secret: &[u8]) -> bool {
    let starts = [&b"${"[..], b"$(", b"{{", b"<", b"%(", b"%s", b"{}", b"process.", b"os.", b"env."];
    starts.iter().any(|start| secret.starts_with(start))
        || secret.strip_prefix(b"$").is_some_and(|name| name.iter().all(|b| b.is_ascii_uppercase() || *b == b'_'))
        || secret.strip_prefix(b"{").is_some_and(|rest| rest.ends_with(b"}"))
        || secret.iter().all(|byte| b"*x.X-_".contains(byte))
}

/// Whether it is an expression of a program: `self.password2`, `get_password(1)`.
fn is_code(secret: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.()[]".contains(byte);
    let is_call = secret.contains(&b'(')
        || secret.windows(2).any(|pair| matches!(pair, [b'.', next] if next.is_ascii_alphabetic()));
    is_call && secret.iter().all(is_name)
}

/// Shannon's entropy. A key of 24 random letters and digits has 4 or so, a name of that length 3 or less.
fn bits_per_byte(secret: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in secret {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let all = secret.len() as f64;
    let part = |count: &u32| {
        let share = f64::from(*count) / all;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_begins_at_an_edge_or_behind_an_escape() {
        for (text, is_begin) in
            [("key", true), (" key", true), ("_key", true), ("\\nkey", true), ("%3Akey", true), ("nkey", false)]
        {
            let place = text.find("key").unwrap();
            assert_eq!(Lead::Edge.begin(text.as_bytes(), place).is_some(), is_begin, "{text}");
        }
        assert_eq!(Lead::Digits(3).begin(b"a 1234:", 6), Some(2));
        assert_eq!(Lead::Digits(3).begin(b"a12345:", 6), None);
        assert_eq!(Lead::Digits(3).begin(b"12:", 2), None);
    }

    #[test]
    fn places_of_values_and_code_are_no_passwords() {
        for none in [
            "${DB_PASSWORD1}",
            "<password1>",
            "$DB_PASSWORD",
            "********",
            "string",
            "self.password2",
            "get_password(1)",
        ] {
            assert!(!Check::Password.allows(none.as_bytes()), "{none}");
        }
        for one in ["hunter2", "123456789", "correct!horse", "a.b-c1#"] {
            assert!(Check::Password.allows(one.as_bytes()), "{one}");
        }
    }
}
