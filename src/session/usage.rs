//! Token counts, exact and addable.

use std::ops::AddAssign;

use crate::transcript::entry::LineUsage;

/// The tokens of one call, or of many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// Input tokens that no cache held.
    pub input: u64,
    /// Output tokens, thinking included.
    pub output: u64,
    /// Input tokens read from the cache.
    pub cache_read: u64,
    /// Input tokens written to the cache.
    pub cache_creation: u64,
    /// Of these, the ones kept five minutes.
    pub cache_creation_5m: u64,
    /// Of these, the ones kept an hour.
    pub cache_creation_1h: u64,
    /// Of the output, the tokens of thinking, where a line says so.
    pub thinking: Option<u64>,
    /// Web searches made by the server.
    pub web_searches: u64,
}

impl TokenUsage {
    /// Takes the greater number of each kind: all lines of one response repeat its usage, some of them too early.
    pub fn raise_to(&mut self, line: &LineUsage) {
        self.raise_to_usage(&Self::from(line));
    }

    /// The same for another copy of the response.
    pub fn raise_to_usage(&mut self, other: &Self) {
        self.input = self.input.max(other.input);
        self.output = self.output.max(other.output);
        self.cache_read = self.cache_read.max(other.cache_read);
        self.cache_creation = self.cache_creation.max(other.cache_creation);
        self.cache_creation_5m = self.cache_creation_5m.max(other.cache_creation_5m);
        self.cache_creation_1h = self.cache_creation_1h.max(other.cache_creation_1h);
        self.thinking = self.thinking.max(other.thinking);
        self.web_searches = self.web_searches.max(other.web_searches);
    }

    /// Everything that went into the model: the conventions say that the parts must be summed.
    pub const fn total_input(&self) -> u64 {
        self.input + self.cache_read + self.cache_creation
    }

    /// What `self` has more than `seen`, kind by kind; `None` when it has less of any kind.
    pub fn checked_sub(&self, seen: &Self) -> Option<Self> {
        Some(Self {
            input: self.input.checked_sub(seen.input)?,
            output: self.output.checked_sub(seen.output)?,
            cache_read: self.cache_read.checked_sub(seen.cache_read)?,
            cache_creation: self.cache_creation.checked_sub(seen.cache_creation)?,
            cache_creation_5m: self.cache_creation_5m.checked_sub(seen.cache_creation_5m)?,
            cache_creation_1h: self.cache_creation_1h.checked_sub(seen.cache_creation_1h)?,
            thinking: None,
            web_searches: self.web_searches.checked_sub(seen.web_searches)?,
        })
    }
}

impl From<&LineUsage> for TokenUsage {
    fn from(line: &LineUsage) -> Self {
        let (five, hour) = (line.cache_creation_5m.unwrap_or(0), line.cache_creation_1h.unwrap_or(0));
        Self {
            input: line.input.unwrap_or(0),
            output: line.output.unwrap_or(0),
            cache_read: line.cache_read.unwrap_or(0),
            // Older clients wrote 0 here when a backend sent only the nested numbers.
            cache_creation: line.cache_creation.unwrap_or(0).max(five.saturating_add(hour)),
            cache_creation_5m: five,
            cache_creation_1h: hour,
            thinking: line.thinking,
            web_searches: line.web_searches.unwrap_or(0),
        }
    }
}

impl AddAssign<&Self> for TokenUsage {
    fn add_assign(&mut self, other: &Self) {
        self.input += other.input;
        self.output += other.output;
        self.cache_read += other.cache_read;
        self.cache_creation += other.cache_creation;
        self.cache_creation_5m += other.cache_creation_5m;
        self.cache_creation_1h += other.cache_creation_1h;
        self.thinking = match (self.thinking, other.thinking) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0) + b.unwrap_or(0)),
        };
        self.web_searches += other.web_searches;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(input: u64, output: u64) -> LineUsage {
        LineUsage { input: Some(input), output: Some(output), ..LineUsage::default() }
    }

    #[test]
    fn lines_of_one_response_raise_its_usage_and_never_add_to_it() {
        let mut usage = TokenUsage::default();
        for line in [line(10, 1), line(10, 50), line(9, 2)] {
            usage.raise_to(&line);
        }
        assert_eq!((usage.input, usage.output), (10, 50));
    }

    #[test]
    fn cache_writes_are_known_from_their_lifetimes_too() {
        let nested = LineUsage {
            cache_creation: Some(0),
            cache_creation_5m: Some(30),
            cache_creation_1h: Some(12),
            ..LineUsage::default()
        };
        assert_eq!(TokenUsage::from(&nested).cache_creation, 42);
        let flat = LineUsage { cache_creation: Some(50), ..nested };
        assert_eq!(TokenUsage::from(&flat).cache_creation, 50);
    }

    #[test]
    fn less_than_nothing_is_left_of_nothing() {
        let (more, less) = (TokenUsage::from(&line(5, 5)), TokenUsage::from(&line(5, 4)));
        assert_eq!(more.checked_sub(&less).map(|rest| rest.output), Some(1));
        assert_eq!(less.checked_sub(&more), None);
    }
}
