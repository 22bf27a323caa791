//! One line of the waterfall: where an item hangs, its name, its bar, and its figures.

use crate::cli::draw::bar::{Axis, Stretch};
use crate::cli::draw::paint::{Ink, Paint};
use crate::cli::draw::width::{cut, left, plain, right, width};
use crate::cli::draw::{Canvas, money, output, percent};
use crate::cli::words::{brief, shortened, took};
use crate::view::item::{Item, ItemKind, Standing};

/// The narrowest bar that still says something, and the widest one that is of use.
const BAR: (usize, usize) = (16, 80);
/// Of what the figures leave over, names get so many hundredths.
const NAMES_PERCENT: usize = 55;
/// Branches of a tree deeper than this are drawn at this depth.
const DEEPEST: usize = 12;

/// Figures at the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    At,
    Took,
    Mark,
    Input,
    Output,
    Cached,
    Cost,
}

impl Figure {
    const fn title(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::Took => "took",
            Self::Mark => "",
            Self::Input => "in",
            Self::Output => "out",
            Self::Cached => "cached",
            Self::Cost => "cost",
        }
    }

    const fn columns(self) -> usize {
        match self {
            Self::At | Self::Took => 7,
            Self::Mark => 1,
            Self::Input => 5,
            Self::Output | Self::Cached => 6,
            Self::Cost => 8,
        }
    }

    fn of(self, item: &Item, axis: Axis) -> String {
        let about = |is_inexact: bool| if is_inexact { "~" } else { "" };
        let times = &item.times;
        match self {
            Self::At => format!("{}{}", about(times.is_start_inexact), took(times.start_unix_ms - axis.start)),
            Self::Took => {
                let is_inexact = times.is_start_inexact || times.is_end_inexact;
                format!("{}{}", about(is_inexact && !item.is_running()), took(times.duration()))
            }
            Self::Mark => mark(item.standing).to_owned(),
            Self::Input => item.tokens.map_or_else(String::new, |tokens| brief(tokens.total_input())),
            Self::Output => item.tokens.as_ref().map_or_else(String::new, output),
            Self::Cached => item.tokens.map_or_else(String::new, |tokens| percent(tokens.cache_hit_ratio())),
            Self::Cost => item.cost.as_ref().map_or_else(String::new, money),
        }
    }
}

/// How wide everything is.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub names: usize,
    pub bar: usize,
    figures: Vec<Figure>,
    paint: Paint,
}

impl Layout {
    pub(super) fn of(canvas: Canvas) -> Self {
        let mut figures = vec![Figure::At, Figure::Took, Figure::Mark];
        if canvas.columns >= 110 {
            figures.push(Figure::Input);
        }
        if canvas.columns >= 72 {
            figures.push(Figure::Output);
        }
        if canvas.columns >= 120 {
            figures.push(Figure::Cached);
        }
        figures.push(Figure::Cost);
        let taken: usize = figures.iter().map(|figure| figure.columns() + 1).sum();
        let rest = canvas.columns.saturating_sub(taken + 1);
        let bar = (rest * (100 - NAMES_PERCENT) / 100).clamp(BAR.0, BAR.1);
        Self { names: rest.saturating_sub(bar).max(8), bar, figures, paint: canvas.paint }
    }

    /// The axis, and what the figures are.
    pub(super) fn heading(&self, axis: Axis) -> String {
        let end = took(axis.end - axis.start);
        let scale = format!("0{}", right(&end, self.bar.saturating_sub(1)));
        let figures = self
            .figures
            .iter()
            .fold(String::new(), |line, figure| format!("{line} {}", right(figure.title(), figure.columns())));
        self.paint.text(Ink::Faint, &format!("{} {scale}{figures}", " ".repeat(self.names)))
    }

