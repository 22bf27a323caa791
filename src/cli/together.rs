//! Runs the same for several destinations at once, each by itself.

use futures_util::future::join_all;

use super::ExitCode;
use super::output::{SPEAKER, note};
use super::pass::SetupError;
use crate::config::Target;

/// Runs all and returns the worst of their exit codes. One that fails says so and holds nobody up.
pub(super) async fn run_all<F>(targets: Vec<Target>, run: impl Fn(Target) -> F) -> Result<ExitCode, SetupError>
where
    F: Future<Output = Result<ExitCode, SetupError>>,
{
    let is_alone = targets.len() == 1;
    let each = targets.into_iter().map(|target| {
        let speaker = target.name.clone().filter(|_| !is_alone);
        let running = run(target);
        SPEAKER.scope(speaker, async {
            let ended = running.await;
            if let (Err(error), false) = (&ended, is_alone) {
                note(&format!("error: {error}"));
            }
            ended
        })
    });
    let mut ended = join_all(each).await;
    if is_alone {
        return ended.pop().unwrap_or(Ok(ExitCode::Done));
    }
    let codes = ended.into_iter().map(|ended| ended.unwrap_or_else(|error| error.code()));
    Ok(codes.max_by_key(|code| gravity(*code)).unwrap_or(ExitCode::Done))
}

/// How bad a code is: what nobody can help comes last, since it hides nothing worse.
pub(super) fn gravity(code: ExitCode) -> u8 {
    match code {
        ExitCode::Done => 0,
        ExitCode::Problems => 1,
        ExitCode::Interrupted | ExitCode::Terminated => 2,
        ExitCode::Busy => 3,
        ExitCode::Destination => 4,
        ExitCode::Configuration => 5,
        ExitCode::Usage => 6,
        ExitCode::Internal => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_worse_than_done_and_no_two_problems_of_ours_are_alike() {
        let worst = ExitCode::ALL.into_iter().max_by_key(|code| gravity(*code));
        assert_eq!(worst, Some(ExitCode::Internal));
        assert!(ExitCode::ALL.into_iter().all(|code| code == ExitCode::Done || gravity(code) > 0));
    }
}
