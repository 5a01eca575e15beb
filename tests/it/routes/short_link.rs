//! `GET /r/{code}`.

use std::time::Duration;

use dev::{Call, Fault, Kind, Reply, TestService, random_ids};
use serde_json::{Value, json};

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
async fn short_link_redirects_to_the_code_s_url_in_every_kind_of_event() {
    let service = with_jan(TestService::builder()).await;
    for kind in Kind::ALL {
        for path in ["/r/JAN-VERV-8F3A", "/r/JAN-VERV-8F3A/", "/r/janverv8f3a", "/r/jan%20verv%208f3a"] {
            let reply = service.send(Call::get(path).kind(kind).header("accept", HTML)).await;
            assert_eq!(location(&reply), format!("{JOIN}?ref=JAN-VERV-8F3A"), "{kind:?} {path}");
            assert_eq!(reply.headers["cache-control"], "private, max-age=60");
            assert_eq!(reply.headers["x-robots-tag"], "noindex");
            assert_eq!(reply.headers["vary"], "Accept, Accept-Language");
            let head = service.send(Call::new("HEAD", path).kind(kind)).await;
            assert_eq!((head.status, &head.headers["location"]), (302, &reply.headers["location"]));
        }
    }
}

/// API Gateway decodes the path of an HTTP API's event, blanks and dashes of Unicode and all.
#[tokio::test]
async fn short_link_takes_a_code_as_people_type_it() {
    let service = with_jan(TestService::builder()).await;
    for typed in [" JAN–VERV–8F3A ", "jan%E2%80%93verv%E2%80%938f3a", "(\u{ff2a}AN-V\u{ad}ERV-8F3A\u{fffc})."] {
        let reply = service.send(Call::get(&format!("/r/{typed}"))).await;
        assert_eq!(location(&reply), format!("{JOIN}?ref=JAN-VERV-8F3A"), "{typed:?}");
    }
    for typed in "JAN-VERV-8F3 JAN-VERV-8F3A… x .. %00 % JAN%2DVERV?8F3A {code} åsvg .svg x.svg.svg".split(' ') {
        service.send(as_json(&format!("/r/{typed}"))).await.expect_problem(404, "code_not_found");
    }
}

