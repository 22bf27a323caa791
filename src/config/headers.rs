//! A file with headers: a line for each, `NAME=VALUE` or `NAME: VALUE`.

use super::pairs::{self, PairError};

/// What is wrong with such a file; it repeats nothing of it but the line's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}; a line is NAME=VALUE or NAME: VALUE")]
pub struct HeaderError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: PairError,
}

/// Reads headers, each taken as it is; empty lines and lines that begin with `#` say nothing.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, HeaderError> {
    let mut headers = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        // Neither sign can be part of a name.
        let bad = |problem| HeaderError { line, problem };
        let (name, value) = content.split_once(['=', ':']).ok_or(bad(PairError::NoPair(1)))?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return Err(bad(PairError::NoPair(1)));
        }
        pairs::check_header(name, value).map_err(bad)?;
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    Ok(headers)
}

/// In the form of a variable.
pub(super) fn encode(headers: &[(String, String)]) -> String {
    let pairs = headers.iter().map(|(name, value)| format!("{}={}", pairs::encode(name), pairs::encode(value)));
    pairs.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_the_first_sign_separates() {
        let text = "# keys\n\nX-Key=a=b:c\nAuthorization: Basic cGs6c2s=\r\n";
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = parse(text).unwrap();
        assert_eq!(headers, [pair("x-key", "a=b:c"), pair("authorization", "Basic cGs6c2s=")]);
        assert_eq!(pairs::decode(&encode(&headers)).unwrap(), headers);
    }

    #[test]
    fn what_is_no_header_is_named_by_its_line_only() {
        for (text, line) in [("a=b\ns3cret", 2), ("=s3cret", 1), ("s3 cret=a", 1), ("a=s3cret\u{7}", 1)] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.line, line);
            assert!(!error.to_string().contains("s3"), "{error}");
        }
    }
}
