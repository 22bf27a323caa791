//! Whether everything that the configuration names can be used.

use super::{CheckArgs, WhatArgs};
use crate::cli::destination::{export_options, resource_of};
use crate::cli::output::{line, note};
use crate::cli::pass::{self, SetupError, block_on};
use crate::cli::selection::rebuild_options;
use crate::cli::{ExitCode, Surroundings};
use crate::config::Target;
use crate::export::destination::Destination;
use crate::export::exporter::Exporter;
use crate::privacy::Sanitizer;
use crate::source::SourceError;

pub(super) fn run(args: &CheckArgs, surroundings: &Surroundings) -> ExitCode {
    block_on(async {
        let targets = args.what.destination.resolve(surroundings)?;
        let mut is_told = true;
        let mut worst = None;
        let mut fail = |what: String, error: &SetupError| {
            note(&format!("error: {what}{error}"));
            worst = Some(ExitCode::Configuration);
        };
        match reads(&args.what, surroundings) {
            Ok(text) => is_told &= line(&text),
            Err(error) => fail(String::new(), &error),
        }
        for target in &targets {
            let name = target.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
            match sends(target, surroundings).await {
                Ok(texts) => texts.iter().for_each(|text| is_told &= line(&format!("{name}{text}"))),
                Err(error) => fail(name, &error),
            }
        }
        Ok(worst.unwrap_or(if is_told { ExitCode::Done } else { ExitCode::Internal }))
    })
}

/// What would be read.
fn reads(what: &WhatArgs, surroundings: &Surroundings) -> Result<String, SetupError> {
    // Reads prices and rules too.
    let filter = what.filter.filter(surroundings.now)?;
    let rebuild = rebuild_options(&what.source, &what.shape, filter, false, None, surroundings)?;
    match pass::roots(&rebuild.source.roots, surroundings) {
        Ok(roots) => {
            let places: Vec<String> = roots.iter().map(|root| root.path.display().to_string()).collect();
            Ok(format!("transcripts are read below {}", places.join(", ")))
        }
        Err(error @ SourceError::NoRoots { .. }) => Ok(format!("no transcripts are there yet: {error}")),
        Err(error) => Err(error.into()),
    }
}

/// What would be sent to a destination.
pub(in crate::cli) async fn sends(target: &Target, surroundings: &Surroundings) -> Result<Vec<String>, SetupError> {
    let resource = resource_of(target, &Sanitizer::default(), surroundings)?;
    let mut texts = Vec::new();
    match &target.destination {
        Destination::Disabled { reason } => texts.push(format!("nothing would be sent: {reason}")),
        // Opening would make the folder.
        Destination::File(file) => {
            texts.push(format!("{} go to OTLP/JSON files in {}", file.signals.names(), file.dir.display()));
        }
        Destination::Otlp(_) => {
            Exporter::open(target.destination.clone(), resource, export_options(target, surroundings)).await?;
            let signals = target.destination.signals().names();
            texts.push(format!("{signals} go to {}", target.destination.describe()));
        }
    }
    let headers = target.shown.iter().find(|shown| shown.name == "headers");
    if let (Some(value), Destination::Otlp(_)) = (headers.and_then(|shown| shown.value.as_ref()), &target.destination) {
        texts.push(format!("with the headers {value}"));
    }
    if let Some(age) = target.skips_beyond() {
        texts.push(format!(
            "turns older than {} are left out; --old-data send sends them",
            humantime::format_duration(age)
        ));
    }
    Ok(texts)
}
