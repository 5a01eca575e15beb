//! The upkeep: the newest codes are counted, and then all that may still be wrong is. While codes are made fast, the newest
//! ones are counted again every few seconds, at the same time, until the schedule has sent the next upkeep.

use futures_util::future::join;
use tokio::time::{Instant, sleep};

use super::Report;
use crate::limits::{MAX_COUNTING_TIME, UPKEEP_PAUSE};
use crate::store::{Counted, StoreError, Upkept};

/// Carries out an upkeep of these two parts.
pub(super) async fn carry_out<F>(
    end: Instant,
    count: impl Fn() -> F,
    check: impl Future<Output = Result<Upkept, StoreError>>,
) -> Result<Report, StoreError>
where
    F: Future<Output = Result<Counted, StoreError>>,
{
    let end = end.min(Instant::now() + MAX_COUNTING_TIME);
    let mut wrong = Vec::new();
    let mut counts = 1;
    // A count that fails does not keep the check from its work.
    let mut last = count().await;
    let go_on_counting = async {
        while let Ok(counted) = &mut last {
            add(&mut wrong, std::mem::take(&mut counted.wrong));
            if !counted.busy || Instant::now() + UPKEEP_PAUSE >= end {
                return Ok(());
            }
            sleep(UPKEEP_PAUSE).await;
            last = count().await;
            counts += 1;
        }
        last.map(drop)
    };
    let (counted, checked) = join(go_on_counting, check).await;
    let Upkept { listings, marks_written, wrong: found, done } = checked?;
    counted?;
    add(&mut wrong, found);
    Ok(Report::Upkeep { listings, marks_written, wrong, counts, done })
}

fn add(listings: &mut Vec<String>, found: Vec<String>) {
    for listing in found {
        if !listings.contains(&listing) {
            listings.push(listing);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;
    use crate::limits::MAINTENANCE_TIMEOUT;

    const CHECK: Duration = Duration::from_secs(20);

    /// The report of an upkeep whose check takes 20 s and whose nth count ends so, and how long it took.
    async fn upkeep(
        end: Duration,
        nth: impl Fn(u64) -> Result<Counted, StoreError>,
    ) -> (Result<Report, StoreError>, Duration) {
        let started = Instant::now();
        let counts = Cell::new(0);
        let count = || async {
            counts.set(counts.get() + 1);
            sleep(Duration::from_secs(1)).await;
            nth(counts.get())
        };
        let check = async {
            sleep(CHECK).await;
            Ok(Upkept { listings: 3, marks_written: 2, wrong: vec!["all".into()], done: true })
        };
        (carry_out(started + end, count, check).await, started.elapsed())
    }

    fn counted(busy: bool) -> Counted {
        Counted { wrong: Vec::new(), busy }
    }

    #[tokio::test(start_paused = true)]
    async fn quiet_listings_are_counted_once() {
        let (report, took) = upkeep(MAINTENANCE_TIMEOUT, |_| Ok(counted(false))).await;
        let report = report.expect("nothing fails");
        let Report::Upkeep { listings: 3, marks_written: 2, counts: 1, done: true, .. } = report else {
            panic!("{report:?}")
        };
        assert_eq!(took, Duration::from_secs(1) + CHECK);
    }

    #[tokio::test(start_paused = true)]
    async fn fast_listings_are_counted_every_few_seconds_beside_the_check() {
        let nth = |nth: u64| Ok(Counted { wrong: vec![format!("{nth}")], busy: nth < 8 });
        let (report, took) = upkeep(MAINTENANCE_TIMEOUT, nth).await;
        let report = report.expect("nothing fails");
        let Report::Upkeep { counts: 8, wrong, .. } = report else { panic!("{report:?}") };
        assert_eq!(wrong, ["1", "2", "3", "4", "5", "6", "7", "8", "all"]);
        assert_eq!(took, Duration::from_secs(8) + UPKEEP_PAUSE * 7);
    }

    #[tokio::test(start_paused = true)]
    async fn counting_ends_when_the_next_upkeep_has_begun_and_before_the_time_is_over() {
        for (end, most) in [(MAINTENANCE_TIMEOUT, MAX_COUNTING_TIME), (CHECK * 2, CHECK * 2)] {
            let (report, took) = upkeep(end, |_| Ok(counted(true))).await;
            let slack = UPKEEP_PAUSE + Duration::from_secs(1);
            assert!(took <= most + slack && took + slack >= most, "{took:?} of {most:?}: {report:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn count_that_fails_ends_the_upkeep_with_its_failure_after_the_check() {
        let nth = |nth| if nth == 1 { Ok(counted(true)) } else { Err(StoreError::Fault("no".into())) };
        let (report, took) = upkeep(MAINTENANCE_TIMEOUT, nth).await;
        assert!(matches!(report, Err(StoreError::Fault(_))), "{report:?}");
        assert_eq!(took, Duration::from_secs(1) + CHECK);
    }
}
