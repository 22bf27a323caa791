use proptest::prelude::*;

use super::*;
use crate::privacy::user_rules::parse;

fn built_in(text: &str) -> String {
    Sanitizer::default().text(text).map_or_else(|| "(dropped)".to_owned(), |text| text.to_string())
}

fn with(rules: &str) -> Sanitizer {
    Sanitizer::new(&parse(rules).unwrap(), Some(HashKey::new([7; 32]))).unwrap()
}

fn token() -> String {
    ["gh", "p_", &"a1B2".repeat(9)].concat()
}

#[test]
fn a_clean_text_stays_shared() {
    let text: Arc<str> = "feature/some-long-branch-name".into();
    assert!(Arc::ptr_eq(&Sanitizer::default().shared(&text).unwrap().into_shared(), &text));
}

#[test]
fn a_name_that_is_a_secret_does_not_pass() {
    let secret: Arc<str> = token().into();
    assert_eq!(&*Sanitizer::default().shared(&secret).unwrap(), "[REDACTED:github-token]");
    for prefix in ["msg_", "toolu_", "req_"] {
        let id: Arc<str> = [prefix, "AK", "IA", &"Q2".repeat(8)].concat().into();
        assert!(Sanitizer::default().shared(&id).unwrap().contains("REDACTED"), "{id}");
    }
}

#[test]
fn what_only_looks_like_a_mark_protects_nothing() {
    let token = token();
    for text in [format!("[REDACTED:{token}]"), format!("[HASH:jwt:{token}]"), format!("[REDACTED:jwt]{token}")] {
        assert!(!built_in(&text).contains(&token), "{text}");
    }
}

#[test]
fn what_stands_beside_a_mark_is_looked_at_again() {
    // The second one has no edge before the first is gone.
    let (first, second) = (["np", "m_", &"a1B2".repeat(9)].concat(), ["AK", "IA", &"Q2".repeat(8)].concat());
    assert_eq!(built_in(&format!("{first}-{second}")), "[REDACTED:npm-token]-[REDACTED:aws-access-key]");
    assert_eq!(built_in(&format!("{second}\n{second}")), "[REDACTED:aws-access-key]\n[REDACTED:aws-access-key]");
}

#[test]
fn a_key_block_without_an_end_goes_to_the_end_of_the_text() {
    let text = format!("a\n-----BEGIN {}PRIVATE KEY-----\nMIIE\nmore\n", "RSA ");
    assert_eq!(built_in(&text), "a\n[REDACTED:private-key]");
}

#[test]
fn users_rules_mask_hash_and_drop() {
    let sanitizer = with(
        "[[rule]]\nid = \"customer\"\nregex = 'CUST-[0-9]{4}'\naction = \"hash\"\nallow = [\"CUST-0000\"]\n\
         [[rule]]\nid = \"project\"\nliteral = \"Blue (Sky)\"\n\
         [[rule]]\nid = \"never\"\nregex = '(?i)top secret'\naction = \"drop\"\n",
    );
    let redact = |text: &str| sanitizer.text(text).map(|text| text.to_string());
    let hashed = redact("CUST-1234 and CUST-0000").unwrap();
    let hash = HashKey::new([7; 32]).hash("customer", "CUST-1234");
    assert_eq!(hashed, format!("[HASH:customer:{hash}] and CUST-0000"));
    assert_eq!(redact(&hashed).unwrap(), hashed);
    assert_eq!(redact("on Blue (Sky)").unwrap(), "on [REDACTED:project]");
    assert_eq!(redact("This is Top Secret."), None);
    // Names pass no shortcut when the user has rules.
    assert_eq!(sanitizer.shared(&"CUST-9999".into()).unwrap().len(), hash.len() + "[HASH:customer:]".len());
}

#[test]
fn a_general_allow_list_holds_for_built_in_rules_too() {
    let text = ["AK", "IA", "IOSFODNN7EXAMPLE"].concat();
    assert!(built_in(&text).contains("REDACTED"));
    assert_eq!(&*with("allow_regex = ['EXAMPLE$']").text(&text).unwrap(), text);
}

#[test]
fn hashing_without_a_key_is_refused() {
    let rules = parse("[[rule]]\nid = \"x\"\nliteral = \"y\"\naction = \"hash\"\n").unwrap();
    assert_eq!(Sanitizer::new(&rules, None).unwrap_err(), RuleError::NoKey { id: "x".into() });
}

#[test]
fn a_rule_that_matches_marks_comes_to_an_end() {
    let sanitizer = with("[[rule]]\nid = \"letters\"\nregex = '[A-Za-z]+'\n");
    let once = sanitizer.text("some words").unwrap();
    assert_eq!(&*once, "[REDACTED:letters] [REDACTED:letters]");
    assert_eq!(sanitizer.text(&once).unwrap(), once);
}

/// Texts made of what rules look for, in any order and broken anywhere.
fn texts() -> impl Strategy<Value = String> {
    let pieces: Vec<String> = vec![
        token(),
        "AKIA".into(),
        "Q2Q2Q2Q2Q2Q2Q2Q2".into(),
        "password=".into(),
        "hunter22".into(),
        "\"".into(),
        "://".into(),
        "user:".into(),
        "@host".into(),
        "sk-".into(),
        "proj-".into(),
        "a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4e5F6".into(),
        "Authorization: Bearer ".into(),
        "[REDACTED:".into(),
        "jwt]".into(),
        "[REDACTED:jwt]".into(),
        "-----BEGIN ".into(),
        "PRIVATE KEY-----".into(),
        "-----END PRIVATE KEY-----".into(),
        "12345678:AA".into(),
        "eyJ".into(),
        ".".into(),
        " ".into(),
        "\n".into(),
        "é".into(),
        "_TOKEN=".into(),
        "api_key: ".into(),
        "?sig=".into(),
    ];
    prop::collection::vec(prop_oneof![4 => prop::sample::select(pieces), 1 => any::<String>()], 0..12)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn redacting_twice_is_redacting_once(text in texts()) {
        let sanitizer = Sanitizer::default();
        if let Some(once) = sanitizer.text(&text) {
            prop_assert_eq!(sanitizer.text(&once), Some(once));
        }
    }

    #[test]
    fn whole_secrets_never_come_back(text in texts(), cut in 0_usize..200) {
        let secret = ["gl", "pat-", &"a1B2".repeat(5)].concat();
        let text = format!("{text} {secret} {text}");
        if let Some(redacted) = Sanitizer::default().text(&text) {
            prop_assert!(!redacted.contains(&secret));
            let cut = redacted.cut(cut);
            prop_assert!(!cut.contains(&secret[..20]));
        }
    }
}
