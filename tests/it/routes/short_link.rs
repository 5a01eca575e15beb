//! `GET /r/{code}`. What every answer of a kind has, its headers too, is in docs/openapi.yaml, to which each is held.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dev::{Call, Fault, Kind, Reply, TestService, random_ids};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::with_jan;

const JOIN: &str = "https://app.org.no/join";
const DAY: Duration = Duration::from_hours(24);
const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn link(code: &Value) -> String {
    format!("/r/{}", text(&code["code"]))
}

fn as_json(path: &str) -> Call {
    Call::get(path).header("accept", "application/json")
}

fn expiring(mentor: &str) -> Call {
    Call::create(mentor, "o").with("expires_at", "2026-01-10T10:00:00Z")
}

/// Where a link leads.
fn location(reply: &Reply) -> &str {
    assert_eq!((reply.status, reply.body.as_str()), (302, ""), "{reply:?}");
    &reply.headers["location"]
}

/// The link leads to this code: as a redirect and as JSON.
async fn assert_leads(service: &TestService, from: &Value, to: &Value) {
    let redirect = service.send(Call::get(&link(from))).await;
    assert_eq!(location(&redirect), text(&to["url"]), "{redirect:?}");
    let document = service.send(as_json(&link(from))).await.expect(200);
    assert_eq!(document["code"], to["code"]);
}

async fn assert_gone(service: &TestService, code: &Value, status: &str) {
    let problem = service.send(as_json(&link(code))).await.expect_problem(410, "code_not_active");
    assert_eq!(problem["code_status"], status, "{code}");
    assert_eq!(service.send(Call::get(&link(code))).await.status, 410);
}

#[tokio::test]
async fn short_link_leads_to_the_code_s_url_in_every_kind_of_event() {
    let service = with_jan(TestService::builder()).await;
    for kind in Kind::ALL {
        for path in ["/r/JAN-VERV-8F3A", "/r/JAN-VERV-8F3A/", "/R/jan-verv-8f3a", "/r/jan%20verv%208f3a"] {
            let reply = service.send(Call::get(path).kind(kind).header("accept", HTML)).await;
            assert_eq!(location(&reply), format!("{JOIN}?ref=JAN-VERV-8F3A"), "{kind:?} {path}");
            let head = service.send(Call::new("HEAD", path).kind(kind)).await;
            assert_eq!((head.status, &head.headers["location"]), (302, &reply.headers["location"]));
            let told = service.send(as_json(&format!("{path}?ref=x&a=1")).kind(kind)).await;
            assert_eq!(
                told.body,
                r#"{"code":"JAN-VERV-8F3A","status":"active","url":"https://app.org.no/join?ref=JAN-VERV-8F3A","short_url":"https://org.no/r/JAN-VERV-8F3A"}"#
            );
        }
    }
}

/// API Gateway decodes the path of an HTTP API's event, blanks and dashes of Unicode and all.
#[tokio::test]
async fn short_link_takes_a_code_as_people_type_it() {
    let service = with_jan(TestService::builder()).await;
    let typed = " JAN–VERV–8F3A |jan%E2%80%93verv%E2%80%938f3a|(\u{ff2a}AN-V\u{ad}ERV-8F3A\u{fffc}).|janverv8f3a";
    for typed in typed.split('|') {
        let reply = service.send(Call::get(&format!("/r/{typed}"))).await;
        assert_eq!(location(&reply), format!("{JOIN}?ref=JAN-VERV-8F3A"), "{typed:?}");
    }
    for typed in "JAN-VERV-8F3 JAN-VERV-8F3A… x .. %00 % JAN%2DVERV?8F3A {code} åsvg .svg x.svg.svg".split(' ') {
        service.send(as_json(&format!("/r/{typed}"))).await.expect_problem(404, "code_not_found");
    }
    // The setting tells where the parts of a code belong that shows none.
    let later = service.second_process_with(&service.clock, random_ids(1, false), &[("CAMPAIGN", "SPRING26")]).await;
    assert_eq!(location(&later.send(Call::get("/r/jan verv 8f3a")).await), format!("{JOIN}?ref=JAN-VERV-8F3A"));
    later.send(as_json("/r/janverv8f3a")).await.expect_problem(404, "code_not_found");
}