    /// The line of an item. `branch` is the tree before its name.
    pub(super) fn line(&self, item: &Item, branch: &str, axis: Axis) -> String {
        let name = self.name(item, branch);
        let bar = axis.draw(Stretch {
            start: item.times.start_unix_ms,
            end: item.times.end_unix_ms,
            is_start_inexact: item.times.is_start_inexact,
            is_end_inexact: item.times.is_end_inexact,
            is_open: item.is_running(),
        });
        let bar = self.paint.text(bar_ink(item), &left(&bar, self.bar));
        let mut line = format!("{name} {bar}");
        for figure in &self.figures {
            let text = right(&figure.of(item, axis), figure.columns());
            let ink = if *figure == Figure::Mark { mark_ink(item.standing) } else { Ink::Plain };
            line.push(' ');
            line.push_str(&self.paint.text(ink, &text));
        }
        line.truncate(line.trim_end().len());
        line
    }

    /// The tree, the name, and as much of what it is about as there is room for.
    fn name(&self, item: &Item, branch: &str) -> String {
        let room = self.names.saturating_sub(width(branch));
        let name = plain(&item.name);
        let name = match item.kind {
            ItemKind::Turn => "turn".into(),
            ItemKind::Compaction => format!("compaction ({name})").into(),
            ItemKind::Hook => format!("hook {name}").into(),
            ItemKind::LlmCall | ItemKind::Tool | ItemKind::Agent => name,
        };
        // The end of a long name tells more than its middle: tools of servers begin alike.
        let name = shortened(&name, room);
        let name = cut(&name, room);
        // A turn's prompt and a model's answer have lines of their own.
        let about = item.summary.as_deref().filter(|_| !matches!(item.kind, ItemKind::Turn | ItemKind::LlmCall));
        let room = room.saturating_sub(width(&name));
        let about = about.map(plain).filter(|about| !about.is_empty() && room > 4);
        let about = about.map_or_else(String::new, |about| format!(" {}", cut(&about, room - 1)));
        let filled = " ".repeat(room.saturating_sub(width(&about)));
        let ink = if item.standing == Standing::Failed { Ink::Bad } else { kind_ink(item.kind) };
        let (branch, name) = (self.paint.text(Ink::Faint, branch), self.paint.text(ink, &name));
        format!("{branch}{name}{}{filled}", self.paint.text(Ink::Faint, &about))
    }
}

/// The lines of the tree before a name. `lasts` says of each level below the top whether it ends there.
pub(super) fn branch(lasts: &[bool]) -> String {
    let Some((is_last, above)) = lasts.split_last() else { return String::new() };
    let above = above.iter().take(DEEPEST).map(|is_last| if *is_last { "  " } else { "│ " });
    above.collect::<String>() + if *is_last { "└ " } else { "├ " }
}

/// How an item ended, in one character.
const fn mark(standing: Standing) -> &'static str {
    match standing {
        Standing::Running => "▸",
        Standing::Done => "✓",
        Standing::Failed => "✗",
        Standing::Stopped => "⊘",
        Standing::Unknown => "?",
    }
}

const fn mark_ink(standing: Standing) -> Ink {
    match standing {
        Standing::Running => Ink::Live,
        Standing::Done => Ink::Faint,
        Standing::Failed => Ink::Bad,
        Standing::Stopped | Standing::Unknown => Ink::Warning,
    }
}

const fn kind_ink(kind: ItemKind) -> Ink {
    match kind {
        ItemKind::Turn => Ink::Strong,
        ItemKind::LlmCall => Ink::Model,
        ItemKind::Tool => Ink::Tool,
        ItemKind::Agent => Ink::Agent,
        ItemKind::Compaction | ItemKind::Hook => Ink::Warning,
    }
}

const fn bar_ink(item: &Item) -> Ink {
    match (item.standing, item.kind) {
        (Standing::Failed, _) => Ink::Bad,
        (Standing::Running, _) => Ink::Live,
        (_, ItemKind::Turn) => Ink::Plain,
        (_, kind) => kind_ink(kind),
    }
}
