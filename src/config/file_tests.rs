//! What a configuration file may hold, and what is said of one that may not.

use super::*;

fn read(text: &str) -> Result<ConfigFile, FileError> {
    parse(Path::new("/etc/co/config.toml"), text, Some(Path::new("/home/me")))
}

fn error(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn values_become_what_flags_take_and_know_their_lines() {
    let file =
        read("# mine\nroots = [\"~/.claude/projects\", \"more\", \"/abs\"]\nmax_line_bytes = 0x100\npoll = true\n")
            .unwrap();
    assert_eq!(file.values["roots"].texts, ["/home/me/.claude/projects", "/etc/co/more", "/abs"]);
    assert_eq!((file.values["roots"].line, file.values["poll"].line), (2, 4));
    assert_eq!(file.values["max_line_bytes"].text(), "256");
    assert_eq!(file.values["poll"].text(), "true");
    let named = read("[destinations.a]\nendpoint = \"http://h\"\n[destinations.b]\notlp_file = \"out\"").unwrap();
    assert_eq!(named.destinations.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(named.destinations["b"]["otlp_file"].text(), "/etc/co/out");
    assert_eq!(named.destinations["b"]["otlp_file"].line, 4);
}

#[test]
fn mistakes_name_the_line_and_what_is_possible() {
    let unknown = error("paths = \"name\"\n\n[destinations.a]\nendpont = \"http://h\"\n");
    assert!(unknown.starts_with(
        "/etc/co/config.toml:4: there is no setting endpont (did you mean endpoint?); possible here: preset, endpoint"
    ));
    assert!(!unknown.contains("roots") && !unknown.contains("headers,"), "{unknown}");
    assert!(error("rots = []").contains("roots, max_line_bytes"));
    assert_eq!(error("\npoll = \"yes\""), "/etc/co/config.toml:2: poll must be true or false, not a text");
    assert_eq!(error("roots = \"a\""), "/etc/co/config.toml:1: roots must be a list of paths, not a text");
    assert!(error("a = 1\na = 2").starts_with("/etc/co/config.toml:2: this is no TOML"));
    assert!(error("[destinations.\"a/b\"]").contains("is no name"));
    assert!(error("endpoint = \"http://h\"\n[destinations.a]\n").contains("give it a table and a name"));
}

#[test]
fn a_mistyped_key_is_told_what_it_is_most_like_unless_it_is_like_none() {
    let said = |text: &str| error(text).split("; possible").next().unwrap().to_owned();
    assert!(said("sesion_idle = \"1h\"").ends_with("no setting sesion_idle (did you mean session_idle?)"));
    assert!(said("[destination.a]\nendpoint = \"http://h\"").ends_with("did you mean destinations?)"));
    // Only what may stand there is suggested.
    let inside = said("[destinations.a]\nsesion_idle = \"1h\"");
    assert!(!inside.contains("session_idle"), "{inside}");
    assert!(said("zzz = 1").ends_with("there is no setting zzz"));
}

#[test]
fn keys_in_the_file_are_refused_and_not_repeated() {
    for text in [
        "[destinations.a]\nheaders = { x-key = \"s3cret\" }",
        "[destinations.a.headers]\nx-key = \"s3cret\"",
        "headers = \"x-key=s3cret\"",
        "endpoint = [\"s3cret\"]",
        "x = \"s3cret",
    ] {
        let error = error(text);
        assert!(!error.contains("s3cret"), "{error}");
    }
    assert!(error("headers = 1").contains("headers_file"));
}

#[test]
fn resource_attributes_are_a_table() {
    let file = read("[resource_attributes]\nteam = \"a, b\"\n\"deployment.environment.name\" = \"prod\"").unwrap();
    let mut texts = file.values["resource_attributes"].texts.clone();
    texts.sort();
    assert_eq!(texts, ["deployment.environment.name=prod", "team=a%2C%20b"]);
}
