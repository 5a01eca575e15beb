//! Codes of other organisations change nothing that a confined token is answered.
//!
//! Two tables hold the same own codes, and one of them foreign codes too, made in between. Whatever a confined token asks
//! of the two, it gets the same answers, byte for byte. So no answer tells a foreign id, mentor, code string, organisation
//! or count.

use std::time::Duration;

use dev::{BASE, Call, Reply, TestService, rotate_body};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use super::fixture::{ABSENT_ID, COLLEAGUE, FOREIGN_ORG, OWN_MENTOR, OWN_ORG, guarded, path};
use super::tokens::{Carrier, of_mentor, of_org};

/// The beginnings of the ids: of own codes and of foreign ones, in the order of their creation.
const OWN_IDS: [&str; 5] = ["10000001", "10000002", "10000003", "10000004", "10000005"];
const FOREIGN_IDS: [&str; 5] = ["f0000001", "f0000002", "f0000003", "f0000004", "f0000005"];

struct Tables {
    runtime: tokio::runtime::Runtime,
    alone: TestService,
    among_others: TestService,
}

/// Makes own codes, and foreign ones in between if there are any.
async fn build(with_foreign: bool) -> TestService {
    let own = OWN_IDS.iter().zip([OWN_MENTOR, COLLEAGUE, OWN_MENTOR, "mtr_third", COLLEAGUE]);
    let foreign = FOREIGN_IDS.iter().zip(["mtr_f1", "mtr_f2", "mtr_f1", "mtr_f3", "mtr_f2"]);
    let mut plan: Vec<(&str, &str, &str)> = Vec::new();
    for ((own_id, own_mentor), (foreign_id, foreign_mentor)) in own.zip(foreign) {
        if with_foreign {
            plan.push((foreign_id, foreign_mentor, FOREIGN_ORG));
        }
        plan.push((own_id, own_mentor, OWN_ORG));
    }
    let ids: Vec<_> = plan.iter().map(|(id, _, _)| *id).collect();
    let service = guarded().ids(&ids).build().await;
    let admin = super::tokens::without_org("codes:admin");
    for (nth, (id, mentor, org)) in plan.iter().enumerate() {
        let nth = if with_foreign { nth as u64 } else { 2 * nth as u64 + 1 };
        service.clock.set("2026-01-10T09:00:00Z");
        service.clock.advance(Duration::from_secs(nth));
        // The second code of a mentor takes the place of the first, which is ended in another way each time.
        let created = service.send(Call::create(mentor, org).claims(&admin)).await;
        if created.status == 200 {
            let first = path(created.json()["id"].as_str().unwrap());
            if mentor.ends_with("own") || mentor.ends_with("f1") {
                service.send(Call::put(&first, &rotate_body(mentor)).claims(&admin)).await.expect(200);
            } else {
                service.send(Call::delete(&first).claims(&admin)).await.expect(200);
                service.send(Call::create(mentor, org).claims(&admin)).await.expect(201);
            }
        }
        let made = service.send(Call::get(&path(&format!("rc_{id}"))).claims(&admin)).await.expect(200);
        assert_eq!((made["org_id"].as_str(), made["status"].as_str()), (Some(*org), Some("active")));
    }
    service.clock.set("2026-01-10T09:01:00Z");
    service
}

impl Tables {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (alone, among_others) = runtime.block_on(async { (build(false).await, build(true).await) });
        Self { runtime, alone, among_others }
    }

    /// The answers of the two, alone and among others.
    fn send(&self, call: &Call) -> [Reply; 2] {
        [&self.alone, &self.among_others].map(|service| self.runtime.block_on(service.send(call.clone())))
    }
}

/// Ids and strings of own codes, of foreign ones, and of none.
fn any_id() -> impl Strategy<Value = String> {
    let ids = OWN_IDS.iter().chain(&FOREIGN_IDS).map(|id| format!("rc_{id}")).chain([ABSENT_ID.to_owned(), "x".into()]);
    select(ids.collect::<Vec<_>>())
}

fn any_mentor() -> impl Strategy<Value = &'static str> {
    select(vec![OWN_MENTOR, COLLEAGUE, "mtr_third", "mtr_f1", "mtr_f2", "mtr_f3", "mtr_unknown"])
}

/// The query of a list. `CURSOR` stands for a cursor of a page before.
fn any_query() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        any_mentor().prop_map(|mentor| format!("mentor_id={mentor}")),
        select(vec![OWN_ORG, FOREIGN_ORG, "org_unknown"]).prop_map(|org| format!("org_id={org}")),
        select(vec!["active", "rotated", "invalidated", "expired", "x"]).prop_map(|status| format!("status={status}")),
        any_id()
            .prop_map(|id| format!("code=XXX-VERV-{}", id.to_uppercase().chars().skip(3).take(4).collect::<String>())),
        select(vec![
            "sort=created_at",
            "sort=-created_at",
            "cursor=",
            "page=1",
            "page=2",
            "page=7",
            "limit=1",
            "limit=2"
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.join("&"))
}

/// A call that makes no code, since ids of new codes are random.
fn any_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => any_query().prop_map(|query| Call::get(&format!("{BASE}?{query}"))),
        1 => any_id().prop_map(|id| Call::get(&path(&id))),
        1 => any_id().prop_map(|id| Call::get(&format!("{}/url", path(&id)))),
        1 => any_id().prop_map(|id| Call::new("HEAD", &path(&id))),
        1 => any_id().prop_filter("an own code would end", |id| !id.starts_with("rc_1"))
            .prop_map(|id| Call::delete(&path(&id))),
        1 => (any_id(), any_mentor()).prop_filter("an own code would end", |(id, _)| !id.starts_with("rc_1"))
            .prop_map(|(id, mentor)| Call::put(&path(&id), &rotate_body(mentor))),
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
                let [alone, among_others] = tables.send(&call);
                prop_assert_eq!(&among_others, &alone);
                prop_assert!(alone.status < 500, "{:?}", alone);
                let Some(next) = Some(&alone)
                    .filter(|reply| reply.status == 200 && call.method == "GET")
                    .and_then(|reply| reply.json()["pagination"]["next_cursor"].as_str().map(str::to_owned))
                else {
                    return Ok(());
                };
                let others = call.query.split('&').filter(|part| !part.starts_with("cursor="));
                call.query = others.map(str::to_owned).chain([format!("cursor={next}")]).collect::<Vec<_>>().join("&");
            }
        },
    );
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// The property compares something: an admin is shown what a confined token is not.
#[test]
fn foreign_codes_change_the_answers_to_an_admin() {
    let tables = Tables::new();
    let claims = super::tokens::without_org("codes:admin");
    for call in [Call::get(BASE), Call::get(&path("rc_f0000001")), Call::get(&format!("{BASE}?mentor_id=mtr_f1"))] {
        let [alone, among_others] = tables.send(&call.claims(&claims));
        assert_ne!(alone, among_others);
        assert!(among_others.body.contains(FOREIGN_ORG), "{among_others:?}");
    }
}
