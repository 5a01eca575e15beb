//! A listing that grows fast: `total` is recent and never shrinks, lists cost what they may, and the upkeep counts every
//! five seconds.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService, audit_page_indexes, logged};
use referral_codes::limits::{LIST_BUDGET_BYTES, UPKEEP_PAUSE};
use serde_json::Value;

use super::{codes, marked, with_longest_ids};

const SECOND: Duration = Duration::from_secs(1);

/// A listing that is made to grow by so many codes a second, and what is known of it.
struct Growing {
    service: TestService,
    a_second: usize,
    is_large: bool,
    made: Vec<CodeFixture>,
    /// How many codes there were, second by second.
    sizes: Vec<usize>,
    told: usize,
    /// Whether the last count was of a fast listing.
    busy: bool,
}

impl Growing {
    async fn new(a_second: usize, is_large: bool, settle_seconds: &'static str) -> Self {
        let service =
            TestService::builder().in_process().setting("LISTING_SETTLE_SECONDS", settle_seconds).build().await;
        service.fill(&[]).await;
        Self { service, a_second, is_large, made: Vec::new(), sizes: vec![1], told: 0, busy: false }
    }

    /// A second passes, in which codes are made. The upkeep runs as the schedule and its own pauses have it.
    async fn grow(&mut self) {
        self.service.clock.advance(SECOND);
        let spacing = SECOND / u32::try_from(self.a_second).unwrap();
        let mut new = codes(self.made.len(), self.a_second, self.service.clock.now(), spacing);
        if self.is_large {
            new = with_longest_ids(new);
        }
        for (nth, code) in new.iter_mut().enumerate() {
            code.padding = if self.is_large { 400 } else { 0 };
            code.known_id = Some(format!("rc_{:08x}", self.made.len() + nth));
        }
        self.service.fill(&new).await;
        self.made.extend(new);
        // Each `fill` finds the code that it copies: the mentor has one.
        self.sizes.push(self.made.len() + 1);
        let second = self.sizes.len() as u64 - 1;
        if second % 60 == 20 {
            self.service.upkeep().await.unwrap();
            self.busy = self.service.count().await.unwrap().busy;
        } else if self.busy && second.is_multiple_of(UPKEEP_PAUSE.as_secs()) {
            self.busy = self.service.count().await.unwrap().busy;
        }
    }

    /// Lists a page, by another process if one is given, and checks it and its total, which may be so many seconds old.
    /// Returns the read units.
    async fn list(&mut self, process: Option<&TestService>, page: usize, age: usize) -> f64 {
        let process = process.unwrap_or(&self.service);
        process.meter.take();
        let answer = process.send(Call::get(&format!("{BASE}?page={page}"))).await.expect(200);
        let units = process.meter.take().read_units;
        assert!(units < 128.0, "{units} units are more than 1 MB");
        let total = usize::try_from(answer["pagination"]["total"].as_u64().unwrap()).unwrap();
        let now = self.sizes.len() - 1;
        let before = self.sizes[now.saturating_sub(age)];
        assert!((before..=self.sizes[now]).contains(&total), "{total} of {} after {now} s", self.sizes[now]);
        if page == 1 {
            assert_eq!(answer["data"][0]["id"], self.made.last().unwrap().id(), "the newest code is first");
        }
        assert!(total >= self.told, "{total} after {}", self.told);
        self.told = total;
        units
    }
}

/// 250 codes of 800 bytes a second, as much as 500 with the longest ids: no list can count them for more than four seconds. In the first minute of the
/// burst, until the upkeep has run, the total may be a minute old, and then ten seconds.
#[tokio::test]
async fn total_is_recent_and_no_list_reads_1_mb_while_large_codes_are_made_fast() {
    let mut growing = Growing::new(250, true, "20").await;
    for second in 1..46 {
        growing.grow().await;
        let age = if second <= 20 { 60 } else { 10 };
        growing.list(None, 1, age).await;
        if second > 21 {
            growing.list(None, 1, 10).await;
            let pages = growing.told / 20;
            for page in [pages / 2, pages - 1] {
                growing.list(None, page, 10).await;
            }
        }
        if second % 7 == 0 {
            let cold = growing.service.second_process(growing.service.clock.reader()).await;
            growing.told = 0;
            growing.list(Some(&cold), 1, age).await;
            growing.told = 0;
        }
    }
    // When it has become quiet, the total is exact again, and so are all marks.
    growing.service.clock.advance(Duration::from_secs(60));
    growing.service.upkeep().await.unwrap();
    growing.sizes.extend([*growing.sizes.last().unwrap(); 11]);
    growing.list(None, 1, 0).await;
    audit_page_indexes(&growing.service).await.unwrap();
}

