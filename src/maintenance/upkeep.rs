//! The upkeep in rounds. While codes are being made fast, it is repeated every few seconds until shortly before the schedule
//! sends the next command, so that a list has few codes to read that no mark counts.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Report;
use crate::limits::{MAX_UPKEEP_TIME, UPKEEP_PAUSE};
use crate::store::{StoreError, Upkeep};

/// Repeats `round`, which gets the time that is left, as long as it has more to do and there is time for it.
pub(super) async fn in_rounds<F>(end: Instant, mut round: impl FnMut(Duration) -> F) -> Result<Report, StoreError>
where
    F: Future<Output = Result<Upkeep, StoreError>>,
{
    let end = end.min(Instant::now() + MAX_UPKEEP_TIME);
    let (mut made, mut checked, mut rounds) = (0, 0, 0);
    let mut all_wrong: Vec<String> = Vec::new();
    loop {
        let Upkeep { listings, marks_made, steps_checked, wrong, rebuilding, busy, done } =
            round(end.saturating_duration_since(Instant::now())).await?;
        rounds += 1;
        made += marks_made;
        checked += steps_checked;
        for listing in wrong {
            if !all_wrong.contains(&listing) {
                all_wrong.push(listing);
            }
        }
        if (done && !busy) || Instant::now() + UPKEEP_PAUSE >= end {
            return Ok(Report::Upkeep {
                listings,
                marks_made: made,
                steps_checked: checked,
                wrong: all_wrong,
                rebuilding,
                rounds,
                done,
            });
        }
        sleep(UPKEEP_PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAINTENANCE_TIMEOUT;

    const ROUND: Duration = Duration::from_secs(1);

    fn a_round(wrong: &[&str], busy: bool, done: bool) -> Upkeep {
        Upkeep {
            listings: 3,
            marks_made: 2,
            steps_checked: 5,
            wrong: wrong.iter().map(|&name| name.to_owned()).collect(),
            rebuilding: Vec::new(),
            busy,
            done,
        }
    }

    /// The report of an upkeep whose nth round ends so, and how long it took.
    async fn upkeep(end: Duration, nth: impl Fn(u64) -> Upkeep) -> (Report, Duration) {
        let started = Instant::now();
        let mut rounds = 0;
        let report = in_rounds(started + end, |time_left| {
            assert!(time_left <= MAX_UPKEEP_TIME && time_left > Duration::ZERO, "{time_left:?}");
            rounds += 1;
            let round = nth(rounds);
            async {
                sleep(ROUND).await;
                Ok(round)
            }
        });
        (report.await.expect("no round fails"), started.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn upkeep_that_is_done_is_one_round() {
        let (report, took) = upkeep(MAINTENANCE_TIMEOUT, |_| a_round(&[], false, true)).await;
        let Report::Upkeep { listings: 3, marks_made: 2, steps_checked: 5, rounds: 1, done: true, .. } = report else {
            panic!("{report:?}")
        };
        assert_eq!(took, ROUND);
    }

    #[tokio::test(start_paused = true)]
    async fn upkeep_goes_on_while_codes_are_made_fast() {
        let nth = |nth| a_round(if nth == 2 { &["all"] } else { &[] }, nth < 4, true);
        let (report, took) = upkeep(MAINTENANCE_TIMEOUT, nth).await;
        let Report::Upkeep { listings: 3, marks_made: 8, steps_checked: 20, rounds: 4, wrong, done: true, .. } = report
        else {
            panic!("{report:?}")
        };
        assert_eq!((wrong, took), (vec!["all".to_owned()], ROUND * 4 + UPKEEP_PAUSE * 3));
    }

    #[tokio::test(start_paused = true)]
    async fn upkeep_that_is_not_done_is_continued() {
        let (report, _) = upkeep(MAINTENANCE_TIMEOUT, |nth| a_round(&["all"], false, nth == 3)).await;
        let Report::Upkeep { rounds: 3, done: true, wrong, .. } = report else { panic!("{report:?}") };
        assert_eq!(wrong, ["all"], "named once");
    }

    #[tokio::test(start_paused = true)]
    async fn upkeep_ends_before_the_next_one_and_before_its_time_is_over() {
        for (end, most) in [(MAINTENANCE_TIMEOUT, MAX_UPKEEP_TIME), (ROUND * 20, ROUND * 20)] {
            let (report, took) = upkeep(end, |_| a_round(&[], true, true)).await;
            assert!(took <= most && took + UPKEEP_PAUSE + ROUND >= most, "{took:?} of {most:?}: {report:?}");
        }
    }
}
