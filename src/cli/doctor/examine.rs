//! Puts what is seen and what it means together, group by group.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use futures_util::future::join_all;
use rustix::fs::{Access, access};

use super::DoctorArgs;
use super::finding::{Finding, Id};
use super::{judge, look};
use crate::cli::Surroundings;
use crate::cli::config::check::sends;
use crate::cli::destination::{is_open, resource_of};
use crate::cli::fill::usual_place;
use crate::cli::pass;
use crate::cli::state_of::folder_of;
use crate::cli::status::keeping::Keeping;
use crate::config::Target;
use crate::export::destination::{Destination, FileOptions, OtlpDestination};
use crate::privacy::Sanitizer;
use crate::source::Root;

/// Everything that is found, in the order of its groups.
pub(super) async fn all(args: &DoctorArgs, surroundings: &Surroundings, wrong: &[String]) -> Vec<Finding> {
    let Configured { found: mut all, targets, is_alone } = configuration(args, surroundings, wrong).await;
    let named = pass::roots(&args.source.roots, surroundings);
    let roots = named.as_deref().unwrap_or_default();
    let seen = look::transcripts::look(roots);
    if let Err(error) = &named {
        all.push(judge::transcripts::without_roots(error));
    }
    let user = rustix::process::geteuid().as_raw();
    all.extend(seen.roots.iter().flat_map(|root| judge::transcripts::judge(root, user, surroundings.now)));
    let keeping: Vec<Keeping> = roots.iter().map(|root| Keeping::of_root(&root.path, surroundings)).collect();
    all.extend(judge::transcripts::keeping(&keeping));
    all.extend(judge::client::judge(&look::client::look(roots, &seen.sessions, surroundings)));
    // What is wrong with these flags was said above.
    let leaving = args.shape.look(surroundings).ok();
    all.extend(leaving.as_ref().and_then(judge::client::telemetry));

    let name_of = |target: &Target| target.name.clone().filter(|_| !is_alone);
    let with_state = targets.iter().filter(|target| !matches!(target.destination, Destination::Disabled { .. }));
    let states: Vec<_> = with_state
        .map(|target| (name_of(target), look::state::look(&folder_of(target, surroundings), some(roots), surroundings)))
        .collect();
    let folders: u64 = seen.roots.iter().map(|root| root.folders).sum();
    if let Some(inotify) = look::inotify::look(Path::new("/proc")).filter(|_| folders > 0) {
        let is_watching = states.iter().any(|(_, state)| {
            state.holder.as_ref().is_some_and(|holder| holder.command.trim_start_matches("claude-otel ") == "watch")
        });
        all.extend(judge::inotify::judge(&inotify, folders, is_watching));
    }
    for (name, state) in &states {
        all.extend(judge::state::judge(state, surroundings.now).into_iter().map(|finding| of(name.clone(), finding)));
    }
    let ways = join_all(targets.iter().map(|target| async move { (target, way(target, args, surroundings).await) }));
    for (target, found) in ways.await {
        all.extend(found.into_iter().map(|finding| of(name_of(target), finding)));
    }
    // A fault of the configuration may come to light at the end of the way; within a group the order stays.
    all.sort_by(|a, b| (a.id.group(), &a.destination).cmp(&(b.id.group(), &b.destination)));
    all
}

fn some(roots: &[Root]) -> Option<&[Root]> {
    Some(roots).filter(|roots| !roots.is_empty())
}

fn of(destination: Option<String>, finding: Finding) -> Finding {
    Finding { destination, ..finding }
}

/// What the settings come to.
struct Configured {
    found: Vec<Finding>,
    /// The destinations that can be used.
    targets: Vec<Target>,
    /// Whether there is only one to be named, usable or not.
    is_alone: bool,
}