#[tokio::test]
async fn short_link_passes_the_query_on_and_keeps_its_own_ref() {
    let service = with_jan(TestService::builder()).await;
    let target = format!("{JOIN}?ref=JAN-VERV-8F3A");
    // Other events bring the query as a map, which has no order.
    for kind in Kind::ALL {
        let reply = service.send(Call::get("/r/JAN-VERV-8F3A?a=%C3%A5%26%20b&ref=EVIL&Ref=EVIL").kind(kind)).await;
        assert_eq!(location(&reply).replace('+', "%20"), format!("{target}&a=%C3%A5%26%20b"), "{kind:?}");
    }
    for host in ["evil.example", "app.org.no@evil.example"] {
        let reply = service.send(Call::get("/r/JAN-VERV-8F3A").header("host", host)).await;
        assert!(reply.status == 400 || location(&reply) == target, "{host}: {reply:?}");
    }
}

#[tokio::test]
async fn short_link_of_an_unknown_or_ended_code_is_a_problem_or_a_page() {
    let service = TestService::new().await;
    let expired = service.send(expiring("expiring")).await.expect(201);
    let replaced = service.send(expiring("m2")).await.expect(201);
    let rotated = service.create("m", "o").await;
    let invalidated = service.rotate(&rotated).await;
    service.invalidate(&invalidated).await;
    service.clock.set("2026-01-10T10:00:00Z");
    service.create("m2", "o").await;
    let unknown = json!({ "code": "JAN-VERV-0000" });
    for (code, status, title, tittel) in [
        (&expired, "expired", "This code has expired", "Denne koden er utløpt"),
        (&replaced, "expired", "This code has expired", "Denne koden er utløpt"),
        (&rotated, "rotated", "This code has been replaced", "Denne koden er byttet ut"),
        (&invalidated, "invalidated", "This code has been withdrawn", "Denne koden er trukket tilbake"),
        (&unknown, "", "We don’t know this code", "Vi kjenner ikke denne koden"),
    ] {
        let problem = service.send(as_json(&link(code))).await;
        if status.is_empty() {
            problem.expect_problem(404, "code_not_found");
        } else {
            assert_gone(&service, code, status).await;
        }
        let mut replies = vec![problem.body];
        for (lang, title) in [("en", title), ("nb", tittel)] {
            let call = Call::get(&link(code)).header("accept", HTML).header("accept-language", lang);
            let page = service.send(call).await;
            assert_eq!((page.status, page.headers["content-language"].as_str()), (problem.status, lang));
            for part in [&format!("<html lang=\"{lang}\">"), &format!("<h1>{title}</h1>"), text(&code["code"])] {
                assert!(page.body.contains(part), "{part}: {page:?}");
            }
            replies.push(page.body);
        }
        for secret in [&code["id"], &code["mentor_id"]].into_iter().filter_map(Value::as_str).filter(|it| it.len() > 2)
        {
            assert!(replies.iter().all(|reply| !reply.contains(secret)), "{secret}: {replies:?}");
        }
    }
}

#[tokio::test]
async fn page_loads_nothing_and_leads_on_without_a_code() {
    let service = TestService::builder().setting("JOIN_URL_BASE", "https://app.org.no/join/a&b'c").build().await;
    let page = service.send(Call::get("/r/%3Cscript%3Ealert(1)%3C%2Fscript%3E").header("accept", HTML)).await;
    assert_eq!(page.status, 404);
    for absent in ["<script", "src=", "@import", "url(", "alert", "onload"] {
        assert!(!page.body.contains(absent), "{absent}: {}", page.body);
    }
    assert_eq!(page.body.matches("href=").count(), 1, "{}", page.body);
    assert!(page.body.contains("href=\"https://app.org.no/join/a&#38;b&#39;c\""), "{}", page.body);
    // The policy allows the style sheet that the page has, and nothing else.
    let (style, _) = page.body.split_once("<style>").unwrap().1.split_once("</style>").unwrap();
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    let rest = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; {rest}");
    assert_eq!(page.headers["content-security-policy"], policy);
}

