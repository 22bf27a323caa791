//! Texts to cut from, escaped for JSON already, so that a text of any length is one copy of bytes.

use std::fmt::Write as _;

use super::dice::Dice;

pub(crate) const WORDS: [&str; 64] = [
    "account", "after", "batch", "because", "before", "border", "branch", "bridge", "bucket", "cache", "change",
    "check", "client", "closed", "column", "commit", "copy", "cursor", "daemon", "delta", "depth", "each", "empty",
    "error", "every", "field", "first", "folder", "found", "given", "grammar", "handle", "header", "index", "inner",
    "lease", "ledger", "length", "limit", "local", "merge", "meter", "never", "offset", "often", "order", "outer",
    "packet", "parser", "place", "quota", "reader", "record", "retry", "route", "sample", "schema", "shard", "signal",
    "table", "thread", "token", "value", "window",
];

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The kinds of text that transcripts are full of.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Source code and the output of commands.
    pub(crate) code: Lines,
    /// What people and models write.
    pub(crate) prose: Lines,
    /// Files as the reading tool shows them, each line behind its number.
    pub(crate) numbered: Lines,
    /// Pictures and signatures.
    base64: String,
}

/// A long text with the places at which its lines begin.
#[derive(Debug)]
pub(crate) struct Lines {
    text: String,
    starts: Vec<usize>,
}

impl Lines {
    fn of(bytes: usize, mut line: impl FnMut(&mut String)) -> Self {
        let (mut text, mut starts) = (String::with_capacity(bytes + 400), vec![0]);
        while text.len() < bytes {
            line(&mut text);
            starts.push(text.len());
        }
        Self { text, starts }
    }

    /// Whole lines of about so many bytes together.
    pub(crate) fn cut(&self, dice: &mut Dice, bytes: usize) -> &str {
        let room = self.text.len().saturating_sub(bytes + 2_000).max(1) as u64;
        let at = dice.between(0, room) as usize;
        let place = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        let from = self.starts[place.min(self.starts.len() - 2)];
        let end = self.starts.partition_point(|start| *start < from + bytes.max(1)).min(self.starts.len() - 1);
        &self.text[from..self.starts[end]]
    }
}

impl Texts {
    pub(crate) fn new(seed: u64) -> Self {
        let dice = &mut Dice::new(seed ^ 0x7E87);
        let code = Lines::of(1_200_000, |text| code_line(dice, text));
        let prose = Lines::of(1_000_000, |text| sentence(dice, text));
        let mut number = 0;
        let numbered = Lines::of(1_200_000, |text| {
            number = number % 1_800 + 1;
            let _ = write!(text, "{number:>6}\u{2192}");
            code_line(dice, text);
        });
        let base64 = (0..1_500_000).map(|_| char::from(*dice.one_of(BASE64))).collect();
        Self { code, prose, numbered, base64 }
    }

    /// So many characters of base64.
    pub(crate) fn base64(&self, dice: &mut Dice, characters: usize) -> &str {
        let from = dice.between(0, (self.base64.len() - characters) as u64) as usize;
        &self.base64[from..from + characters]
    }
}

fn word(dice: &mut Dice) -> &'static str {
    dice.one_of::<&'static str>(&WORDS)
}

fn sentence(dice: &mut Dice, text: &mut String) {
    match dice.between(0, 20) {
        0..=1 => text.push_str("### "),
        2..=4 => {
            let _ = write!(text, "- `{}::{}` ", word(dice), word(dice));
        }
        5 => text.push_str("\u{2713} \u{201c}So far\u{201d} \u{2014} "),
        _ => {}
    }
    for place in 0..dice.between(5, 36) {
        let _ = write!(text, "{}{}", if place == 0 { "" } else { " " }, word(dice));
    }
    text.push_str(".\\n");
}

/// Code is dense in what JSON escapes: quotes, backslashes, tabs.
fn code_line(dice: &mut Dice, text: &mut String) {
    let (a, b, c, n) = (word(dice), word(dice), word(dice), dice.between(1, 999));
    let _ = match dice.between(0, 14) {
        0 => write!(text, "fn {a}_{b}({c}: &str) -> Option<usize> {{"),
        1 => write!(text, "    let {a} = {b}.get(\\\"{c}\\\").unwrap_or(&{n});"),
        2 => write!(text, "\\t\\t\\\"{a}\\\": \\\"{b}\\\", // {c}"),
        3 => write!(text, "        return f(\\\"{a}\\\", [{n}, \\\"{b}\\\"])"),
        4 => write!(text, "    for {a} in {b}.iter().filter(|{c}| {c}.len() > {n}) {{"),
        5 => write!(text, "/{a}/{b}/{c}.rs:{n}:{n}: warning: unused variable"),
        6 => write!(text, "-rw-r--r--  1 dev dev {n:>8} Mar  4 11:{:02} {a}-{b}.{c}", n % 60),
        7 => write!(text, "test {a}::{b}_{c} ... ok"),
        8 => write!(text, "  <li class=\\\"{a} {b}\\\" id=\\\"{c}-{n}\\\">{a}</li>"),
        9 => write!(text, "    }}"),
        10 => Ok(()),
        11 => write!(text, "const {a} = require(\\\"./{b}\\\").{c}({n});"),
        12 => write!(text, "# {a} {b} {c} {n}"),
        _ => write!(text, "    assert_eq!({a}.{b}({n}), \\\"{c}\\\\n\\\");"),
    };
    text.push_str("\\n");
}