async fn configuration(args: &DoctorArgs, surroundings: &Surroundings, wrong: &[String]) -> Configured {
    let file = surroundings.config.as_ref().map(|file| file.path.as_path());
    // What is wrong keeps every command from running, so that nothing can be said of what would leave, or where to.
    let is_usable = wrong.is_empty();
    let mut all: Vec<Finding> = wrong.iter().map(|error| judge::configuration::unusable(error)).collect();
    if file.is_some() || is_usable {
        all.push(judge::configuration::read(file, usual_place(surroundings).as_deref()));
    }
    all.extend(judge::configuration::unread(surroundings.environment.keys().map(String::as_str)));
    let open: RefCell<Vec<PathBuf>> = RefCell::default();
    let read = |path: &Path| {
        if is_open(path).unwrap_or_default() && !open.borrow().iter().any(|known| known == path) {
            open.borrow_mut().push(path.to_path_buf());
        }
        fs::read_to_string(path)
    };
    let (mut targets, unusable) = args.destination.resolve_each(surroundings, &read);
    targets.retain(|target| is_usable || !is_default(&target.destination));
    let is_alone = targets.len() + unusable.len() < 2;
    all.extend(unusable.into_iter().map(|(name, error)| of(name, judge::configuration::wrong(&error.to_string()))));
    all.extend(open.borrow().iter().map(|path| judge::configuration::open_keys(path)));
    match args.shape.look(surroundings) {
        Ok(leaving) if is_usable => all.extend(judge::configuration::leaving(&leaving)),
        Ok(_) => {}
        Err(error) => all.push(judge::configuration::wrong(&error.to_string())),
    }
    let mut usable = Vec::new();
    for target in targets {
        let name = target.name.clone().filter(|_| !is_alone);
        match sends(&target, surroundings).await {
            Ok(said) => {
                let found = judge::configuration::destination(&target, &said);
                all.extend(found.into_iter().map(|finding| of(name.clone(), finding)));
                usable.push(target);
            }
            Err(error) => all.push(of(name, judge::configuration::wrong(&error.to_string()))),
        }
    }
    Configured { found: all, targets: usable, is_alone }
}

/// Whether it is what is used when nobody names a destination.
const fn is_default(destination: &Destination) -> bool {
    matches!(destination, Destination::File(file) if file.defaulted)
}

/// What there is to find on the way to a destination.
async fn way(target: &Target, args: &DoctorArgs, surroundings: &Surroundings) -> Vec<Finding> {
    match &target.destination {
        Destination::Disabled { .. } => Vec::new(),
        Destination::File(file) => vec![folder(file)],
        Destination::Otlp(_) if args.offline => {
            let todo = "leave --offline away to try names, connections and a test span";
            vec![Finding::new(Id::Offline, "nobody was contacted").todo(todo)]
        }
        Destination::Otlp(otlp) => receivers(otlp, target, surroundings).await,
    }
}

async fn receivers(otlp: &OtlpDestination, target: &Target, surroundings: &Surroundings) -> Vec<Finding> {
    let resource = match resource_of(target, &Sanitizer::default(), surroundings) {
        Ok(resource) => resource,
        Err(error) => return vec![judge::configuration::wrong(&error.to_string())],
    };
    let seen = look::network::look(otlp, &resource, surroundings).await;
    let way = seen.receivers.iter().flat_map(judge::network::receiver);
    way.chain(seen.probes.iter().flat_map(|(probe, at)| judge::network::probe(probe, *at))).collect()
}

/// Whether files can be written.
fn folder(file: &FileOptions) -> Finding {
    let dir = file.dir.display();
    let there = file.dir.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    let is_folder = there.is_dir();
    if is_folder && access(there, Access::WRITE_OK | Access::EXEC_OK).is_ok() {
        return Finding::new(Id::FolderWritable, format!("files can be written in {dir}"));
    }
    let why = if is_folder { "may not be written to" } else { "is no folder" };
    Finding::new(Id::FolderUnwritable, format!("files cannot be written in {dir}: {} {why}", there.display()))
        .todo("correct the owner and the permissions, or name another folder with --otlp-file")
}