/// The mean over a minute of lists at 100 codes a second: at most 20 units in a process that knows nothing, and 30 in one
/// that has listed some seconds before.
#[tokio::test]
async fn lists_at_100_codes_a_second_cost_at_most_20_units_cold_and_30_warm() {
    let mut growing = Growing::new(100, false, "60").await;
    let warm = growing.service.second_process(growing.service.clock.reader()).await;
    let (mut cold_units, mut warm_units) = (Vec::new(), Vec::new());
    for second in 0..100 {
        growing.grow().await;
        if second < 40 {
            continue;
        }
        let told = growing.told;
        let cold = growing.service.second_process(growing.service.clock.reader()).await;
        cold_units.push(growing.list(Some(&cold), 1, 0).await);
        growing.told = told;
        if second % 10 == 0 {
            let pages = growing.sizes.last().unwrap() / 20;
            for page in [1, 2, 200, pages / 2, pages - 1] {
                warm_units.push(growing.list(Some(&warm), page, 0).await);
            }
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "a few hundred lists")]
    let mean = |units: &[f64]| units.iter().sum::<f64>() / units.len() as f64;
    let (cold, warm) = (mean(&cold_units), mean(&warm_units));
    assert!(cold <= 20.0 && warm <= 30.0, "{cold} cold, {warm} warm: {cold_units:?} {warm_units:?}");
}

/// Fifty codes a second or fewer: every total is exact, whatever was remembered, and no mark is young.
#[tokio::test]
async fn total_is_exact_up_to_50_codes_a_second() {
    for a_second in [1, 10, 50] {
        let mut growing = Growing::new(a_second, false, "60").await;
        let process = growing.service.second_process(growing.service.clock.reader()).await;
        for _ in 0..85 {
            growing.grow().await;
            growing.list(Some(&process), 1, 0).await;
            assert!(!growing.busy);
        }
        assert_eq!(
            marked(&growing.service, "all").await,
            Some((a_second * 20) as u64 / 100 * 100).filter(|at| *at > 0)
        );
    }
}

/// A call may take some seconds, so a code may appear behind a mark that is so young. The next count corrects it, in the
/// listing of its organisation, too, and that is no late arrival.
#[tokio::test]
async fn young_mark_is_corrected_by_the_next_count_without_an_error() {
    let mut growing = Growing::new(100, false, "60").await;
    for _ in 0..35 {
        growing.grow().await;
    }
    assert!(growing.busy && marked(&growing.service, "all").await == Some(3_300));
    let late = CodeFixture::at(growing.service.clock.now() - Duration::from_millis(4_500), "o", "late");
    growing.service.fill(&[late]).await;
    growing.sizes.iter_mut().for_each(|size| *size += 1);
    growing.service.clock.advance(UPKEEP_PAUSE);
    let (counted, log) = logged(growing.service.count()).await;
    assert_eq!((counted.unwrap().wrong, log), (vec![], Vec::<Value>::new()));
    growing.list(None, 1, 0).await;
    audit_page_indexes(&growing.service).await.unwrap();
    let (upkept, log) = logged(growing.service.upkeep()).await;
    assert_eq!((upkept.unwrap().wrong, log), (vec![], Vec::<Value>::new()));
}

/// Young marks are counted until their codes have settled, for as long as that takes after a burst.
#[tokio::test]
async fn counting_goes_on_after_a_burst_until_all_marks_have_settled() {
    let mut growing = Growing::new(100, false, "60").await;
    for _ in 0..35 {
        growing.grow().await;
    }
    let young = marked(&growing.service, "all").await;
    let mut seconds = 0;
    while growing.service.count().await.unwrap().busy {
        growing.service.clock.advance(UPKEEP_PAUSE);
        seconds += UPKEEP_PAUSE.as_secs();
    }
    assert!((60..90).contains(&seconds), "{seconds}");
    assert!(marked(&growing.service, "all").await >= young);
    audit_page_indexes(&growing.service).await.unwrap();
}

/// Two upkeeps at once: the one that comes second leaves the counting to the first.
#[tokio::test]
async fn second_upkeep_does_not_count_what_was_counted_a_moment_ago() {
    let mut growing = Growing::new(100, false, "60").await;
    for _ in 0..35 {
        growing.grow().await;
    }
    growing.service.clock.advance(SECOND);
    growing.service.meter.take();
    assert!(growing.service.count().await.unwrap().busy);
    assert!(growing.service.meter.take().read_units <= 1.0, "it reads the head alone");
}

const _: () = assert!(LIST_BUDGET_BYTES < 1024 * 1024);
