//! What the settings mean.

use std::path::Path;

use crate::cli::doctor::finding::{Finding, Id};
use crate::cli::selection::Leaving;
use crate::config::{Target, env};
use crate::export::destination::Destination;

/// Where the settings are from.
pub(in crate::cli::doctor) fn read(file: Option<&Path>, usual: Option<&Path>) -> Finding {
    let text = match (file, usual) {
        (Some(file), _) => format!("{} is read", file.display()),
        (None, Some(usual)) => {
            format!("no file ({} is not there): flags, variables and defaults alone", usual.display())
        }
        (None, None) => "no file: flags, variables and defaults alone".to_owned(),
    };
    Finding::new(Id::ConfigRead, text).fact("file", file.map(|file| file.display().to_string()))
}

/// Something that cannot work.
pub(in crate::cli::doctor) fn wrong(error: &str) -> Finding {
    Finding::new(Id::ConfigWrong, error).todo("correct it; `claude-otel config show` says where every setting is from")
}

/// Settings that keep every command from running.
pub(in crate::cli::doctor) fn unusable(error: &str) -> Finding {
    let todo = "correct it: until then no other command runs, and the rest is said without it";
    Finding::new(Id::ConfigWrong, error).todo(todo)
}

/// Variables that look like ours and that nobody reads, by their names.
pub(in crate::cli::doctor) fn unread<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Finding> {
    let mut all: Vec<Finding> = names
        .filter_map(|name| {
            let said = format!("{}: its value has no effect", env::unread(name)?);
            Some(Finding::new(Id::VariableUnread, said).todo("correct its name, or unset it").fact("variable", name))
        })
        .collect();
    all.sort_by(|a, b| a.said.cmp(&b.said));
    all
}

/// Files with keys that others can read.
pub(in crate::cli::doctor) fn open_keys(path: &Path) -> Finding {
    let path = path.display();
    Finding::new(Id::KeysReadable, format!("{path} holds keys, and others on this machine can read it"))
        .todo(format!("chmod 600 {path}"))
}

/// How much leaves, and by which names.
pub(in crate::cli::doctor) fn leaving(leaving: &Leaving) -> Vec<Finding> {
    let level = leaving.content.level.name();
    let content = if leaving.content.wants_texts() {
        let text = format!("content {level}: prompts, answers, tool inputs and outputs leave, without known secrets");
        let todo = "nothing, if that is meant; --content none keeps them here";
        Finding::new(Id::ContentLeaves, text).todo(todo)
    } else {
        Finding::new(Id::ContentNone, format!("content {level}: no prompt, answer, tool input or output leaves"))
    };
    let vocab = &leaving.vocab;
    let chosen = [("claude_code", vocab.claude_code), ("seed", vocab.seed), ("openinference", vocab.openinference)];
    let chosen: Vec<&str> = chosen.into_iter().filter_map(|(name, is_on)| is_on.then_some(name)).collect();
    let beside = if chosen.is_empty() { "none".to_owned() } else { chosen.join(", ") };
    let semconv = leaving.genai_semconv.name();
    let names = format!("names of OpenTelemetry ({semconv}); beside them: {beside}; prices: {}", leaving.prices);
    let names = Finding::new(Id::NamesSent, names).fact("vocab", chosen).fact("genai_semconv", semconv);
    vec![content.fact("level", level), names]
}

/// What a destination is set to.
pub(in crate::cli::doctor) fn destination(target: &Target, said: &[String]) -> Vec<Finding> {
    let mut all = Vec::new();
    match &target.destination {
        Destination::Disabled { reason } => {
            let todo = "nothing, if that is meant";
            all.push(Finding::new(Id::DestinationOff, format!("nothing would be sent: {reason}")).todo(todo));
        }
        Destination::File(file) if file.defaulted => {
            let text =
                format!("no destination is configured, so everything is kept in files in {}", file.dir.display());
            all.push(Finding::new(Id::DestinationUnset, text).todo(
                "--endpoint URL or OTEL_EXPORTER_OTLP_ENDPOINT sends it to a receiver; a service sees nothing of a \
                 shell's variables",
            ));
        }
        _ => {
            let mut parts = said.iter().filter(|text| !text.starts_with("turns older"));
            let first = parts.next().cloned().unwrap_or_else(|| target.destination.describe());
            let text = parts.fold(first, |text, part| format!("{text}, {part}"));
            all.push(Finding::new(Id::DestinationSettings, text).fact("to", target.destination.describe()));
        }
    }
    if let Some(age) = target.skips_beyond() {
        let age = humantime::format_duration(age).to_string();
        let text = format!("turns that began more than {age} before they are sent are left out");
        let todo = "nothing, if the backend does not want them; --old-data send sends them";
        all.push(Finding::new(Id::OldDataSkipped, text).todo(todo).fact("max_age", age));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::options::{ContentLevel, ContentOptions};
    use crate::telemetry::options::{GenAiSemconv, Vocabularies};

    fn of(level: ContentLevel) -> Vec<Finding> {
        let content = ContentOptions { level, ..ContentOptions::default() };
        leaving(&Leaving {
            content,
            vocab: Vocabularies { seed: true, ..Vocabularies::default() },
            genai_semconv: GenAiSemconv::default(),
            prices: "own".to_owned(),
            client_sends: None,
        })
    }

    #[test]
    fn content_that_leaves_is_no_fault_and_is_said() {
        assert_eq!(of(ContentLevel::None)[0].id, Id::ContentNone);
        for level in [ContentLevel::Summary, ContentLevel::Full] {
            let found = of(level);
            assert_eq!((found[0].id, &found[0].facts["level"]), (Id::ContentLeaves, &level.name().into()));
        }
    }

    #[test]
    fn the_names_in_force_are_told() {
        let said = of(ContentLevel::None)[1].said.clone();
        assert!(said.ends_with("beside them: claude_code, seed; prices: own"), "{said}");
    }

    #[test]
    fn where_settings_are_from_is_told() {
        let (file, usual) = (Path::new("/etc/c.toml"), Path::new("/h/config.toml"));
        assert_eq!(read(Some(file), Some(usual)).said, "/etc/c.toml is read");
        assert!(read(None, Some(usual)).said.starts_with("no file (/h/config.toml is not there)"));
    }
}
