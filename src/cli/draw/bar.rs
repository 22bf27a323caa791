//! Bars: of shares, and of stretches on an axis of time.

const FROM_LEFT: [&str; 8] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

/// A share of a whole as a bar that is as long as so many columns when it is all of it.
pub(in crate::cli) fn share(part: f64, whole: f64, columns: usize) -> String {
    if whole <= 0.0 || part <= 0.0 {
        return String::new();
    }
    let eighths = ((part / whole).min(1.0) * columns as f64 * 8.0).round() as usize;
    let rest = (eighths % 8).checked_sub(1).and_then(|place| FROM_LEFT.get(place)).copied().unwrap_or_default();
    let bar = "█".repeat(eighths / 8) + rest;
    // What is there at all is seen.
    if bar.is_empty() { "▏".to_owned() } else { bar }
}

/// A stretch of time as it is drawn.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Stretch {
    /// The start.
    pub start: i64,
    /// The end.
    pub end: i64,
    /// Whether no line says when it began.
    pub is_start_inexact: bool,
    /// Whether no line says when it ended.
    pub is_end_inexact: bool,
    /// Whether it is going on.
    pub is_open: bool,
}

/// An axis of time on so many columns.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Axis {
    /// Where it begins.
    pub start: i64,
    /// Where it ends.
    pub end: i64,
    /// Its columns.
    pub columns: usize,
}

impl Axis {
    /// The eighth of a column that a time falls into.
    fn eighth(&self, time: i64) -> usize {
        let length = (self.end - self.start).max(1) as f64;
        let share = ((time - self.start) as f64 / length).clamp(0.0, 1.0);
        (share * (self.columns * 8) as f64).round() as usize
    }

    /// A stretch on the axis: spaces before it, and nothing behind it. Inexact ends are shaded, what is open ends in an
    /// arrow.
    pub(in crate::cli) fn draw(&self, stretch: Stretch) -> String {
        let (mut from, mut to) = (self.eighth(stretch.start), self.eighth(stretch.end));
        // What took hardly any time is seen all the same, and inside of the axis.
        if to == from {
            from = from.min(self.columns * 8 - 1);
            to = from + 1;
        }
        let (first, last) = (from / 8, (to - 1) / 8);
        let mut cells: Vec<&str> = Vec::with_capacity(last + 1 - first);
        for column in first..=last {
            let (left, right) = (from.saturating_sub(column * 8), (to - column * 8).min(8));
            cells.push(match (left, right) {
                (0, 8) => "█",
                (0, right) => FROM_LEFT.get(right - 1).copied().unwrap_or("█"),
                // There are blocks for eighths from the left only; from the right, a half and an eighth.
                (left, 8) if left <= 2 => "█",
                (left, 8) if left <= 5 => "▐",
                (_, 8) => "▕",
                _ => "▏",
            });
        }
        let count = cells.len();
        if stretch.is_start_inexact
            && let Some(cell) = cells.first_mut()
        {
            *cell = "░";
        }
        if stretch.is_end_inexact
            && !stretch.is_open
            && (count > 1 || !stretch.is_start_inexact)
            && let Some(cell) = cells.last_mut()
        {
            *cell = "░";
        }
        let arrow = if stretch.is_open && last + 1 < self.columns { "▸" } else { "" };
        if stretch.is_open
            && arrow.is_empty()
            && let Some(cell) = cells.last_mut()
        {
            *cell = "▸";
        }
        format!("{}{}{arrow}", " ".repeat(first), cells.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXIS: Axis = Axis { start: 1_000, end: 1_800, columns: 10 };

    fn stretch(start: i64, end: i64) -> Stretch {
        Stretch { start, end, is_start_inexact: false, is_end_inexact: false, is_open: false }
    }

    #[test]
    fn shares_are_drawn_to_an_eighth() {
        assert_eq!(share(1.0, 2.0, 8), "████");
        assert_eq!(share(3.0, 16.0, 4), "▊");
        assert_eq!(share(5.0, 4.0, 2), "██");
        assert_eq!(
            (share(0.001, 4.0, 2), share(0.0, 4.0, 2), share(1.0, 0.0, 2)),
            ("▏".into(), String::new(), String::new())
        );
    }

    #[test]
    fn stretches_stand_where_they_were() {
        assert_eq!(AXIS.draw(stretch(1_000, 1_800)), "██████████");
        assert_eq!(AXIS.draw(stretch(1_080, 1_200)), " █▌");
        assert_eq!(AXIS.draw(stretch(1_120, 1_240)), " ▐█");
        assert_eq!(AXIS.draw(stretch(1_800, 1_800)), "         ▕");
        assert_eq!(AXIS.draw(stretch(1_400, 1_400)), "     ▏");
        assert_eq!(AXIS.draw(stretch(0, 9_000)), "██████████");
    }

    #[test]
    fn ends_that_are_not_exact_are_shaded_and_open_ones_are_arrows() {
        let inexact =
            |is_start_inexact, is_end_inexact| Stretch { is_start_inexact, is_end_inexact, ..stretch(1_080, 1_320) };
        assert_eq!(AXIS.draw(inexact(true, false)), " ░██");
        assert_eq!(AXIS.draw(inexact(true, true)), " ░█░");
        assert_eq!(AXIS.draw(Stretch { is_start_inexact: true, is_end_inexact: true, ..stretch(1_080, 1_090) }), " ░");
        assert_eq!(AXIS.draw(Stretch { is_open: true, ..stretch(1_080, 1_240) }), " ██▸");
        assert_eq!(AXIS.draw(Stretch { is_open: true, ..stretch(1_640, 1_800) }), "        █▸");
    }
}
