//! Pages compared with a sorted list in memory: in a listing that stands still, and in any interleaving of codes that arrive
//! in time or too late, of lists by several processes, of upkeeps, also two at once, and of rebuilds. They are the list's as
//! long as no code has arrived too late, and again once the upkeep has corrected that, without any other help.

use std::collections::BTreeSet;
use std::time::Duration;

use dev::{CodeFixture, TestService, audit_page_indexes};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::rebuild;
use crate::listing::ids;

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    /// Time passes, in seconds.
    Wait(u64),
    /// Codes appear, each so many milliseconds after it was made: in time.
    Arrive(Vec<u64>),
    /// One code appears so many seconds after it was made: later than the settling time allows, and within what the upkeep
    /// counts again.
    ArriveTooLate(u64),
    /// A process lists a page.
    List(usize, Page),
    Upkeep,
    /// Two upkeeps at once, by processes whose requests take so many milliseconds.
    TwoUpkeeps(u64, u64),
    /// A rebuild that has so many milliseconds.
    Rebuild(u64),
}

#[derive(Clone, Copy, Debug)]
struct Page {
    number: usize,
    limit: usize,
    oldest_first: bool,
    org: Option<&'static str>,
}

fn any_step() -> impl Strategy<Value = Step> {
    let org = prop_oneof![Just(None), Just(Some("a"))];
    let page = (1..14_usize, 1..=100_usize, any::<bool>(), org).prop_map(|(number, limit, oldest_first, org)| Page {
        number,
        limit,
        oldest_first,
        org,
    });
    prop_oneof![
        3 => (0..90_u64).prop_map(Step::Wait),
        4 => prop::collection::vec(0..59_000_u64, 0..150).prop_map(Step::Arrive),
        1 => (61..1_000_u64).prop_map(Step::ArriveTooLate),
        8 => (0..2_usize, page).prop_map(|(process, page)| Step::List(process, page)),
        2 => Just(Step::Upkeep),
        1 => (0..8_u64, 0..8_u64).prop_map(|(one, other)| Step::TwoUpkeeps(one, other)),
        1 => (0..200_u64).prop_map(Step::Rebuild),
    ]
}

/// A table, two processes that list it, and what the listing is.
struct History {
    service: TestService,
    processes: [TestService; 2],
    codes: BTreeSet<CodeFixture>,
    /// Whether a code has arrived too late.
    is_broken: bool,
}

impl History {
    /// The code that `fill` copies is listed too. It is in an organisation of its own, so filters by organisation leave it out.
    async fn new() -> Self {
        let service = TestService::new().await;
        service.fill(&[]).await;
        let mut pattern = CodeFixture::at(std::time::UNIX_EPOCH, "pattern", "pattern");
        pattern.known_id = ids(&service.list("").await).pop();
        let processes = [service.other_process().await, service.other_process().await];
        Self { service, processes, codes: BTreeSet::from([pattern]), is_broken: false }
    }

    /// Codes appear, each so many milliseconds after it was made.
    async fn arrive(&mut self, late: &[u64]) {
        let of = |(nth, millis): (usize, &u64)| {
            let mentor = self.codes.len() + nth;
            let made = self.service.clock.now() - Duration::from_millis(*millis);
            CodeFixture::at(made, ["a", "b"][mentor % 2], &format!("m{mentor}"))
        };
        let codes: Vec<_> = late.iter().enumerate().map(of).collect();
        self.service.fill(&codes).await;
        self.codes.extend(codes);
    }

    /// Lists a page, and compares it unless a code has arrived too late.
    async fn list(&self, process: usize, page: Page) {
        let Page { number, limit, oldest_first, org } = page;
        let filter = org.map(|org| format!("&org_id={org}")).unwrap_or_default();
        let sort = if oldest_first { "&sort=created_at" } else { "" };
        let answer = self.processes[process].list(&format!("?page={number}&limit={limit}{sort}{filter}")).await;
        if !self.is_broken {
            let mut all: Vec<_> =
                self.codes.iter().filter(|code| org.is_none_or(|org| org == code.org)).map(CodeFixture::id).collect();
            if !oldest_first {
                all.reverse();
            }
            assert_eq!(answer["pagination"]["total"], all.len(), "{page:?}");
            let expected: Vec<_> = all.into_iter().skip((number - 1) * limit).take(limit).collect();
            assert_eq!(ids(&answer), expected, "{page:?}");
        }
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Wait(seconds) => self.service.clock.advance(Duration::from_secs(*seconds)),
            Step::Arrive(late) => self.arrive(late).await,
            Step::ArriveTooLate(seconds) => {
                self.arrive(&[seconds * 1_000]).await;
                self.is_broken = true;
            }
            Step::List(process, page) => self.list(*process, *page).await,
            Step::Upkeep => drop(self.service.upkeep().await.unwrap()),
            Step::TwoUpkeeps(one, other) => {
                let [first, second] = &self.processes;
                for (process, latency) in [(first, one), (second, other)] {
                    process.faults.latency(Duration::from_millis(*latency));
                }
                let (one, other) = tokio::join!(first.upkeep(), second.upkeep());
                one.and(other).unwrap();
                for process in &self.processes {
                    process.faults.latency(Duration::ZERO);
                }
            }
            Step::Rebuild(millis) => drop(rebuild(&self.service, "all", Duration::from_millis(*millis)).await),
        }
    }
}

#[tokio::test]
async fn numbered_pages_with_page_marks_are_correct() {
    let mut history = History::new().await;
    history.arrive(&(0..730).map(|nth| nth * 500).collect::<Vec<_>>()).await;
    for round in 0..2 {
        for (org, oldest_first) in
            [(None, false), (None, true), (Some("a"), false), (Some("b"), true), (Some("x"), false)]
        {
            for (number, limit) in [(1, 20), (8, 100), (9, 100), (15, 50), (104, 7), (731, 1)] {
                history.list(0, Page { number, limit, oldest_first, org }).await;
            }
        }
        if round == 0 {
            history.service.clock.advance(Duration::from_secs(60));
            assert!(history.service.upkeep().await.unwrap().marks_written > 0);
        }
    }
}

#[test]
fn pages_are_the_models_in_any_interleaving_and_heal_after_late_arrivals() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3);
    let mut runner = TestRunner::new(Config { cases, max_shrink_iters: 60, ..Config::default() });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outcome = runner.run(&prop::collection::vec(any_step(), 10..40), |steps| {
        runtime.block_on(async {
            let mut history = History::new().await;
            for step in &steps {
                history.take(step).await;
            }
            // A code that has appeared late after the last mark of all codes is counted in its organisation when the next mark
            // is made.
            history.arrive(&[0; 100]).await;
            history.service.clock.advance(Duration::from_secs(61));
            assert!(history.service.upkeep().await.unwrap().done);
            let upkept = history.service.upkeep().await.unwrap();
            assert_eq!((upkept.marks_written, upkept.wrong, upkept.done), (0, BTreeSet::new(), true));
            history.is_broken = false;
            for process in 0..2 {
                for (number, oldest_first, org) in
                    [(1, false, None), (3, false, Some("a")), (2, true, None), (5, false, None)]
                {
                    history.list(process, Page { number, limit: 30, oldest_first, org }).await;
                }
            }
            audit_page_indexes(&history.service).await.unwrap();
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
