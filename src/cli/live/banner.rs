//! What is said at the beginning: where is looked, what may be seen, and how the delivery of the same stands.

use crate::cli::destination::DestinationArgs;
use crate::cli::status::brief;
use crate::cli::{Surroundings, client_telemetry, state_of};
use crate::config::settings::ALL;
use crate::config::vocabulary::{resolve_genai_semconv, resolve_vocabularies};
use crate::export::destination::Destination;
use crate::source::Root;
use crate::telemetry::options::{MapOptions, Vocabularies, Vocabulary};

/// The lines.
pub(super) fn of(roots: &[Root], map: &MapOptions, surroundings: &Surroundings) -> Vec<String> {
    let named: Vec<String> = roots.iter().map(|root| root.path.display().to_string()).collect();
    let mut lines = vec![format!("looking below {}; nothing is sent", named.join(", "))];
    lines.extend(destinations(roots, surroundings));
    lines.push(format!("vocabulary: {}", vocabulary(surroundings)));
    lines.push(format!("content level: {}", map.content.level.name()));
    lines
}

/// Every destination that the environment and the file name, with its state.
fn destinations(roots: &[Root], surroundings: &Surroundings) -> Vec<String> {
    let targets = match DestinationArgs::default().resolve(surroundings) {
        Ok(targets) => targets,
        // That is for others to mend: nothing is sent here.
        Err(error) => return vec![format!("destination: {error}")],
    };
    let mut lines = Vec::new();
    for target in targets {
        let name = target.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        let told = match &target.destination {
            Destination::File(file) if file.defaulted => {
                format!("none is configured ({} without one)", target.destination.describe())
            }
            destination => destination.describe(),
        };
        lines.push(format!("destination{name}: {told}"));
        if matches!(target.destination, Destination::Disabled { .. }) {
            continue;
        }
        let status = brief::of(&state_of::folder_of(&target, surroundings), roots, surroundings);
        lines.push(format!("state{name}: {}", status.state));
        lines.extend(status.retention.map(|risk| format!("retention{name}: {risk}")));
    }
    lines
}

/// What names would be sent, by environment and file.
fn vocabulary(surroundings: &Surroundings) -> String {
    let of_file = |name: &str| {
        let setting = ALL.iter().find(|setting| setting.variables.contains(&name))?;
        Some(surroundings.config.as_deref()?.values.get(setting.name)?.texts.join(","))
    };
    let environment = |name: &str| surroundings.variable(name).or_else(|| of_file(name));
    let is_sending = client_telemetry::found(surroundings).is_some();
    let names = match resolve_vocabularies(None, &environment, is_sending) {
        Ok(Vocabularies { claude_code, seed, openinference }) => {
            let chosen = [claude_code, seed, openinference].into_iter().zip(Vocabulary::ALL);
            let names: Vec<&str> = chosen.filter(|(is_on, _)| *is_on).map(|(_, one)| one.name()).collect();
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        }
        Err(error) => error.to_string(),
    };
    match resolve_genai_semconv(None, &environment) {
        Ok(release) => format!("{names}; conventions for generative AI: {}", release.name()),
        Err(error) => format!("{names}; {error}"),
    }
}
