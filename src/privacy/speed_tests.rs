//! How fast clean text is looked through; run by hand, in release: it says how many bytes a second, and asserts none.

use std::hint::black_box;
use std::time::Instant;

use super::Sanitizer;

#[test]
#[ignore = "measures; run it in release, with --nocapture"]
fn clean_text() {
    let line = include_str!("../../docs/architecture.md").to_owned() + include_str!("sanitizer.rs");
    let text = line.repeat(64 * 1024 * 1024 / line.len());
    let sanitizer = Sanitizer::default();
    assert_eq!(&*sanitizer.text(&text[..4096]).unwrap(), &text[..4096]);
    let started = Instant::now();
    assert!(black_box(sanitizer.text(black_box(&text))).is_some());
    let rate = text.len() as f64 / 1e6 / started.elapsed().as_secs_f64();
    let started = Instant::now();
    assert!(memchr::memmem::find(black_box(text.as_bytes()), b"no such words are in it").is_none());
    let fastest = text.len() as f64 / 1e6 / started.elapsed().as_secs_f64();
    let says: Result<(), String> = Err(format!("{rate:.0} MB/s, a search for one word {fastest:.0} MB/s"));
    black_box(says.map_err(|says| std::io::Write::write_all(&mut std::io::stderr(), says.as_bytes()))).ok();
}
