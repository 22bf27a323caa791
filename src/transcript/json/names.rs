//! Tells a key from many others in one step.

/// Places in the table: so many that a seed under which no two names meet is found soon.
const PLACES: usize = 2048;

/// The names of a record's fields, found by a hash under which no two of them meet.
#[derive(Debug)]
pub(in crate::transcript) struct Names<F: 'static, const N: usize> {
    known: [(&'static str, F); N],
    seed: u32,
    /// One more than the place among the names; 0 where there is none.
    places: [u8; PLACES],
}

impl<F: Copy, const N: usize> Names<F, N> {
    /// Builds the table while the program is compiled.
    pub(in crate::transcript) const fn new(names: [(&'static str, F); N]) -> Self {
        assert!(N < 256, "a place is a byte");
        let mut seed = 0;
        while seed < 64 {
            if let Some(places) = Self::table(&names, seed) {
                return Self { known: names, seed, places };
            }
            seed += 1;
        }
        panic!("two names of a record look the same to the hash");
    }

    const fn table(names: &[(&'static str, F); N], seed: u32) -> Option<[u8; PLACES]> {
        let mut places = [0; PLACES];
        let mut at = 0;
        while at < N {
            let hash = hash(names[at].0.as_bytes(), seed);
            if places[hash] != 0 {
                return None;
            }
            places[hash] = at as u8 + 1;
            at += 1;
        }
        Some(places)
    }

    /// The field of a name.
    #[inline]
    pub(in crate::transcript) fn find(&self, name: &str) -> Option<F> {
        let place = self.places.get(hash(name.as_bytes(), self.seed)).copied().unwrap_or_default();
        let (own, field) = self.known.get(usize::from(place).checked_sub(1)?)?;
        (*own == name).then_some(*field)
    }
}

/// Mixes the length with the first, the middle and the last bytes, which tell the names of every record apart.
#[inline]
const fn hash(name: &[u8], seed: u32) -> usize {
    let len = name.len();
    let bytes = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => {
            // Up to sixteen bytes these two are all of it; of longer names the middle counts too.
            let (before, after) = if len > 16 { name.split_at(len / 2) } else { (name, name) };
            u64::from_le_bytes(*first)
                ^ u64::from_le_bytes(*last).rotate_left(23)
                ^ word(before.last_chunk()).rotate_left(41)
                ^ word(after.first_chunk()).rotate_left(53)
        }
        _ => match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => (u32::from_le_bytes(*first) as u64) << 32 | u32::from_le_bytes(*last) as u64,
            _ => match (name.first(), name.last()) {
                (Some(first), Some(last)) => (*first as u64) << 16 | (name[len / 2] as u64) << 8 | *last as u64,
                _ => 0,
            },
        },
    };
    let mixed = (bytes ^ (len as u64) << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ (seed as u64) << 17);
    (mixed >> 53) as usize
}

#[inline]
const fn word(bytes: Option<&[u8; 8]>) -> u64 {
    match bytes {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => 0,
    }
}
