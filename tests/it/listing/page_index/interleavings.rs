//! Any interleaving of codes that arrive in time or too late, of lists by several processes, of upkeep and of rebuilds:
//! pages are the naive model's as long as no code has arrived too late, and again once the upkeep has mended that.

use std::collections::BTreeSet;
use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService, audit_page_indexes};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use referral_codes::model::Sources;
use referral_codes::store::Listing;

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    /// Time passes, in seconds.
    Wait(u64),
    /// Codes appear, each so many milliseconds after it was made: in time.
    Arrive(Vec<u64>),
    /// One code appears later than the settling time allows, by so many seconds.
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
    /// A rebuild that has so many milliseconds.
    Rebuild(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..90_u64).prop_map(Step::Wait),
        4 => prop::collection::vec(0..59_000_u64, 0..150).prop_map(Step::Arrive),
        1 => (61..2_000_u64).prop_map(Step::ArriveTooLate),
        8 => (0..2_usize, 1..14_usize, 1..=100_usize, any::<bool>(), any::<bool>())
            .prop_map(|(process, page, limit, oldest_first, org)| Step::List { process, page, limit, oldest_first, org }),
        2 => Just(Step::Upkeep),
        1 => (0..200_u64).prop_map(Step::Rebuild),
    ]
}

/// What the listing is, by a sorted list in memory.
#[derive(Default)]
struct Model {
    codes: BTreeSet<CodeFixture>,
    /// Whether a code has arrived too late since the upkeep has last run.
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
            Step::Rebuild(millis) => {
                let sources = Sources::new(self.service.clock.reader(), || 0);
                let limit = Duration::from_millis(*millis);
                self.service.store.rebuild(&Listing::All, &sources.call_context(), limit).await.unwrap();
            }
        }
    }

    /// The upkeep mends what a late arrival has broken within its reach. A rebuild mends everything.
    async fn heal(&mut self) {
        for _ in 0..3 {
            self.service.upkeep().await.unwrap();
        }
        self.model.is_broken = false;
        // What it does not look at any more is older than a rebuild would be asked for.
        for listing in ["all", "org#a", "org#b"] {
            let sources = Sources::new(self.service.clock.reader(), || 0);
            let listing: Listing = listing.parse().unwrap();
            let begun = self.service.store.rebuild(&listing, &sources.call_context(), Duration::from_secs(60)).await;
            assert!(begun.unwrap().done);
        }
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
            history.heal().await;
            for process in 0..2 {
                for (page, oldest_first, org) in
                    [(1, false, false), (3, false, true), (2, true, false), (5, false, false)]
                {
                    history.take(&Step::List { process, page, limit: 30, oldest_first, org }).await;
                }
                history.processes[process].finish_index_work().await;
            }
            audit_page_indexes(&history.service).await.unwrap();
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
