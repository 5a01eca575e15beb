//! The service is slow, or answers with an error, or not at all.

use std::time::{Duration, Instant};

use dev::BASE;

use super::steps::{open, row, search};
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
    let busy = Answer::problem(503, "unavailable", "The service is busy", "The table is busy. Send the call again.");
    site.gate.answer_next(&format!("GET {BASE}"), busy.header("retry-after", "2"));
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
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    row(&page, &code).expect().await;
    page.offline(true).await;
    page.button("Search").click().await;
    page.role("alert", "").expect_text("The service could not be reached").await;
    row(&page, &code).expect().await;
    page.offline(false).await;
    page.button("Try again").click().await;
    page.role("alert", "").expect_gone().await;
    row(&page, &code).expect().await;
    page.close().await;
}

/// What API Gateway answers by itself is no problem document.
#[tokio::test(flavor = "multi_thread")]
async fn answers_of_the_gateway_are_explained() {
    let site = Site::start().await;
    let page = open(&site).await;
    page.role("heading", "No codes yet").expect().await;
    for (status, message, title) in [
        (429, "Too Many Requests", "Too many requests at once"),
        (500, "Internal Server Error", "The service answered with an error"),
        (503, "Service Unavailable", "The service is not available"),
    ] {
        site.gate.answer_next(&format!("GET {BASE}"), Answer::of_gateway(status, message));
        page.button("Search").click().await;
        page.role("alert", "").expect_text(title).await;
        page.role("alert", "").expect_text(message).await;
        page.role("alert", "").expect_text("GatewayRequest=").await;
        page.button("Try again").click().await;
        page.role("alert", "").expect_gone().await;
    }
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_that_is_not_json_is_explained() {
    let site = Site::start().await;
    let page = open(&site).await;
    page.role("heading", "No codes yet").expect().await;
    site.gate.answer_next(&format!("GET {BASE}"), Answer::text(200, "text/html", "<h1>Sign in to the network</h1>"));
    page.button("Search").click().await;
    page.role("alert", "").expect_text("The answer could not be read").await;
    site.gate.answer_next(&format!("GET {BASE}"), Answer::text(502, "text/html", "<h1>Bad gateway</h1>"));
    page.button("Try again").click().await;
    page.role("alert", "").expect_text("HTTP status 502").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn request_id_can_be_copied() {
    let site = Site::start().await;
    let failing = Answer::problem(500, "internal", "Internal error", "The service has a fault. Report the request id.");
    site.gate.answer(&format!("GET {BASE}"), failing);
    let page = open(&site).await;
    page.allow_clipboard().await;
    page.button("Copy ID").click().await;
    page.expect_clipboard("01TESTREQUEST").await;
    page.close().await;
}

/// The first answer comes after the second one, and must not be shown.
#[tokio::test(flavor = "multi_thread")]
async fn late_answer_does_not_replace_a_newer_one() {
    let site = Site::start().await;
    let (first, second) = (site.code("usr_1", "org_1").await, site.code("usr_2", "org_1").await);
    let page = open(&site).await;
    row(&page, &first).expect().await;
    let mut held = site.gate.hold(&format!("code={}", super::steps::code_of(&first)));
    search(&page, super::steps::code_of(&first)).await;
    held.arrived().await;
    search(&page, super::steps::code_of(&second)).await;
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
    page.role("alert", "").expect_text("before the next try").await;
    site.service.faults.clear_faults();
    page.button("Try again").click().await;
    page.expect_text("usr_1").await;
    page.close().await;
}

/// What is left of the view before is not shown as the result of a filter that failed.
#[tokio::test(flavor = "multi_thread")]
async fn filter_that_fails_shows_no_codes_of_the_view_before() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    row(&page, &code).expect().await;
    site.gate.answer_next("mentor_id=usr_2", Answer::of_gateway(503, "Service Unavailable"));
    page.role("searchbox", "Mentor").fill("usr_2").await;
    page.button("Search").click().await;
    page.role("alert", "").expect_text("The service is not available").await;
    row(&page, &code).expect_gone().await;
    page.button("Try again").click().await;
    page.role("heading", "No codes match").expect().await;
    page.close().await;
}
