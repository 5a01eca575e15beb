//! A listing that grows fast: `total` is recent and never shrinks, no list reads more than 1 MB, and the upkeep counts every
//! five seconds. What such lists cost is in docs/costs.md.

use std::collections::BTreeSet;

use dev::{CodeFixture, TestService, audit_page_indexes, logged};
use referral_codes::limits::UPKEEP_PAUSE;
use serde_json::Value;

use super::{MILLI, SECOND, codes, late_by, marked};
use crate::listing::ids;

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

    /// A listing of 100 codes a second, 35 seconds old, so that it has marks of codes that have not settled.
    async fn busy() -> Self {
        let mut growing = Self::new(100, false, "60").await;
        for _ in 0..35 {
            growing.grow().await;
        }
        assert!(growing.busy && marked(&growing.service, "all").await == Some(3_300));
        growing
    }

    /// A second passes, in which codes are made. The upkeep runs as the schedule and its own pauses have it.
    async fn grow(&mut self) {
        self.service.clock.advance(SECOND);
        let spacing = SECOND / u32::try_from(self.a_second).unwrap();
        let mut new = codes(self.made.len(), self.a_second, self.service.clock.now(), spacing);
        for (nth, code) in new.iter_mut().enumerate() {
            code.known_id = Some(format!("rc_{:08x}", self.made.len() + nth));
            if self.is_large {
                // The longest ids, and records of 800 bytes.
                code.org = "o".repeat(128);
                code.mentor = format!("{:-<128}", code.mentor);
                code.padding = 400;
            }
        }
        self.service.fill(&new).await;
        self.made.extend(new);
        // Each `fill` finds the code that it copies: the mentor has one.
        self.sizes.push(self.made.len() + 1);
        let second = self.sizes.len() as u64 - 1;
        if second % 60 == 20 {
            self.service.upkeep().await.unwrap();
        }
        if second % 60 == 20 || (self.busy && second.is_multiple_of(UPKEEP_PAUSE.as_secs())) {
            self.busy = self.service.count().await.unwrap().busy;
        }
    }

    /// Lists a page, and checks it and its total, which may be so many seconds old.
    async fn list(&mut self, page: usize, age: usize) {
        let process = self.service.clone();
        self.list_by(&process, page, age).await;
    }

    async fn list_by(&mut self, process: &TestService, page: usize, age: usize) {
        process.meter.take();
        let answer = process.list(&format!("?page={page}")).await;
        let units = process.meter.take().read_units;
        assert!(units < 128.0, "{units} units are more than 1 MB");
        let total = usize::try_from(answer["pagination"]["total"].as_u64().unwrap()).unwrap();
        let now = self.sizes.len() - 1;
        let before = self.sizes[now.saturating_sub(age)];
        assert!((before..=self.sizes[now]).contains(&total), "{total} of {} after {now} s", self.sizes[now]);
        if page == 1 {
            assert_eq!(ids(&answer)[0], self.made.last().unwrap().id(), "the newest code is first");
        }
        assert!(total >= self.told, "{total} after {}", self.told);
        self.told = total;
    }
}

/// 250 codes of 800 bytes a second, as much as 500 with the longest ids: no list can count them for more than four seconds. In the first minute of the
/// burst, until the upkeep has run, the total may be a minute old, and then ten seconds.
#[tokio::test]
#[ignore = "long: nine thousand large codes"]
async fn long_total_is_recent_and_no_list_reads_1_mb_while_large_codes_are_made_fast() {
    let mut growing = Growing::new(250, true, "20").await;
    for second in 1..36 {
        growing.grow().await;
        let age = if second <= 20 { 60 } else { 10 };
        growing.list(1, age).await;
        if second > 21 {
            growing.list(1, 10).await;
            let pages = growing.told / 20;
            for page in [pages / 2, pages - 1] {
                growing.list(page, 10).await;
            }
        }
        if second % 7 == 0 {
            // A process that knows nothing may be told less than others were.
            let cold = growing.service.other_process().await;
            growing.told = 0;
            growing.list_by(&cold, 1, age).await;
            growing.told = 0;
        }
    }
    // When it has become quiet, the total is exact again, and so are all marks.
    growing.service.clock.advance(60 * SECOND);
    growing.service.upkeep().await.unwrap();
    growing.list(1, 0).await;
    audit_page_indexes(&growing.service).await.unwrap();
}

/// Fifty codes a second or fewer: every total is exact, whatever was remembered, and no mark is young.
#[tokio::test]
#[ignore = "long: four thousand codes, and a list for each second"]
async fn long_total_is_exact_up_to_50_codes_a_second() {
    for a_second in [1, 50] {
        let mut growing = Growing::new(a_second, false, "60").await;
        let process = growing.service.other_process().await;
        for _ in 0..85 {
            growing.grow().await;
            growing.list_by(&process, 1, 0).await;
            assert!(!growing.busy);
        }
        let settled = (a_second * 20) as u64 / 100 * 100;
        assert_eq!(marked(&growing.service, "all").await, Some(settled).filter(|at| *at > 0));
    }
}

/// A call may take some seconds, so a code may appear behind a mark that is so young. The next count corrects it, in the
/// listing of its organisation, too, and that is no late arrival.
#[tokio::test]
async fn young_mark_is_corrected_by_the_next_count_without_an_error() {
    let mut growing = Growing::busy().await;
    growing.service.fill(&[late_by(&growing.service, 4_500 * MILLI, "o")]).await;
    growing.sizes.iter_mut().for_each(|size| *size += 1);
    growing.service.clock.advance(UPKEEP_PAUSE);
    let (counted, log) = logged(growing.service.count()).await;
    assert_eq!((counted.unwrap().wrong, log), (BTreeSet::new(), Vec::<Value>::new()));
    growing.list(1, 0).await;
    audit_page_indexes(&growing.service).await.unwrap();
    let (upkept, log) = logged(growing.service.upkeep()).await;
    assert_eq!((upkept.unwrap().wrong, log), (BTreeSet::new(), Vec::<Value>::new()));
}

/// Young marks are counted until their codes have settled, for as long as that takes after a burst. The second of two upkeeps
/// at once leaves the counting to the first.
#[tokio::test]
#[ignore = "long: counts three thousand codes again and again"]
async fn long_counting_goes_on_after_a_burst_until_all_marks_have_settled() {
    let service = Growing::busy().await.service;
    service.clock.advance(SECOND);
    service.meter.take();
    assert!(service.count().await.unwrap().busy);
    assert!(service.meter.take().read_units <= 1.0, "it reads the head alone");
    let young = marked(&service, "all").await;
    let mut seconds = 1;
    while service.count().await.unwrap().busy {
        service.clock.advance(UPKEEP_PAUSE);
        seconds += UPKEEP_PAUSE.as_secs();
    }
    assert!((60..90).contains(&seconds), "{seconds}");
    assert!(marked(&service, "all").await >= young);
    audit_page_indexes(&service).await.unwrap();
}
