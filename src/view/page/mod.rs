//! Pages: a view as one HTML file that needs nothing else, neither a network nor another file.
//!
//! What enters: a story or a report. What leaves: the text of a page. Its markup, style and script are the files of this
//! folder, the same in every page; the only thing that differs is the data, as JSON.
//!
//! **Invariant:** a page holds nothing beyond the data of `--json`. **Invariant:** no text in the data can end the block
//! that it stands in, and the page's policy lets nothing run or load but our own script, whatever the data says.

mod assets;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::report::Report;
use super::story::Story;
use assets::Assets;

/// What every page begins with, by which a page of ours is known before another takes its place.
pub const MARK: &str = "<!doctype html>\n<!-- A page of claude-otel. -->\n";

/// The page of a session.
pub fn of_story(story: &Story) -> Result<String, serde_json::Error> {
    page(&assets::SESSION, story)
}

/// The page of what a period held.
pub fn of_report(report: &Report) -> Result<String, serde_json::Error> {
    page(&assets::REPORT, report)
}

fn page(assets: &Assets, data: &impl Serialize) -> Result<String, serde_json::Error> {
    let json = harmless(&serde_json::to_string(data)?);
    let Assets { style, body, script } = assets;
    let (style_hash, script_hash) = (hash(style), hash(script));
    Ok(format!(
        "{MARK}<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{style_hash}'; \
         script-src '{script_hash}'; img-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"generator\" content=\"claude-otel {version}\">\n\
         <title>claude-otel</title>\n<style>{style}</style>\n</head>\n{body}\
         <script type=\"application/json\" id=\"data\">{json}</script>\n<script>{script}</script>\n</body>\n</html>\n",
        version = env!("CARGO_PKG_VERSION"),
    ))
}

/// The same JSON without a sign that means anything in markup. In JSON these only stand inside of strings, where every
/// sign may be written by its number.
fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + json.len() / 64);
    for sign in json.chars() {
        match sign {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            // Ends of lines to old scripts, though not to JSON.
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            other => text.push(other),
        }
    }
    text
}

/// A text's hash as a policy names it, so that this text may stand in the page and no other.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_block() {
        let data = ["</script><!--<script>", "a & b", "\u{2028}\u{2029}\u{0}\u{1b}", "\"'\\"];
        let json = harmless(&serde_json::to_string(&data).unwrap());
        assert!(!json.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{0}', '\u{1b}']), "{json}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), data);
    }

    #[test]
    fn style_and_script_end_where_they_should() {
        for assets in assets::ALL {
            assert!(!assets.script.contains("</script") && !assets.script.contains("<!--"));
            assert!(!assets.style.contains("</style"));
            assert!(!assets.body.contains("<script") && !assets.body.contains("<style"));
        }
    }

    #[test]
    fn the_script_makes_no_markup_of_texts() {
        let makers =
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "new Function"];
        for (maker, assets) in makers.iter().flat_map(|maker| assets::ALL.map(|assets| (maker, assets))) {
            assert!(!assets.script.contains(maker), "{maker}");
        }
    }

    #[test]
    fn pages_differ_in_their_data_alone() {
        let page = of_story(&Story::default()).unwrap();
        let (before, rest) = page.split_once("id=\"data\">").unwrap();
        let (data, after) = rest.split_once("</script>").unwrap();
        assert_eq!(data, serde_json::to_string(&Story::default()).unwrap());
        assert!(page.starts_with(MARK));
        for part in [before, after] {
            assert!(
                !part.contains("http://")
                    || part.matches("http://").count() == part.matches("http://www.w3.org/2000/svg").count()
            );
            assert!(!part.contains("https://"));
        }
    }
}
