use super::super::{HashKey, Sanitizer};
use super::*;

fn error(text: &str) -> String {
    match parse(text) {
        Err(error) => error.to_string(),
        Ok(rules) => Sanitizer::new(&rules, Some(HashKey::new([0; 32]))).unwrap_err().to_string(),
    }
}

#[test]
fn mistakes_name_the_rule_and_repeat_nothing_of_it() {
    for (text, said) in [
        ("[[rule]]\nid = \"a b\"\nliteral = \"HIDDEN\"\n", "rule 1 has no id"),
        ("[[rule]]\nid = \"one\"\n", "rule one needs either"),
        ("[[rule]]\nid = \"one\"\nregex = 'HIDDEN'\nliteral = \"x\"\n", "rule one needs either"),
        ("[[rule]]\nid = \"one\"\nliteral = \"\"\n", "rule one needs either"),
        ("[[rule]]\nid = \"one\"\nregex = 'HIDDEN('\n", "rule one cannot be used"),
        ("[[rule]]\nid = \"one\"\nregex = '(?:\\pL{1000}){1000}HIDDEN'\n", "too large"),
        ("[[rule]]\nid = \"one\"\nregex = 'HIDDEN'\ngroup = 2\n", "rule one has no group 2"),
        ("[[rule]]\nid = \"one\"\nregex = 'x'\nallow_regex = ['HIDDEN(']\n", "rule one cannot be used"),
        ("[[rule]]\nid = \"one\"\nliteral = \"HIDDEN\"\naktion = \"drop\"\n", "cannot be read"),
        ("[[rule]]\nid = \"one\"\nliteral = \"HIDDEN\"\naction = \"HIDDEN\"\n", "cannot be read"),
        ("[[rule]\nid = \"HIDDEN\"\n", "cannot be read"),
        ("[[rules]]\nid = \"one\"\nregex = 'HIDDEN('\n", "rule one cannot be used"),
    ] {
        let error = error(text);
        assert!(error.contains(said), "{text}: {error}");
        assert!(!error.contains("HIDDEN"), "{error}");
    }
}

#[test]
fn rules_of_gitleaks_are_taken_as_they_are() {
    let rules = parse(
        "title = \"x\"\n[extend]\nuseDefault = true\n\
         [[allowlists]]\ndescription = \"all\"\nregexes = ['^int-0+$']\npaths = ['test/']\n\
         [[rules]]\nid = \"internal\"\ndescription = \"d\"\nregex = '''(?i)\\b(int-[0-9]{6})(?:[\\s\"]|$)'''\n\
         secretGroup = 1\nentropy = 3.5\nkeywords = [\"int-\"]\ntags = [\"t\"]\n\
         [[rules.allowlists]]\nstopwords = [\"999\"]\n\
         [[rules]]\nid = \"files\"\npath = '''\\.p12$'''\n",
    )
    .unwrap();
    assert_eq!(rules.rules.len(), 1);
    let sanitizer = Sanitizer::new(&rules, None).unwrap();
    let redact = |text: &str| sanitizer.text(text).unwrap().to_string();
    assert_eq!(redact("see INT-123456 now"), "see [REDACTED:internal] now");
    assert_eq!(redact("see int-000000 now"), "see int-000000 now");
    assert_eq!(redact("see int-199923 now"), "see int-199923 now");
}

#[test]
fn a_group_is_the_secret_and_what_is_around_it_stays() {
    let rules = parse("[[rule]]\nid = \"pin\"\nregex = 'PIN (\\d+)'\ngroup = 1\nkeywords = [\"pin\"]\n").unwrap();
    let sanitizer = Sanitizer::new(&rules, None).unwrap();
    assert_eq!(&*sanitizer.text("PIN 123, PIN é").unwrap(), "PIN [REDACTED:pin], PIN é");
}
