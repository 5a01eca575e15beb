//! Calls for one code.

use dev::{BASE, Call, TestService};
use referral_codes::limits::MEMORY_OF_OPEN_ORGANISATION;
use referral_codes::store::Store;
use serde_json::Value;

use super::{Cost, Row, cost, cost_with};

/// An id for each code, so that none collides and none of the creates updates the page index.
fn ids() -> Vec<String> {
    (1..100).map(|nth| format!("{nth:04x}")).collect()
}

pub async fn rows() -> Vec<Row> {
    let ids = ids();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let service = TestService::builder().in_process().ids(&ids).setting("ROTATED_GRACE_DAYS", "7").build().await;
    let mut rows = vec![start(&service).await];
    rows.extend(reads(&service).await);
    rows.extend(creates(&service).await);
    rows.extend(rotations(&service).await);
    rows.extend(invalidations(&service).await);
    rows.extend(confirmations(&service).await);
    rows.extend(short_links(&service).await);
    rows
}

async fn start(service: &TestService) -> Row {
    let (client, meter) = service.metered_client().await;
    Store::new(client, &service.table, 60).warm_up().await;
    Row::new("the start of a process", [Cost { round_trips: 1.0, consumed: meter.take() }])
}

async fn reads(service: &TestService) -> Vec<Row> {
    let invalid = cost_with(service, Call::get(&format!("{BASE}?limit=0")), 400).await;
    let unknown = cost_with(service, Call::get(&format!("{BASE}/unknown")), 404).await;
    let code = service.create("usr_1", "org_002").await;
    let (_, get) = cost(service, Call::read(&code)).await;
    let (_, url) = cost(service, Call::url(&code)).await;
    let (_, by_string) = cost(service, Call::get(&format!("{BASE}?code={}", code["code"].as_str().unwrap()))).await;
    vec![
        Row::new("any call with invalid input", [invalid, unknown]),
        Row::new("`GET /:id`, `GET /:id/url`", [get, url]),
        Row::new("`GET /?code=`", [by_string]),
    ]
}

async fn creates(service: &TestService) -> Vec<Row> {
    let create = || Call::create("usr_2", "org_002");
    service.clock.advance(MEMORY_OF_OPEN_ORGANISATION);
    let (_, after_a_minute) = cost(service, Call::create("usr_9", "org_002")).await;
    let (code, first) = cost(service, create()).await;
    let (_, existing) = cost(service, create()).await;
    let other_org = cost_with(service, Call::create("usr_2", "org_003"), 409).await;
    service.invalidate(&code).await;
    let (_, after_invalidation) = cost(service, create()).await;

    let until = Call::create("usr_3", "org_002").with("expires_at", "2026-01-10T10:00:00Z");
    service.send(until).await.expect(201);
    service.clock.set("2026-01-10T10:00:00Z");
    service.create("usr_10", "org_002").await;
    let (_, after_expiry) = cost(service, Call::create("usr_3", "org_002")).await;
    vec![
        Row::new("`POST`, the mentor has an active code", [existing, other_org]),
        Row::new("`POST`, a new code", [first, after_invalidation]),
        Row::new("… in a process that has made none for the organisation within a minute", [after_a_minute]),
        Row::new("`POST`, a new code in place of an expired one", [after_expiry]),
    ]
}

async fn rotations(service: &TestService) -> Vec<Row> {
    let mut code = service.create("usr_4", "org_002").await;
    let mut costs = Vec::new();
    let mut old = code.clone();
    for _ in 0..30 {
        let (successor, cost) = cost(service, Call::rotate(&code)).await;
        (old, code) = (code, successor);
        costs.push(cost);
    }
    let (moves_page, usual): (Vec<_>, Vec<_>) =
        costs.iter().enumerate().partition(|(nth, _)| *nth > 0 && nth.is_multiple_of(14));
    let (_, repeated) = cost(service, Call::rotate(&old)).await;
    let other_mentor = cost_with(service, Call::rotate(&code).with("mentor_id", "usr_2"), 403).await;
    service.invalidate(&code).await;
    let ended = cost_with(service, Call::rotate(&code), 409).await;
    let cost_of = |(_, cost): (usize, &_)| *cost;
    vec![
        Row::new("`PUT`", usual.into_iter().map(cost_of)),
        Row::new("`PUT`, each 14th of one mentor: moves a page of earlier codes", moves_page.into_iter().map(cost_of)),
        Row::new("`PUT`, repeated", [repeated]),
        Row::new("`PUT`, refused", [other_mentor, ended]),
    ]
}