#[tokio::test]
async fn typed_code_of_an_earlier_campaign_works_where_its_parts_are_shown() {
    let service = TestService::builder().ids(&["8f3a21bc"]).setting("CAMPAIGN", "SPRING26").build().await;
    let code = service.create("m", "o").await;
    let later = service.other_process().await;
    let typed = text(&code["code"]).to_lowercase();
    assert_eq!(location(&later.send(Call::get(&format!("/r/{}", typed.replace('-', " ")))).await), text(&code["url"]));
    later.send(as_json(&format!("/r/{}", typed.replace('-', "")))).await.expect_problem(404, "code_not_found");
    assert_eq!(location(&service.send(Call::get(&format!("/r/{}", typed.replace('-', "")))).await), text(&code["url"]));
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
async fn short_link_as_json_tells_the_code_and_its_urls_and_nothing_more() {
    let service = with_jan(TestService::builder()).await;
    for kind in Kind::ALL {
        let reply = service.send(as_json("/r/jan verv 8f3a?ref=x&a=1").kind(kind)).await;
        assert_eq!(
            (reply.status, reply.body.as_str()),
            (
                200,
                r#"{"code":"JAN-VERV-8F3A","status":"active","url":"https://app.org.no/join?ref=JAN-VERV-8F3A","short_url":"https://org.no/r/JAN-VERV-8F3A"}"#
            )
        );
        assert_eq!(reply.headers["access-control-allow-origin"], "*");
        assert_eq!(reply.headers["vary"], "Accept, Accept-Language");
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(reply.headers["x-robots-tag"], "noindex");
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
    service.send(as_json(&link(&unknown))).await.expect_problem(404, "code_not_found");
    for (code, status, title, tittel) in [
        (&expired, "expired", "This code has expired", "Denne koden er utløpt"),
        (&replaced, "expired", "This code has expired", "Denne koden er utløpt"),
        (&rotated, "rotated", "This code has been replaced", "Denne koden er byttet ut"),
        (&invalidated, "invalidated", "This code has been withdrawn", "Denne koden er trukket tilbake"),
        (&unknown, "", "We don’t know this code", "Vi kjenner ikke denne koden"),
    ] {
        let expected = if status.is_empty() { 404 } else { 410 };
        if expected == 410 {
            assert_gone(&service, code, status).await;
        }
        let problem = service.send(as_json(&link(code))).await;
        assert_eq!(problem.headers["access-control-allow-origin"], "*");
        for (lang, title) in [("en", title), ("nb", tittel)] {
            let call = Call::get(&link(code)).header("accept", HTML).header("accept-language", lang);
            let page = service.send(call).await;
            assert_eq!(page.status, expected, "{page:?}");
            assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
            assert_eq!(page.headers["content-language"], lang);
            assert!(page.body.contains(&format!("<html lang=\"{lang}\">")), "{page:?}");
            assert!(page.body.contains(&format!("<h1>{title}</h1>")), "{title}: {page:?}");
            assert!(page.body.contains(text(&code["code"])), "{page:?}");
        }
        for reply in [problem, service.send(Call::get(&link(code)).header("accept", HTML)).await] {
            assert_eq!(reply.headers["vary"], "Accept, Accept-Language");
            assert_eq!(reply.headers["x-robots-tag"], "noindex");
            assert_eq!(reply.headers["cache-control"], "no-store");
            for secret in [&code["id"], &code["mentor_id"], &code["org_id"]].into_iter().filter_map(Value::as_str) {
                assert!(secret.len() < 3 || !reply.body.contains(secret), "{secret}: {reply:?}");
            }
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
    let links: Vec<_> = page.body.match_indices("href=").collect();
    assert_eq!(links.len(), 1, "{}", page.body);
    assert!(page.body.contains("href=\"https://app.org.no/join/a&#38;b&#39;c\""), "{}", page.body);
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");

    // The policy allows the style sheet that the page has, and nothing else.
    let (_, style) = page.body.split_once("<style>").unwrap();
    let (style, _) = style.split_once("</style>").unwrap();
    let hash = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        <sha2::Sha256 as sha2::Digest>::digest(style),
    );
    assert_eq!(
        page.headers["content-security-policy"],
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    );
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
    for ends_by_expiry in [false, true] {
        for before in 1..4 {
            for after in [0, 1, 2, 3, 16] {
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
                let mut last = service.create(&mentor, if after == 2 { "other" } else { "o" }).await;
                let first_after = last.clone();
                for _ in 0..after {
                    last = service.rotate(&last).await;
                }
                for code in &codes[..before] {
                    assert_gone(&service, code, "rotated").await;
                }
                assert_gone(&service, &codes[before], if ends_by_expiry { "expired" } else { "invalidated" }).await;
                if after > 0 {
                    assert_leads(&service, &first_after, &last).await;
                }
            }
        }
    }
}

/// What a public hit costs does not grow with the codes that the mentor has had since, whether the chain is whole or broken,
/// at the first hit of a process and at the thousandth.
#[tokio::test]
async fn rotated_code_costs_the_same_at_every_hit_however_long_its_chain_is() {
    const GRACE: (&str, &str) = ("ROTATED_GRACE_DAYS", "365");
    let service = TestService::builder().in_process().setting(GRACE.0, GRACE.1).build().await;
    for is_broken in [false, true] {
        let first = service.create(&format!("m-{is_broken}"), "o").await;
        let mut last = service.rotate(&first).await;
        if is_broken {
            service.invalidate(&last).await;
            last = service.create(text(&last["mentor_id"]), "o").await;
        }
        for length in 1..=40 {
            last = service.rotate(&last).await;
            if ![1, 2, 10, 20, 40].contains(&length) {
                continue;
            }
            // No change is so fresh that it must be confirmed.
            service.clock.advance(Duration::from_hours(1));
            let process = service.second_process_with(&service.clock, random_ids(1, true), &[GRACE]).await;
            for hit in 1..=if is_broken && length == 40 { 1000 } else { 2 } {
                let reply = process.send(as_json(&link(&first))).await;
                assert_eq!(reply.status, if is_broken { 410 } else { 200 }, "{reply:?}");
                let operations: Vec<_> = process.faults.take().into_iter().map(|request| request.operation).collect();
                // The claim, then record and slot together, and the slot again where its list no longer has the successor.
                // With a remembered claim: the record, and the slot.
                let expected: &[_] = match hit {
                    1 if length <= 13 => &["GetItem", "BatchGetItem"],
                    1 => &["GetItem", "BatchGetItem", "GetItem"],
                    _ => &["GetItem"; 2],
                };
                assert_eq!(operations, expected, "{is_broken}, {length} rotations, hit {hit}");
            }
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
    for kind in Kind::ALL {
        for path in [
            "/r",
            "/r/",
            "/R",
            "/R/",
            "/r//",
            "/r/JAN-VERV-8F3A/x",
            "/R/JAN-VERV-8F3A/x/",
            "/r/JAN-VERV-8F3A.svg/x",
            "/r//JAN-VERV-8F3A",
        ] {
            for method in ["GET", "HEAD", "POST", "OPTIONS", "PUT"] {
                let call = || Call::new(method, path).kind(kind);
                let page = service.send(call().header("accept", HTML).header("accept-language", "nb")).await;
                assert_eq!(
                    (page.status, page.headers["content-type"].as_str()),
                    (404, "text/html; charset=utf-8"),
                    "{path}"
                );
                assert!(
                    method == "HEAD" || page.body.contains("Vi kjenner ikke denne koden"),
                    "{kind:?} {method} {path}"
                );
                assert_eq!(page.headers["vary"], "Accept, Accept-Language");
                assert_eq!(page.headers["x-robots-tag"], "noindex");
                let json = service.send(call().header("accept", "application/json")).await;
                if method != "HEAD" {
                    json.expect_problem(404, "code_not_found");
                }
                assert_eq!(json.headers["access-control-allow-origin"], "*", "{kind:?} {method} {path}");
            }
        }
        for path in ["/R/JAN-VERV-8F3A", "/R/jan-verv-8f3a/"] {
            assert_eq!(location(&service.send(Call::get(path).kind(kind)).await), format!("{JOIN}?ref=JAN-VERV-8F3A"));
        }
        for path in ["/R/JAN-VERV-8F3A.SVG", "/r/JAN-VERV-8F3A.Svg", "/R/janverv8f3a.svg"] {
            let picture = service.send(Call::get(path).kind(kind)).await;
            assert_eq!((picture.status, picture.headers["content-type"].as_str()), (200, "image/svg+xml"), "{path}");
        }
        let unknown = service.send(Call::get("/R/JAN-VERV-0000.SVG").header("accept", HTML).kind(kind)).await;
        assert_eq!((unknown.status, unknown.headers["content-type"].as_str()), (404, "text/html; charset=utf-8"));
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