#[tokio::test]
async fn redirect_is_kept_no_longer_than_it_is_right() {
    let service = TestService::builder().setting("ROTATED_GRACE_DAYS", "1").build().await;
    let code = service.send(expiring("m")).await.expect(201);
    for (time, age) in [("09:00:00", 60), ("09:59:00", 60), ("09:59:15", 45), ("09:59:59", 1)] {
        service.clock.set(&format!("2026-01-10T{time}Z"));
        let reply = service.send(Call::get(&link(&code))).await;
        assert_eq!(reply.headers["cache-control"], format!("private, max-age={age}"), "{time}");
    }
    service.clock.set("2026-01-10T10:00:00Z");
    assert_gone(&service, &code, "expired").await;

    let code = service.create("other", "o").await;
    let successor = service.rotate(&code).await;
    service.clock.advance(Duration::from_secs(24 * 3600 - 30));
    let reply = service.send(Call::get(&link(&code))).await;
    assert_eq!(reply.headers["cache-control"], "private, max-age=30", "the end of the grace counts, too");
    let reply = service.send(Call::get(&link(&successor))).await;
    assert_eq!(reply.headers["cache-control"], "private, max-age=60");
}

#[tokio::test]
async fn rotated_code_leads_to_the_active_code_for_the_days_of_its_grace() {
    let service = TestService::builder().setting("ROTATED_GRACE_DAYS", "7").build().await;
    let first = service.create("m", "o").await;
    let second = service.rotate(&first).await;
    assert_leads(&service, &first, &second).await;
    service.clock.advance(5 * DAY);
    let third = service.rotate(&second).await;
    assert_leads(&service, &first, &third).await;
    assert_leads(&service, &second, &third).await;
    service.clock.advance(Duration::from_secs(2 * 24 * 3600 - 1));
    assert_leads(&service, &first, &third).await;
    service.clock.advance(Duration::from_secs(1));
    assert_gone(&service, &first, "rotated").await;
    assert_leads(&service, &second, &third).await;
    service.clock.advance(5 * DAY);
    assert_gone(&service, &second, "rotated").await;
    // The default is none.
    let without = service.other_process().await;
    let fourth = service.rotate(&third).await;
    assert_leads(&service, &third, &fourth).await;
    assert_gone(&without, &third, "rotated").await;
    assert_leads(&without, &fourth, &fourth).await;
}

/// What ends a grace: a DELETE, or a create after an expiry. Wherever it stands between the two codes, and whatever follows.
#[tokio::test]
async fn chain_that_is_broken_leads_nowhere_for_good() {
    let service = TestService::builder().in_process().setting("ROTATED_GRACE_DAYS", "365").build().await;
    for (ends_by_expiry, before, after) in [(false, 1, 0), (false, 2, 2), (false, 3, 16), (true, 1, 16), (true, 3, 1)] {
        let mentor = format!("m-{ends_by_expiry}-{before}-{after}");
        let until = ends_by_expiry.then(|| service.clock.text_in(Duration::from_hours(1)));
        let create = Call::create(&mentor, "o").with("expires_at", until);
        let mut codes = vec![service.send(create).await.expect(201)];
        for _ in 0..before {
            codes.push(service.rotate(codes.last().unwrap()).await);
        }
        assert_leads(&service, &codes[0], codes.last().unwrap()).await;
        if ends_by_expiry {
            service.clock.advance(Duration::from_hours(1));
        } else {
            service.invalidate(codes.last().unwrap()).await;
        }
        assert_gone(&service, &codes[0], "rotated").await;
        // The same mentor again, in another organisation too. What has ended stays ended.
        let first_after = service.create(&mentor, if after == 2 { "other" } else { "o" }).await;
        let mut last = first_after.clone();
        for _ in 0..after {
            last = service.rotate(&last).await;
        }
        for code in &codes[..before] {
            assert_gone(&service, code, "rotated").await;
        }
        assert_gone(&service, &codes[before], if ends_by_expiry { "expired" } else { "invalidated" }).await;
        assert_leads(&service, &first_after, &last).await;
    }
}

