//! What somebody may have meant by a name that does not exist.

/// Below this, two names have little in common; the parser of the command line draws the line here too.
const ALIKE: f64 = 0.7;

/// The name that a mistyped one is most like, unless it is like none.
pub(super) fn most_similar<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = known.map(|name| (strsim::jaro_winkler(typed, name), name));
    let best = likeness.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(likeness, _)| *likeness > ALIKE).map(|(_, name)| name)
}

/// The question behind a complaint, with a blank before it; nothing where there is nothing to ask.
pub(super) fn meant(similar: Option<&str>) -> String {
    similar.map_or_else(String::new, |name| format!(" (did you mean {name}?)"))
}
