//! Codes of other organisations change nothing that a confined token is answered.
//!
//! Two tables hold the same own codes, and one of them foreign codes too, made in between. Whatever a confined token asks
//! of the two, it gets the same answers, byte for byte, by the same requests to the table in the same time. So no answer tells
//! a foreign id, mentor, code string, organisation or count, and nothing about a call for one code tells a foreign code from an
//! absent one.
//!
//! The codes are fresh and made by another process, so a read of an own code is confirmed. A foreign one is not.

use std::time::Duration;

use dev::{BASE, Call, Consumed, Reply, TestService, random_ids, rotate_body};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use tokio::time::Instant;

use super::fixture::{ABSENT_ID, COLLEAGUE, FOREIGN_ORG, OWN_MENTOR, OWN_ORG, path};
use super::tokens::{Carrier, of_mentor, of_org, without_org};

/// The beginnings of the ids: of own codes and of foreign ones, in the order of their creation.
const OWN_IDS: [&str; 5] = ["10000001", "10000002", "10000003", "10000004", "10000005"];
const FOREIGN_IDS: [&str; 5] = ["f0000001", "f0000002", "f0000003", "f0000004", "f0000005"];
/// Their mentors. The second code of a mentor takes the place of the first.
const OWN_MENTORS: [&str; 5] = [OWN_MENTOR, COLLEAGUE, OWN_MENTOR, "mtr_third", COLLEAGUE];
const FOREIGN_MENTORS: [&str; 5] = ["mtr_f1", "mtr_f2", "mtr_f1", "mtr_f3", "mtr_f2"];

/// What a client, and the bill, can tell of a call.
#[derive(Clone, PartialEq, Debug)]
struct Observed {
    reply: Reply,
    /// Operation, and how many items it names.
    requests: Vec<(String, usize)>,
    duration: Duration,
    read_units: f64,
    write_units: f64,
}

struct Tables {
    runtime: tokio::runtime::Runtime,
    alone: TestService,
    among_others: TestService,
}

/// Makes own codes, and foreign ones in between if there are any. Returns a process that has seen none of them.
async fn build(with_foreign: bool) -> TestService {
    let own = OWN_IDS.into_iter().zip(OWN_MENTORS).map(|(id, mentor)| (id, mentor, OWN_ORG));
    let foreign = FOREIGN_IDS.into_iter().zip(FOREIGN_MENTORS).map(|(id, mentor)| (id, mentor, FOREIGN_ORG));
    let all = foreign.zip(own).flat_map(|(foreign, own)| [foreign, own]).enumerate();
    let plan: Vec<_> = all.filter(|(_, (_, _, org))| with_foreign || *org == OWN_ORG).collect();
    let ids: Vec<_> = plan.iter().map(|(_, (id, _, _))| *id).collect();
    let maker = TestService::builder().in_process().ids(&ids).build().await;
    for (second, (id, mentor, org)) in plan {
        maker.clock.set("2026-01-10T09:00:00Z");
        maker.clock.advance(Duration::from_secs(second as u64));
        let create = Call::create(mentor, org).with("mentor_name", "Jan");
        let created = maker.send(create.clone()).await;
        // Each first code is ended in another way.
        match (created.status, mentor) {
            (200, OWN_MENTOR | "mtr_f1") => drop(maker.rotate(&created.json()).await),
            (200, _) => {
                maker.invalidate(&created.json()).await;
                maker.send(create).await.expect(201);
            }
            _ => {}
        }
        let made = maker.send(Call::get(&path(&format!("rc_{id}")))).await.expect(200);
        assert_eq!((made["org_id"].as_str(), made["status"].as_str()), (Some(org), Some("active")));
    }
    maker.clock.set("2026-01-10T09:01:00Z");
    let settings = [("ACCESS", "jwt"), ("MENTOR_CLAIM", "mentor_id")];
    let guarded = maker.second_process_with(&maker.clock, random_ids(1, false), &settings).await;
    guarded.faults.latency(Duration::from_millis(1));
    guarded
}

impl Tables {
    fn new() -> Self {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build().unwrap();
        let (alone, among_others) = runtime.block_on(async { (build(false).await, build(true).await) });
        Self { runtime, alone, among_others }
    }

    /// What is observed of the two, alone and among others.
    fn send(&self, call: &Call) -> [Observed; 2] {
        [&self.alone, &self.among_others].map(|service| self.runtime.block_on(observe(service, call)))
    }
}

async fn observe(service: &TestService, call: &Call) -> Observed {
    service.faults.take();
    service.meter.take();
    let started = Instant::now();
    let reply = service.send(call.clone()).await;
    let duration = started.elapsed();
    let requests = service.faults.take().into_iter().map(|request| {
        let items = request.request["TransactItems"].as_array().map_or(1, Vec::len);
        (request.operation, items)
    });
    let Consumed { read_units, write_units, .. } = service.meter.take();
    Observed { reply, requests: requests.collect(), duration, read_units, write_units }
}

