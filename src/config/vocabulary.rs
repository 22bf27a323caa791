//! Which names leave, decided from flags, environment, and whether the client sends telemetry of its own.

use super::env::{self, Environment};
use super::otlp::ConfigError;
use crate::telemetry::options::{GenAiSemconv, Vocabularies, Vocabulary};

const CHOICES: &str = "claude_code, seed, openinference with commas between them, or none";

/// The vocabularies. What nobody chose is decided by `is_client_sending`: what the client sends itself is not sent a
/// second time by the same name.
pub fn resolve_vocabularies(
    flag: Option<&str>,
    environment: &Environment<'_>,
    is_client_sending: bool,
) -> Result<Vocabularies, ConfigError> {
    let variable = || Some((env::CLAUDE_OTEL_VOCAB, env::get(environment, env::CLAUDE_OTEL_VOCAB)?));
    let chosen = flag.map(|flag| ("--vocab", flag.to_owned())).or_else(variable);
    let Some((origin, text)) = chosen else {
        return Ok(Vocabularies { claude_code: !is_client_sending, ..Vocabularies::default() });
    };
    if text.trim() == "none" {
        return Ok(Vocabularies::from_iter([]));
    }
    let one = |name: &str| {
        let known = Vocabulary::ALL.into_iter().find(|vocabulary| vocabulary.name() == name.trim());
        known.ok_or_else(|| ConfigError::Choice { origin, value: name.trim().to_owned(), choices: CHOICES })
    };
    text.split(',').map(one).collect()
}

/// Whether somebody chose vocabularies, so that nothing is left to decide.
pub fn are_vocabularies_chosen(flag: Option<&str>, environment: &Environment<'_>) -> bool {
    flag.is_some() || env::get(environment, env::CLAUDE_OTEL_VOCAB).is_some()
}

/// Which names of the conventions for generative AI leave.
pub fn resolve_genai_semconv(flag: Option<&str>, environment: &Environment<'_>) -> Result<GenAiSemconv, ConfigError> {
    let variable = || Some((env::CLAUDE_OTEL_GENAI_SEMCONV, env::get(environment, env::CLAUDE_OTEL_GENAI_SEMCONV)?));
    let Some((origin, value)) = flag.map(|flag| ("--genai-semconv", flag.to_owned())).or_else(variable) else {
        return Ok(GenAiSemconv::default());
    };
    let known = GenAiSemconv::ALL.into_iter().find(|semconv| semconv.name() == value);
    known.ok_or(ConfigError::Choice { origin, value, choices: "1.41, latest, both" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn the_clients_names_leave_unless_it_sends_them_itself_or_somebody_chose() {
        let of = |flag, is_sending| resolve_vocabularies(flag, &none, is_sending).map(|set| set.claude_code);
        assert_eq!([of(None, false), of(None, true)], [Ok(true), Ok(false)]);
        assert_eq!([of(Some("claude_code"), true), of(Some("seed"), false)], [Ok(true), Ok(false)]);
        let all = resolve_vocabularies(Some("seed, claude_code,openinference"), &none, false);
        assert_eq!(all, Ok(Vocabularies { claude_code: true, seed: true, openinference: true }));
        assert_eq!(resolve_vocabularies(Some("none"), &none, false), Ok(Vocabularies::from_iter([])));
    }

    #[test]
    fn a_flag_beats_its_variable_and_neither_may_be_anything() {
        let env = |name: &str| match name {
            "CLAUDE_OTEL_VOCAB" => Some("seed".to_owned()),
            "CLAUDE_OTEL_GENAI_SEMCONV" => Some("1.42".to_owned()),
            _ => None,
        };
        assert_eq!(resolve_vocabularies(None, &env, true), Ok(Vocabularies::from_iter([Vocabulary::Seed])));
        let chosen = resolve_vocabularies(Some("openinference"), &env, true);
        assert_eq!(chosen, Ok(Vocabularies::from_iter([Vocabulary::OpenInference])));
        assert_eq!(resolve_genai_semconv(Some("latest"), &env), Ok(GenAiSemconv::Latest));
        let error = resolve_genai_semconv(None, &env).unwrap_err().to_string();
        assert!(error.contains("CLAUDE_OTEL_GENAI_SEMCONV is \"1.42\""), "{error}");
        let error = resolve_vocabularies(Some("seed,sead"), &none, false).unwrap_err().to_string();
        assert!(error.contains("--vocab is \"sead\""), "{error}");
    }
}
