//! Names of models, as the API, clouds and gateways write them.

use std::borrow::Cow;

/// Where a call was made, as far as a price may depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    /// Where the list price holds.
    Named,
    /// In one region or a group of them, for which clouds ask more.
    Regional,
    /// Through a cloud, and nothing says where.
    Unknown,
    /// Where no price is known.
    Unpriced,
}

/// Groups of regions in the names of Amazon's inference profiles.
const REGIONS: [&str; 6] = ["us", "eu", "apac", "au", "jp", "ca"];

/// A model's name in the forms in which a table may have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ModelName<'a> {
    /// As it was written, in small letters and without a suffix in brackets.
    pub full: Cow<'a, str>,
    /// Without provider, region, date and revision: `claude-sonnet-4-5`.
    pub plain: Cow<'a, str>,
    /// What provider and region say of the place.
    pub area: Area,
}

impl<'a> ModelName<'a> {
    /// Reads a name.
    pub(super) fn of(name: &'a str) -> Self {
        let name = name.trim();
        // The client marks the variant with the long context so; the price depends on the tokens.
        let name = name.split_once('[').map_or(name, |(before, _)| before);
        let full = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        };
        let (plain, area) = match &full {
            Cow::Borrowed(full) => plain(full),
            Cow::Owned(full) => {
                let (plain, area) = plain(full);
                (Cow::Owned(plain.into_owned()), area)
            }
        };
        Self { full, plain, area }
    }

    /// The name behind the last slash, which ends what gateways put before it.
    pub(super) fn last_part(&self) -> &str {
        self.full.rsplit('/').next().unwrap_or_default()
    }

    /// Whether a cloud's place is a part of the name.
    pub(super) fn has_area(&self) -> bool {
        self.area != Area::Named || self.last_part().starts_with("global.")
    }
}

fn plain(full: &str) -> (Cow<'_, str>, Area) {
    let name = full.rsplit('/').next().unwrap_or_default();
    let (mut name, mut area) = match name.split_once("anthropic.") {
        Some(("global.", rest)) => (rest, Area::Named),
        Some(("", rest)) => (rest, Area::Unknown),
        Some((region, rest)) => {
            let is_known = region.strip_suffix('.').is_some_and(|region| REGIONS.contains(&region));
            (rest, if is_known { Area::Regional } else { Area::Unpriced })
        }
        None => (name, Area::Named),
    };
    // `@20250929` and `@default` are Google's way to write a revision; the region is no part of the name there.
    if let Some((before, _)) = name.split_once('@') {
        (name, area) = (before, if area == Area::Named { Area::Unknown } else { area });
    }
    // `-v1:0` and `-v1` are Amazon's.
    name = name.split_once(':').map_or(name, |(before, _)| before);
    if let Some((before, revision)) = name.rsplit_once("-v")
        && !revision.is_empty()
        && revision.bytes().all(|byte| byte.is_ascii_digit())
    {
        name = before;
    }
    name = name.strip_suffix("-latest").unwrap_or(name);
    if let Some((before, date)) = name.rsplit_once('-')
        && date.len() == 8
        && date.bytes().all(|byte| byte.is_ascii_digit())
    {
        name = before;
    }
    // `claude-sonnet-4-0` is the same as `claude-sonnet-4`.
    if name.starts_with("claude-") {
        name = name.strip_suffix("-0").unwrap_or(name);
    }
    let is_dotted = name.starts_with("claude-") && name.contains('.');
    (if is_dotted { Cow::Owned(name.replace('.', "-")) } else { Cow::Borrowed(name) }, area)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_model_leads_to_it() {
        for (name, expected, area) in [
            ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5", Area::Named),
            ("claude-sonnet-4-5", "claude-sonnet-4-5", Area::Named),
            ("claude-sonnet-4-5[1m]", "claude-sonnet-4-5", Area::Named),
            ("Claude-Sonnet-4-5", "claude-sonnet-4-5", Area::Named),
            ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5", Area::Named),
            ("claude-3-5-haiku-latest", "claude-3-5-haiku", Area::Named),
            ("claude-opus-4-0", "claude-opus-4", Area::Named),
            ("claude-opus-4-20250514", "claude-opus-4", Area::Named),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5", Area::Regional),
            ("bedrock/eu.anthropic.claude-opus-4-6-v1[1m]", "claude-opus-4-6", Area::Regional),
            ("global.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5", Area::Named),
            ("us-gov.anthropic.claude-sonnet-5", "claude-sonnet-5", Area::Unpriced),
            ("anthropic.claude-3-7-sonnet-20250219-v1:0", "claude-3-7-sonnet", Area::Unknown),
            ("claude-opus-4-1@20250805", "claude-opus-4-1", Area::Unknown),
            ("vertex_ai/claude-sonnet-5@default", "claude-sonnet-5", Area::Unknown),
            (
                "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-3-5-haiku-20241022-v1:0",
                "claude-3-5-haiku",
                Area::Regional,
            ),
            ("qwen3-coder-next", "qwen3-coder-next", Area::Named),
            ("", "", Area::Named),
        ] {
            let found = ModelName::of(name);
            assert_eq!((&*found.plain, found.area), (expected, area), "{name}");
        }
    }
}