/// What a public hit costs does not grow with the codes that the mentor has had since, where the chain is broken too, at the
/// first hit of a process and at the hundredth. `costs` has the whole chain.
#[tokio::test]
async fn rotated_code_of_a_broken_chain_costs_the_same_at_every_hit_however_long_it_is() {
    const GRACE: (&str, &str) = ("ROTATED_GRACE_DAYS", "365");
    let service = TestService::builder().in_process().setting(GRACE.0, GRACE.1).build().await;
    let first = service.create("m", "o").await;
    service.invalidate(&service.rotate(&first).await).await;
    let mut last = service.create("m", "o").await;
    for length in 1..=40 {
        last = service.rotate(&last).await;
        if ![1, 10, 40].contains(&length) {
            continue;
        }
        // No change is so fresh that it must be confirmed.
        service.clock.advance(Duration::from_hours(1));
        let process = service.second_process_with(&service.clock, random_ids(1, true), &[GRACE]).await;
        for hit in 1..=100 {
            process.send(as_json(&link(&first))).await.expect_problem(410, "code_not_active");
            let operations: Vec<_> = process.faults.take().into_iter().map(|request| request.operation).collect();
            // The claim, then record and slot together, and the slot again where its list no longer has the successor.
            // With a remembered claim: the record, and the slot.
            let expected: &[_] = match hit {
                1 if length <= 13 => &["GetItem", "BatchGetItem"],
                1 => &["GetItem", "BatchGetItem", "GetItem"],
                _ => &["GetItem"; 2],
            };
            assert_eq!(operations, expected, "{length} rotations, hit {hit}");
        }
    }
}

/// A process remembers which id a code string has, and nothing that can change.
#[tokio::test]
async fn remembered_link_shows_every_change_of_another_process() {
    let service = TestService::builder().setting("ROTATED_GRACE_DAYS", "7").build().await;
    let other = service.other_process().await;
    let first = service.create("m", "o").await;
    let second = service.rotate(&first).await;
    let third = service.rotate(&second).await;
    let fourth = service.rotate(&third).await;
    for _ in 0..2 {
        assert_leads(&service, &first, &fourth).await;
    }
    let fifth = other.rotate(&fourth).await;
    assert_leads(&service, &first, &fifth).await;
    other.invalidate(&fifth).await;
    assert_gone(&service, &first, "rotated").await;
    assert_gone(&service, &fifth, "invalidated").await;
    other.create("m", "o").await;
    assert_gone(&service, &first, "rotated").await;
}

/// A person at a link that was cut off or written on by hand sees a page, and a client that prefers JSON a problem.
#[tokio::test]
async fn path_around_the_short_links_is_a_page_for_people() {
    let service = with_jan(TestService::builder()).await;
    let paths = "/r /r/ /R /R/ /r// /r/JAN-VERV-8F3A/x /R/JAN-VERV-8F3A/x/ /r/JAN-VERV-8F3A.svg/x /r//JAN-VERV-8F3A";
    for kind in Kind::ALL {
        for path in paths.split(' ') {
            for method in ["GET", "HEAD", "POST", "OPTIONS", "PUT"] {
                let call = || Call::new(method, path).kind(kind);
                let page = service.send(call().header("accept", HTML).header("accept-language", "nb")).await;
                let shown = format!("{kind:?} {method} {path}: {page:?}");
                assert_eq!((page.status, page.headers["content-language"].as_str()), (404, "nb"), "{shown}");
                assert!(method == "HEAD" || page.body.contains("Vi kjenner ikke denne koden"), "{shown}");
                let json = service.send(call().header("accept", "application/json")).await;
                if method != "HEAD" {
                    json.expect_problem(404, "code_not_found");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn short_link_of_a_table_that_is_down_is_a_503_for_every_page_and_no_search_engine() {
    let service = TestService::builder().in_process().build().await;
    assert!(!service.send(Call::get("/rx")).await.headers.contains_key("x-robots-tag"));
    service.faults.plan(|_| Some(Fault::Refused(400, "ThrottlingException")));
    let reply = service.send(Call::get("/r/JAN-VERV-0001")).await;
    reply.expect_problem(503, "unavailable");
    let told = ["x-robots-tag", "access-control-allow-origin"].map(|name| reply.headers[name].as_str());
    assert_eq!(told, ["noindex", "*"]);
}
