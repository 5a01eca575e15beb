//! The upkeep: the newest codes are counted, and then all that may still be wrong is. While codes are made fast, the newest
//! ones are counted again every few seconds, at the same time, until the schedule has sent the next upkeep.

use std::collections::BTreeSet;

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
    let mut wrong = BTreeSet::new();
    let mut counts = 1;
    // A count that fails does not keep the check from its work.
    let mut last = count().await;
    let go_on_counting = async {
        while let Ok(counted) = &mut last {
            wrong.append(&mut counted.wrong);
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
    let checked = checked?;
    counted?;
    wrong.extend(checked.wrong);
    Ok(Report::Upkeep { upkept: Upkept { wrong, ..checked }, counts })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;

    /// A check takes 20 s here, and a count 1 s. `is_busy` says how the nth count ends.
    #[tokio::test(start_paused = true)]
    async fn newest_codes_are_counted_every_five_seconds_beside_the_check_while_they_are_made_fast() {
        type IsBusy = fn(u64) -> Result<bool, StoreError>;
        let cases: [(&str, u64, IsBusy, Option<u64>, u64); 5] = [
            ("once if they are not", 300, |_| Ok(false), Some(1), 21),
            ("until they are not", 300, |nth| Ok(nth < 8), Some(8), 8 + 7 * 5),
            ("until the next upkeep has begun", 300, |_| Ok(true), Some(12), 67),
            ("until the time is over", 40, |_| Ok(true), Some(7), 37),
            ("a count that fails", 300, |nth| if nth == 1 { Ok(true) } else { Err(failed()) }, None, 21),
        ];
        for (case, limit, is_busy, expected, seconds) in cases {
            let (started, counts) = (Instant::now(), Cell::new(0));
            let count = || async {
                counts.set(counts.get() + 1);
                sleep(Duration::from_secs(1)).await;
                is_busy(counts.get()).map(|busy| Counted { wrong: [counts.get().to_string()].into(), busy })
            };
            let check = async {
                sleep(Duration::from_secs(20)).await;
                Ok(Upkept { listings: 3, marks_written: 2, wrong: ["all".into()].into(), done: true })
            };
            let report = carry_out(started + Duration::from_secs(limit), count, check).await;
            assert_eq!(started.elapsed(), Duration::from_secs(seconds), "{case}");
            let expected = expected.map(|counts| {
                let wrong = (1..=counts).map(|nth| nth.to_string()).chain(["all".into()]).collect();
                Report::Upkeep { upkept: Upkept { listings: 3, marks_written: 2, wrong, done: true }, counts }
            });
            assert_eq!(report.ok(), expected, "{case}");
        }
    }

    fn failed() -> StoreError {
        StoreError::Fault("no".into())
    }
}
