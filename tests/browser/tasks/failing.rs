//! The service is slow, or answers with an error, or not at all.

use std::time::{Duration, Instant};

use dev::BASE;

use super::steps::{code_of, open, row, search, with_codes, without_codes};
use crate::person::Page;
use crate::site::{Answer, Site};

#[tokio::test(flavor = "multi_thread")]
async fn slow_list_says_that_it_is_loading() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    let mut held = site.gate.hold(&format!("GET {BASE}"));
    let page = open(&site).await;
    held.arrived().await;
    assert_eq!(page.role("table", "Referral codes").attribute("aria-busy").await.as_deref(), Some("true"));
    page.expect_text("Still loading…").await;
    page.expect_accessible("a slow list").await;
    held.release().await;
    row(&page, &code).expect().await;
    page.expect_no_text("Still loading…").await;
    assert_eq!(page.role("table", "Referral codes").attribute("aria-busy").await, None);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn busy_service_is_asked_again_when_it_allows_that() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    site.gate.answer_next(&format!("GET {BASE}"), Answer::busy().header("retry-after", "2"));
    let page = open(&site).await;
    let shown = Instant::now();
    let alert = page.role("alert", "");
    alert.expect_text("The service is busy").await;
    alert.expect_text("The table is busy. Send the call again.").await;
    alert.expect_text("2 seconds").await;
    alert.expect_text("01TESTREQUEST").await;
    page.button("Try again").click().await;
    row(&page, &code).expect().await;
    assert!(shown.elapsed() > Duration::from_millis(1500), "not before Retry-After");
    alert.expect_gone().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn network_that_is_down_is_said_and_tried_again() {
    let (_site, [code], page) = with_codes().await;
    page.browser.offline(true).await;
    page.button("Search").click().await;
    page.expect_alert("The service could not be reached").await;
    row(&page, &code).expect().await;
    page.browser.offline(false).await;
    page.button("Try again").click().await;
    page.role("alert", "").expect_gone().await;
    row(&page, &code).expect().await;
    page.close().await;
}

/// What API Gateway answers by itself, or what is between, is no problem document.
#[tokio::test(flavor = "multi_thread")]
async fn answers_of_others_than_the_service_are_explained() {
    let (site, page) = without_codes().await;
    let of_gateway = |status, message| (Answer::of_gateway(status, message), [message, "GatewayRequest="]);
    let html = |status, body| (Answer::text(status, "text/html", body), [""; 2]);
    for ((answer, says), title) in [
        (of_gateway(429, "Too Many Requests"), "Too many requests at once"),
        (of_gateway(500, "Internal Server Error"), "The service answered with an error"),
        (of_gateway(503, "Service Unavailable"), "The service is not available"),
        (html(200, "<h1>Sign in to the network</h1>"), "The answer could not be read"),
        (html(502, "<h1>Bad gateway</h1>"), "HTTP status 502"),
    ] {
        site.gate.answer_next(&format!("GET {BASE}"), answer);
        page.button("Search").click().await;
        for text in [title].into_iter().chain(says) {
            page.expect_alert(text).await;
        }
        page.button("Try again").click().await;
        page.role("alert", "").expect_gone().await;
        // Otherwise the next answer could be the one to this try.
        page.expect_script("document.querySelector('table').ariaBusy", serde_json::Value::Null).await;
    }
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn request_id_can_be_copied() {
    let site = Site::start().await;
    site.gate.answer(&format!("GET {BASE}"), Answer::failing());
    let page = open(&site).await;
    page.browser.clipboard(true).await;
    page.button("Copy ID").click().await;
    page.expect_accessible("an error").await;
    page.expect_clipboard("01TESTREQUEST").await;
    page.close().await;
}

/// The first answer comes after the second one, and must not be shown.
#[tokio::test(flavor = "multi_thread")]
async fn late_answer_does_not_replace_a_newer_one() {
    let (site, [first, second], page) = with_codes().await;
    let mut held = site.gate.hold(&format!("code={}", code_of(&first)));
    search(&page, code_of(&first)).await;
    held.arrived().await;
    search(&page, code_of(&second)).await;
    row(&page, &first).expect_gone().await;
    row(&page, &second).expect().await;
    held.release().await;
    settle(&page).await;
    row(&page, &second).expect().await;
    row(&page, &first).expect_gone().await;
    page.close().await;
}

/// Lets the page work off everything that has arrived: a request that is sent now is answered after it.
async fn settle(page: &Page) {
    page.script_with_callback(
        "fetch('openapi.yaml', { cache: 'no-store' }).then((answer) => answer.text()).then(() => done(true))",
    )
    .await;
}

/// The table itself fails: the whole way, from the injected fault to the words on the page.
#[tokio::test(flavor = "multi_thread")]
async fn table_out_of_reach_is_said_as_the_service_says_it() {
    let site = Site::start().await;
    site.code("usr_1", "org_1").await;
    site.service.faults.plan(|_| Some(dev::Fault::Refused(400, "ProvisionedThroughputExceededException")));
    let page = open(&site).await;
    page.expect_alert("before the next try").await;
    site.service.faults.clear_faults();
    page.button("Try again").click().await;
    page.expect_text("usr_1").await;
    page.close().await;
}

/// What is left of the view before is not shown as the result of a filter that failed.
#[tokio::test(flavor = "multi_thread")]
async fn filter_that_fails_shows_no_codes_of_the_view_before() {
    let (site, [code], page) = with_codes().await;
    site.gate.answer_next("mentor_id=usr_2", Answer::of_gateway(503, "Service Unavailable"));
    page.role("searchbox", "Mentor").fill("usr_2").await;
    page.button("Search").click().await;
    page.expect_alert("The service is not available").await;
    row(&page, &code).expect_gone().await;
    page.button("Try again").click().await;
    page.role("heading", "No codes match").expect().await;
    page.close().await;
}
