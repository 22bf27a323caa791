//! Chance that can be repeated: the same seed throws the same on every machine.

/// A generator of numbers (`SplitMix64`).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to 1.
    pub(crate) fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of this probability happens.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.part() < probability
    }

    /// A number from `from` to below `end`.
    pub(crate) fn between(&mut self, from: u64, end: u64) -> u64 {
        from + self.next() % (end - from).max(1)
    }

    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.between(0, all.len() as u64) as usize]
    }

    /// One of several things, each as often as its weight says.
    pub(crate) fn weighted<'a, T>(&mut self, all: &'a [(T, f64)]) -> &'a T {
        let mut rest = self.part() * all.iter().map(|(_, weight)| weight).sum::<f64>();
        for (thing, weight) in all {
            rest -= weight;
            if rest < 0.0 {
                return thing;
            }
        }
        &all[all.len() - 1].0
    }

    /// A size around a median: sizes of texts, pauses and counts are spread over decades.
    ///
    /// The normal distribution is the sum of twelve even ones, since logarithms may differ between machines in their
    /// last bit and the same seed has to give the same bytes.
    pub(crate) fn size(&mut self, median: f64, spread: f64, (least, most): (u64, u64)) -> usize {
        let normal = (0..12).map(|_| self.part()).sum::<f64>() - 6.0;
        let size = median * power_of_e(normal * spread);
        (size as u64).clamp(least, most) as usize
    }

    /// So many hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        let mut text = format!("{:016x}{:016x}", self.next(), self.next());
        text.truncate(digits);
        text
    }

    /// So many characters as ids of the service have them.
    pub(crate) fn letters(&mut self, count: usize) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..count).map(|_| char::from(*self.one_of(ALPHABET))).collect()
    }

    pub(crate) fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
}

/// The exponential function by additions and multiplications alone, which are the same everywhere.
fn power_of_e(exponent: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    let small = exponent / 64.0;
    for step in 1..12 {
        term *= small / f64::from(step);
        sum += term;
    }
    (0..6).fold(sum, |value, _| value * value)
}
