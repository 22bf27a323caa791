//! Looks at a run of bytes at once, and says at which of them something happens.

use wide::u8x16;

/// How many bytes are looked at together: one bit each in a word.
pub(super) const BLOCK: usize = 64;
const LANE: usize = 16;

/// Which bytes of a block are what, the first one in the lowest bit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    pub quotes: u64,
    pub backslashes: u64,
    /// Whether there is any control character, which JSON does not allow in texts.
    pub has_controls: bool,
}

/// The marks of a block.
#[inline]
pub(super) fn marks(block: &[u8; BLOCK]) -> Marks {
    let (lanes, _) = block.as_chunks::<LANE>();
    let (mut quotes, mut backslashes) = (0, 0);
    // Control characters hardly ever occur, so it is enough to know that there are none.
    let mut any_control = u8x16::ZERO;
    for (place, lane) in lanes.iter().enumerate() {
        let lane = u8x16::new(*lane);
        let shift = place * LANE;
        quotes |= u64::from(equal(lane, b'"').to_bitmask()) << shift;
        backslashes |= u64::from(equal(lane, b'\\').to_bitmask()) << shift;
        any_control |= control(lane);
    }
    Marks { quotes, backslashes, has_controls: any_control.to_bitmask() != 0 }
}

/// Where control characters stand in a block.
pub(super) fn controls(block: &[u8; BLOCK]) -> u64 {
    places(block, control)
}

/// Where either of two bytes stands in a block.
#[inline]
pub(super) fn places_of(block: &[u8; BLOCK], [one, other]: [u8; 2]) -> u64 {
    places(block, |lane| equal(lane, one) | equal(lane, other))
}

#[inline]
fn places(block: &[u8; BLOCK], is: impl Fn(u8x16) -> u8x16) -> u64 {
    let (lanes, _) = block.as_chunks::<LANE>();
    let of = |(place, lane): (usize, &[u8; LANE])| u64::from(is(u8x16::new(*lane)).to_bitmask()) << (place * LANE);
    lanes.iter().enumerate().map(of).fold(0, |all, some| all | some)
}

/// The first of a few bytes at which a plain run of text ends, and whether that is a quote; none when it goes on.
#[inline]
pub(super) fn first_stop(lane: &[u8; LANE]) -> Option<(usize, bool)> {
    let lane = u8x16::new(*lane);
    let quotes = equal(lane, b'"');
    let stops = (quotes | equal(lane, b'\\') | control(lane)).to_bitmask();
    (stops != 0).then(|| {
        let first = stops.trailing_zeros();
        (first as usize, quotes.to_bitmask() >> first & 1 == 1)
    })
}

#[inline]
fn equal(lane: u8x16, byte: u8) -> u8x16 {
    lane.simd_eq(u8x16::splat(byte))
}

#[inline]
fn control(lane: u8x16) -> u8x16 {
    lane.min(u8x16::splat(0x1F)).simd_eq(lane)
}

/// The bytes that a backslash stands before, where a backslash that is escaped itself escapes nothing. `carry` says
/// whether the first byte is escaped by the block before, and then whether the first byte of the next one is.
#[inline]
pub(super) fn escaped(backslashes: u64, carry: &mut bool) -> u64 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let carried = u64::from(*carry);
    // One that is escaped itself starts no escape.
    let starts = backslashes & !carried;
    let follows = starts << 1 | carried;
    // Runs that begin at an odd place are carried on by the addition to where they end; what comes out inverts the
    // even places for the length of the run.
    let odd_starts = starts & !EVEN & !follows;
    let (ends, is_carried) = odd_starts.overflowing_add(starts);
    *carry = is_carried;
    (EVEN ^ (ends << 1)) & follows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(bytes: &[u8], carry: bool) -> (Vec<bool>, bool) {
        let mut is_escaped = carry;
        let mut all = Vec::new();
        for byte in bytes {
            all.push(is_escaped);
            is_escaped = !is_escaped && *byte == b'\\';
        }
        (all, is_escaped)
    }

    #[test]
    fn every_run_of_backslashes_escapes_as_reading_them_one_by_one_does() {
        // A small generator of bits of its own, dense in runs.
        let mut state = 7_u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut block = [b'a'; BLOCK];
            for (place, byte) in block.iter_mut().enumerate() {
                if state >> (place % 61) & 1 == 1 {
                    *byte = b'\\';
                }
            }
            for carry in [false, true] {
                let mut carried = carry;
                let found = escaped(marks(&block).backslashes, &mut carried);
                let (all, is_carried) = slow(&block, carry);
                let expected = all.iter().enumerate().fold(0_u64, |sum, (i, is)| sum | u64::from(*is) << i);
                assert_eq!((found, carried), (expected, is_carried), "{:?} {carry}", String::from_utf8_lossy(&block));
            }
        }
    }

    #[test]
    fn marks_stand_where_the_bytes_do() {
        for byte in 0..=255_u8 {
            for place in [0, 15, 16, 63] {
                let mut block = [b'x'; BLOCK];
                block[place] = byte;
                let marks = marks(&block);
                let bit = |is: bool| u64::from(is) << place;
                assert_eq!(marks.quotes, bit(byte == b'"'));
                assert_eq!(marks.backslashes, bit(byte == b'\\'));
                assert_eq!((marks.has_controls, controls(&block)), (byte < 0x20, bit(byte < 0x20)));
                let first = if byte == b'x' { 0 } else { place };
                for pair in [[byte, b'y'], [b'y', byte]] {
                    assert_eq!(
                        places_of(&block, pair).trailing_zeros() as usize,
                        if byte == b'y' { place } else { first }
                    );
                }
            }
        }
    }
}