/// Ids of own codes, of foreign ones, and of none.
fn any_id() -> impl Strategy<Value = String> {
    let ids = OWN_IDS.iter().chain(&FOREIGN_IDS).map(|id| format!("rc_{id}")).chain([ABSENT_ID.to_owned(), "x".into()]);
    select(ids.collect::<Vec<_>>())
}

fn any_mentor() -> impl Strategy<Value = &'static str> {
    select([&OWN_MENTORS[..], &FOREIGN_MENTORS, &["mtr_unknown"]].concat())
}

/// The query of a list.
fn any_query() -> impl Strategy<Value = String> {
    let others = "sort=created_at sort=-created_at cursor= page=1 page=2 page=7 limit=1 limit=2";
    let codes = "JAN-VERV-1000 JAN-VERV-F000 janvervf000 JAN-VERV-0000";
    let part = prop_oneof![
        any_mentor().prop_map(|mentor| format!("mentor_id={mentor}")),
        select(vec![OWN_ORG, FOREIGN_ORG, "org_unknown"]).prop_map(|org| format!("org_id={org}")),
        select(vec!["active", "rotated", "invalidated", "expired", "x"]).prop_map(|status| format!("status={status}")),
        select(codes.split(' ').collect::<Vec<_>>()).prop_map(|code| format!("code={code}")),
        select(others.split(' ').collect::<Vec<_>>()).prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.join("&"))
}

/// A call that makes no code, since ids of new codes are random.
fn any_call() -> impl Strategy<Value = Call> {
    let foreign_id = || any_id().prop_filter("an own code would end", |id| !id.starts_with("rc_1"));
    prop_oneof![
        3 => any_query().prop_map(|query| Call::get(&format!("{BASE}?{query}"))),
        1 => any_id().prop_map(|id| Call::get(&path(&id))),
        1 => any_id().prop_map(|id| Call::get(&format!("{}/url", path(&id)))),
        1 => any_id().prop_map(|id| Call::new("HEAD", &path(&id))),
        1 => foreign_id().prop_map(|id| Call::delete(&path(&id))),
        1 => (foreign_id(), any_mentor()).prop_map(|(id, mentor)| Call::put(&path(&id), &rotate_body(mentor))),
        1 => any_mentor().prop_map(|mentor| Call::create(mentor, FOREIGN_ORG)),
    ]
}

fn any_token() -> impl Strategy<Value = Value> {
    select(vec![of_org("codes:read"), of_org("codes:write"), of_mentor("codes:read"), of_mentor("codes:write")])
}

#[test]
fn foreign_codes_change_no_answer_to_a_confined_token() {
    let tables = Tables::new();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(
        &(any_call(), any_token(), select(&Carrier::ALL[..])),
        |(call, claims, carrier)| {
            let mut call = carrier.carry(call, Some(&claims));
            // A list is followed to its end.
            loop {
                let [mut alone, among_others] = tables.send(&call);
                if call.query.contains("mentor_id=") {
                    // The list of a mentor elsewhere reads that mentor's codes, and leaves them out.
                    alone = Observed { reply: alone.reply, ..among_others.clone() };
                }
                prop_assert_eq!(&among_others, &alone);
                prop_assert!(alone.reply.status < 500, "{:?}", alone);
                let is_list = call.method == "GET" && alone.reply.status == 200;
                let page = if is_list { alone.reply.json() } else { Value::Null };
                let Some(next) = page["pagination"]["next_cursor"].as_str() else { return Ok(()) };
                let others = call.query.split('&').filter(|part| !part.starts_with("cursor="));
                call.query = others.map(str::to_owned).chain([format!("cursor={next}")]).collect::<Vec<_>>().join("&");
            }
        },
    );
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// The property compares something: an own code is confirmed, and an admin is shown what a confined token is not.
#[test]
fn foreign_codes_change_the_answers_to_an_admin() {
    let tables = Tables::new();
    let [own, _] = tables.send(&Call::get(&path("rc_10000005")).claims(&of_org("codes:read")));
    assert_eq!(own.requests, [("GetItem".to_owned(), 1), ("BatchGetItem".to_owned(), 1)]);
    let claims = without_org("codes:admin");
    let lists = ["", "?mentor_id=mtr_f1", "?code=JAN-VERV-F000"].map(|query| format!("{BASE}{query}"));
    for shown in lists.into_iter().chain([path("rc_f0000001")]) {
        let [alone, among_others] = tables.send(&Call::get(&shown).claims(&claims));
        assert_ne!(alone, among_others);
        assert!(among_others.reply.body.contains(FOREIGN_ORG), "{among_others:?}");
    }
}