async fn invalidations(service: &TestService) -> Vec<Row> {
    let code = service.create("usr_5", "org_002").await;
    let successor = service.rotate(&code).await;
    let (_, invalidated) = cost(service, Call::invalidate(&successor)).await;
    let (_, repeated) = cost(service, Call::invalidate(&successor)).await;
    let refused = cost_with(service, Call::invalidate(&code), 409).await;
    vec![
        Row::new("`DELETE`", [invalidated]),
        Row::new("`DELETE`, repeated", [repeated]),
        Row::new("`DELETE`, refused", [refused]),
    ]
}

/// The first reads of changes that another process has made, all of them in the last 45 minutes.
async fn confirmations(service: &TestService) -> Vec<Row> {
    let code = service.create("usr_6", "org_002").await;
    let (_, of_create) = cost(&service.other_process().await, Call::read(&code)).await;
    let (_, by_mentor) = cost(&service.other_process().await, Call::create("usr_6", "org_002")).await;
    let by_link = follow(&service.other_process().await, &link(&code), 302).await;
    let successor = service.rotate(&code).await;
    let (_, of_rotation) = cost(&service.other_process().await, Call::read(&successor)).await;
    service.invalidate(&successor).await;
    let (_, of_invalidation) = cost(&service.other_process().await, Call::read(&successor)).await;
    vec![
        Row::new("`GET /:id` of a code that another process has made within 45 minutes, the first time", [of_create]),
        Row::new("… `POST` of its mentor; `GET /r/{code}`", [by_mentor, by_link]),
        Row::new("… which has replaced another one by a rotation", [of_rotation]),
        Row::new("… which another process has invalidated within 45 minutes", [of_invalidation]),
    ]
}

/// Short links. The process has made all changes itself, so it knows them to be complete.
async fn short_links(service: &TestService) -> Vec<Row> {
    let unreadable = follow(service, "/r/x", 404).await;
    let unknown = follow(service, "/r/JAN-VERV-0000", 404).await;
    let code = service.create("usr_7", "org_002").await;
    let [without_grace, first] = {
        let other = service.other_process().await;
        other.read(&code).await;
        [follow(&other, &link(&code), 302).await, follow(service, &link(&code), 302).await]
    };
    let again = follow(service, &link(&code), 302).await;
    let picture = follow(service, &format!("{}.svg", link(&code)), 200).await;
    service.invalidate(&code).await;
    let ended = follow(service, &link(&code), 410).await;

    let [one, two, three, fourteen, thirty] = [
        in_grace(service, 1).await,
        in_grace(service, 2).await,
        in_grace(service, 3).await,
        in_grace(service, 14).await,
        in_grace(service, 30).await,
    ];
    vec![
        Row::new("`GET /r/{code}`, what reads as no code", [unreadable]),
        Row::new("`GET /r/{code}`, an unknown code", [unknown]),
        Row::new("`GET /r/{code}`, the first time in a process", [without_grace]),
        Row::new("`GET /r/{code}`, the first time in a process, with `ROTATED_GRACE_DAYS`", [first]),
        Row::new("`GET /r/{code}`, `GET /r/{code}.svg`, after that", [again, picture, ended]),
        Row::new(
            "`GET /r/{code}` in its grace, after one or two rotations, the first time in a process",
            [one[0], two[0]],
        ),
        Row::new(
            "`GET /r/{code}` in its grace, after 3 to 30, the first time in a process",
            [three[0], fourteen[0], thirty[0]],
        ),
        Row::new("`GET /r/{code}` in its grace, after that", [one[1], two[1], three[1], fourteen[1], thirty[1]]),
    ]
}

fn link(code: &Value) -> String {
    format!("/r/{}", code["code"].as_str().unwrap())
}

async fn follow(service: &TestService, path: &str, status: u64) -> Cost {
    cost_with(service, Call::get(path), status).await
}

/// Follows the link of a code that was rotated so many times since, twice.
async fn in_grace(service: &TestService, rotations: usize) -> [Cost; 2] {
    let mentor = format!("usr_8{rotations}");
    let old = service.create(&mentor, "org_002").await;
    let mut code = old.clone();
    for _ in 0..rotations {
        code = service.rotate(&code).await;
    }
    [follow(service, &link(&old), 302).await, follow(service, &link(&old), 302).await]
}
