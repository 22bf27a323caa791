//! Just enough reading of Rust to know which paths a file names.

/// Replaces comments and the insides of strings and characters by blanks; lines stay where they are.
pub(super) fn blanked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match (chars[at], chars.get(at + 1)) {
            ('/', Some('/')) => chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |len| at + len),
            ('/', Some('*')) => end_of_block_comment(&chars, at),
            ('"', _) => end_of_string(&chars, at),
            ('r', Some('"' | '#')) if starts_word(&chars, at) => end_of_raw_string(&chars, at).unwrap_or(at),
            ('\'', Some('\\')) => end_of_escaped_char(&chars, at),
            ('\'', Some(_)) if chars.get(at + 2) == Some(&'\'') => at + 3,
            _ => at,
        };
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// A raw string may be one of bytes, so that a lone `b` before it belongs to it.
fn starts_word(chars: &[char], at: usize) -> bool {
    let before = |distance: usize| at.checked_sub(distance).map(|index| chars[index]);
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    !is_word(before(1)) || (before(1) == Some('b') && !is_word(before(2)))
}

fn end_of_block_comment(chars: &[char], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn end_of_string(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn end_of_escaped_char(chars: &[char], start: usize) -> usize {
    // The character after the backslash may itself be a quote.
    let rest = chars.get(start + 3..).unwrap_or_default();
    rest.iter().position(|c| *c == '\'').map_or(chars.len(), |len| start + 3 + len + 1)
}

/// Returns none for a raw identifier such as `r#type`.
fn end_of_raw_string(chars: &[char], start: usize) -> Option<usize> {
    let hashes = chars[start + 1..].iter().take_while(|c| **c == '#').count();
    let open = start + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = &chars[open + 1..];
    let len = body.windows(closing.len()).position(|window| window == closing).unwrap_or(body.len());
    Some((open + 1 + len + closing.len()).min(chars.len()))
}

/// Takes out the modules of tests from text that was blanked.
pub(super) fn without_tests(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut lines = code.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim_end() != "#[cfg(test)]" {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        while lines.next_if(|line| line.starts_with("#[")).is_some() {}
        match lines.peek() {
            // A formatted file closes a module that begins in the first column in the first column.
            Some(line) if line.starts_with("mod ") && line.trim_end().ends_with('{') => {
                let _closing = lines.find(|line| line.trim_end() == "}");
            }
            Some(line) if line.starts_with("mod ") => {
                lines.next();
            }
            // Whatever else is there only for tests is held to the rules all the same.
            _ => {}
        }
    }
    out
}

/// A path as it is named in code, with groups of `use` taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) segments: Vec<String>,
    /// What follows: `!` for a macro, `(` for a call, `*` for everything in it.
    pub(super) follows: Option<char>,
}

/// Lists every path that the code names, single words included.
pub(super) fn named_paths(code: &str) -> Vec<Named> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = path(&tokens, at, &[], &mut found);
    }
    found
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Colons,
    Other(char),
}

fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = code.chars().peekable();
    let mut after_blank = true;
    while let Some(c) = chars.next() {
        let was_after_blank = std::mem::replace(&mut after_blank, c.is_whitespace());
        if c.is_alphanumeric() || c == '_' {
            let mut word = String::from(c);
            while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                word.push(c);
            }
            tokens.push(Token::Word(word));
        } else if c == ':' && chars.next_if_eq(&':').is_some() {
            // A path that begins with colons is none of the word before it, as in `use ::std::fs`.
            if was_after_blank {
                tokens.push(Token::Other(' '));
            }
            tokens.push(Token::Colons);
        } else if !c.is_whitespace() {
            tokens.push(Token::Other(c));
        }
    }
    tokens
}

/// Reads the path that begins at `at`, if one does, and returns where to go on.
fn path(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    let mut segments = prefix.to_vec();
    if tokens.get(at) == Some(&Token::Colons) {
        at += 1;
    }
    while let Some(Token::Word(word)) = tokens.get(at) {
        segments.push(word.clone());
        at += 1;
        if tokens.get(at) != Some(&Token::Colons) {
            break;
        }
        at += 1;
    }
    if segments.len() == prefix.len() {
        if tokens.get(at) == Some(&Token::Other('*')) && !prefix.is_empty() {
            found.push(Named { segments, follows: Some('*') });
        }
        return at + 1;
    }
    let follows = match tokens.get(at) {
        Some(Token::Other(c)) => Some(*c),
        _ => None,
    };
    let ends_in_colons = at > 0 && tokens[at - 1] == Token::Colons;
    if !(ends_in_colons && follows == Some('{')) {
        found.push(Named { segments, follows });
        return at;
    }
    at += 1;
    while at < tokens.len() && tokens[at] != Token::Other('}') {
        at = path(tokens, at, &segments, found);
    }
    at + 1
}
