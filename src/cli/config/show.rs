//! Every setting with its value and its origin.

use serde_json::{Value, json};

use super::ShowArgs;
use crate::cli::fill::{Given, usual_place};
use crate::cli::output::line;
use crate::cli::pass::SetupError;
use crate::cli::{ExitCode, Surroundings};
use crate::config::Target;
use crate::config::pairs;
use crate::config::settings::{ALL, Kind, Part, Setting};
use crate::config::shown::Shown;

pub(super) fn run(args: &ShowArgs, surroundings: &Surroundings, given: &Given) -> Result<ExitCode, SetupError> {
    let targets = args.what.destination.resolve(surroundings)?;
    let settings: Vec<Shown> = ALL
        .iter()
        .filter(|setting| setting.part != Part::Destination)
        .map(|setting| of_run(setting, surroundings, given))
        .collect();
    let text = if args.json {
        let destinations: Vec<Value> = targets.iter().map(destination_json).collect();
        let file = surroundings.config.as_ref().map(|file| file.path.display().to_string());
        json!({"file": file, "settings": settings_json(&settings), "destinations": destinations}).to_string()
    } else {
        as_text(&settings, &targets, surroundings)
    };
    Ok(if line(&text) { ExitCode::Done } else { ExitCode::Internal })
}

fn of_run(setting: &'static Setting, surroundings: &Surroundings, given: &Given) -> Shown {
    let found = given.get(setting.name).map(|value| (value.texts.clone(), value.origin.clone()));
    let found = found.or_else(|| {
        let of_variable =
            setting.variables.iter().find_map(|name| Some((vec![surroundings.variable(name)?], (*name).to_owned())));
        of_variable.filter(|_| setting.part == Part::Resource).or_else(|| {
            let file = surroundings.config.as_deref()?;
            let value = file.values.get(setting.name)?;
            Some((value.texts.clone(), format!("{}:{} ({})", file.path.display(), value.line, setting.name)))
        })
    });
    let (value, origin) = match found {
        Some((texts, origin)) => (Some(said(setting, &texts)), origin),
        None => (Some(setting.default.to_owned()).filter(|text| !text.is_empty()), "default".to_owned()),
    };
    Shown { name: setting.name, value, origin }
}

fn said(setting: &Setting, texts: &[String]) -> String {
    let all = texts.join(if setting.kind == Kind::Pairs { "," } else { ", " });
    match (setting.kind, pairs::decode(&all)) {
        (Kind::Pairs, Ok(pairs)) => {
            pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
        }
        _ => all,
    }
}

fn settings_json(settings: &[Shown]) -> Value {
    let each = settings.iter().map(|shown| json!({"name": shown.name, "value": shown.value, "origin": shown.origin}));
    each.collect()
}

fn destination_json(target: &Target) -> Value {
    json!({
        "name": target.name,
        "to": target.destination.describe(),
        "signals": target.destination.signals().names(),
        "skips_older_than_seconds": target.skips_beyond().map(|age| age.as_secs()),
        "settings": settings_json(&target.shown),
    })
}

fn as_text(settings: &[Shown], targets: &[Target], surroundings: &Surroundings) -> String {
    let file = match (&surroundings.config, usual_place(surroundings)) {
        (Some(file), _) => file.path.display().to_string(),
        (None, Some(place)) => format!("none ({} is not there)", place.display()),
        (None, None) => "none".to_owned(),
    };
    let mut lines = vec![format!("configuration file: {file}"), String::new()];
    lines.extend(table(settings));
    for target in targets {
        let name = target.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        lines.extend([String::new(), format!("destination{name}: {}", target.destination.describe())]);
        lines.extend(target.skips_beyond().map(|age| {
            format!("turns older than {} are left out; --old-data send sends them", humantime::format_duration(age))
        }));
        lines.push(String::new());
        lines.extend(table(&target.shown));
    }
    lines.join("\n")
}

fn table(settings: &[Shown]) -> Vec<String> {
    let value = |shown: &Shown| shown.value.clone().unwrap_or_else(|| "-".to_owned());
    let widest = |length: &dyn Fn(&Shown) -> usize| settings.iter().map(length).max().unwrap_or_default();
    let names = widest(&|shown| shown.name.len());
    // A long path in one row must not push the origins of all others out of sight.
    let values = widest(&|shown| value(shown).chars().count()).min(40);
    let each =
        settings.iter().map(|shown| format!("  {:names$}  {:values$}  {}", shown.name, value(shown), shown.origin));
    each.collect()
}
