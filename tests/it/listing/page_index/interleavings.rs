//! Any interleaving of codes that arrive in time or too late, of lists by several processes, of upkeeps, also two at once,
//! and of rebuilds: pages are the naive model's as long as no code has arrived too late, and again once the upkeep has
//! corrected that, without any other help.

use std::collections::BTreeSet;
use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService, audit_page_indexes};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use referral_codes::model::{Listing, Sources};

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
    List {
        process: usize,
        page: usize,
        limit: usize,
        oldest_first: bool,
        org: bool,
    },
    Upkeep,
    /// Two upkeeps at once, by processes whose requests take so many milliseconds.
    TwoUpkeeps(u64, u64),
    /// A rebuild that has so many milliseconds.
    Rebuild(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..90_u64).prop_map(Step::Wait),
        4 => prop::collection::vec(0..59_000_u64, 0..150).prop_map(Step::Arrive),
        1 => (61..1_000_u64).prop_map(Step::ArriveTooLate),
        8 => (0..2_usize, 1..14_usize, 1..=100_usize, any::<bool>(), any::<bool>())
            .prop_map(|(process, page, limit, oldest_first, org)| Step::List { process, page, limit, oldest_first, org }),
        2 => Just(Step::Upkeep),
        1 => (0..8_u64, 0..8_u64).prop_map(|(one, other)| Step::TwoUpkeeps(one, other)),
        1 => (0..200_u64).prop_map(Step::Rebuild),
    ]
}

/// What the listing is, by a sorted list in memory.
#[derive(Default)]
struct Model {
    codes: BTreeSet<CodeFixture>,
    /// Whether a code has arrived too late.
    is_broken: bool,
}

impl Model {
    fn page(&self, page: usize, limit: usize, oldest_first: bool, org: bool) -> (Vec<String>, usize) {
        let mut ids: Vec<_> = self.codes.iter().filter(|code| !org || code.org == "a").map(CodeFixture::id).collect();
        if !oldest_first {
            ids.reverse();
        }
        let total = ids.len();
        (ids.into_iter().skip((page - 1) * limit).take(limit).collect(), total)
    }
}

struct History {
    service: TestService,
    processes: [TestService; 2],
    model: Model,
    mentors: usize,
}

impl History {
    async fn new() -> Self {
        let service = TestService::new().await;
        service.fill(&[]).await;
        let first = service.send(Call::get(&format!("{BASE}?org_id=pattern"))).await.expect(200);
        let mut pattern = CodeFixture::at(std::time::UNIX_EPOCH, "pattern", "pattern");
        pattern.known_id = Some(first["data"][0]["id"].as_str().unwrap().to_owned());
        let processes = [
            service.second_process(service.clock.reader()).await,
            service.second_process(service.clock.reader()).await,
        ];
        let model = Model { codes: BTreeSet::from([pattern]), is_broken: false };
        Self { service, processes, model, mentors: 0 }
    }

    async fn arrive(&mut self, late: &[Duration]) {
        let mut codes = Vec::new();
        for late in late {
            self.mentors += 1;
            let org = ["a", "b"][self.mentors % 2];
            codes.push(CodeFixture::at(self.service.clock.now() - *late, org, &format!("m{}", self.mentors)));
        }
        self.service.fill(&codes).await;
        self.model.codes.extend(codes);
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Wait(seconds) => self.service.clock.advance(Duration::from_secs(*seconds)),
            Step::Arrive(late) => {
                self.arrive(&late.iter().map(|late| Duration::from_millis(*late)).collect::<Vec<_>>()).await;
            }
            Step::ArriveTooLate(by) => {
                self.arrive(&[Duration::from_secs(*by)]).await;
                self.model.is_broken = true;
            }
            Step::List { process, page, limit, oldest_first, org } => {
                let filter = if *org { "&org_id=a" } else { "" };
                let sort = if *oldest_first { "&sort=created_at" } else { "" };
                let path = format!("{BASE}?page={page}&limit={limit}{sort}{filter}");
                let answer = self.processes[*process].send(Call::get(&path)).await.expect(200);
                if !self.model.is_broken {
                    let ids =
                        answer["data"].as_array().unwrap().iter().map(|code| code["id"].as_str().unwrap().to_owned());
                    let total = usize::try_from(answer["pagination"]["total"].as_u64().unwrap()).unwrap();
                    assert_eq!((ids.collect(), total), self.model.page(*page, *limit, *oldest_first, *org), "{path}");
                }
            }
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
            Step::Rebuild(millis) => {
                let sources = Sources::new(self.service.clock.reader(), || 0);
                let limit = Duration::from_millis(*millis);
                let upkeep = self.service.store.upkeep();
                upkeep.rebuild(&Listing::All, &sources.call_context(), limit).await.unwrap();
            }
        }
    }

    /// Checks some pages of both processes.
    async fn check(&mut self) {
        self.model.is_broken = false;
        for process in 0..2 {
            for (page, oldest_first, org) in [(1, false, false), (3, false, true), (2, true, false), (5, false, false)]
            {
                self.take(&Step::List { process, page, limit: 30, oldest_first, org }).await;
            }
        }
        audit_page_indexes(&self.service).await.unwrap();
    }
}

#[test]
fn pages_are_the_models_in_any_interleaving_and_heal_after_late_arrivals() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12);
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
            history.take(&Step::Arrive(vec![0; 100])).await;
            history.service.clock.advance(Duration::from_secs(61));
            assert!(history.service.upkeep().await.unwrap().done);
            let upkept = history.service.upkeep().await.unwrap();
            assert_eq!((upkept.marks_written, upkept.wrong, upkept.done), (0, vec![], true));
            history.check().await;
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
