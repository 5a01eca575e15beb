//! The service is slow, or answers with an error, or not at all.

use dev::BASE;
use serde_json::Value;

use super::steps::{choose_action, code_of, expect_rows, open, open_details, row, search, with_codes, without_codes};
use crate::person::Page;
use crate::site::{Answer, Site};

/// It is seen at once: nothing waits for a time to pass.
#[tokio::test(flavor = "multi_thread")]
async fn slow_list_shows_that_something_happens_and_says_that_it_is_loading() {
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
    let is_busy = "getComputedStyle(document.querySelector('#busy')).display !== 'none'";
    page.expect_script(is_busy, false).await;
    let mut held = site.gate.hold("/url");
    let press = format!("document.querySelector('.copy').click(); return {is_busy}");
    assert_eq!(page.script(&press).await, true, "within the press itself");
    held.arrived().await;
    held.release().await;
    page.expect_script(is_busy, false).await;
    page.close().await;
}

/// The whole way, from a fault of the table to the words on the page: not before `Retry-After`, and five times. Then a person
/// decides.
#[tokio::test(flavor = "multi_thread")]
async fn busy_service_is_asked_again_by_itself_when_it_allows_that_but_not_for_ever() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    site.service.faults.plan(|_| Some(dev::Fault::Refused(400, "ProvisionedThroughputExceededException")));
    let list = format!("GET {BASE}");
    site.gate.answer_next(&list, Answer::busy().header("retry-after", "999"));
    let page = open(&site).await;
    page.expect_alert("Trying again in 9").await;
    assert_eq!(site.gate.requests(&list), 1);
    let asked = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/api/')).length";
    for tries in 2..=6 {
        page.pass(999).await;
        page.expect_script(asked, tries).await;
    }
    page.button("Try again").expect().await;
    page.expect_no_text("Trying again in").await;
    site.service.faults.clear_faults();
    page.button("Try again").click().await;
    row(&page, &code).expect().await;
    page.role("alert", "").expect_gone().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_of_the_network_disappears_when_it_is_back() {
    let (_site, [code], page) = with_codes().await;
    page.browser.offline(true).await;
    page.button("Search").click().await;
    page.expect_alert("The service cannot be reached").await;
    page.expect_alert("Check the network connection").await;
    page.expect_accessible("a network that is down").await;
    row(&page, &code).expect().await;
    page.browser.offline(false).await;
    page.role("alert", "").expect_gone().await;
    row(&page, &code).expect().await;
    page.close().await;
}

/// Each in the page's own words, with the button that helps. What API Gateway answers by itself, or what is between, is no
/// problem document.
#[tokio::test(flavor = "multi_thread")]
async fn errors_are_explained_in_the_words_of_the_page() {
    let (site, page) = without_codes().await;
    page.browser.clipboard(true).await;
    let of_gateway = |status, message| (Answer::of_gateway(status, message), message);
    let html = |status, body| (Answer::text(status, "text/html", body), "");
    for ((answer, detail), title, helps) in [
        ((Answer::failing(), "Report the request id."), "The service failed", "Try again"),
        (of_gateway(500, "Internal Server Error"), "The service failed", "Try again"),
        (of_gateway(504, "Endpoint request timed out"), "The service did not answer in time", "Try again"),
        (of_gateway(415, "Unsupported Media Type"), "The service does not understand this page", "Reload the page"),
        (html(200, "<h1>Sign in to the network</h1>"), "The answer could not be read", "Try again"),
        (html(502, "<h1>Bad gateway</h1>"), "The service failed", "Try again"),
        (of_gateway(429, "Too Many Requests"), "Too many requests at once", ""),
        (of_gateway(503, "Service Unavailable"), "The service is busy", ""),
    ] {
        // What is tried again by itself stays long enough to be read here.
        site.gate.answer_next(&format!("GET {BASE}"), answer.header("retry-after", "999"));
        page.button("Search").click().await;
        page.expect_alert(title).await;
        page.expect_no_text("HTTP").await;
        open_details(&page).await;
        page.expect_alert("HTTP").await;
        page.expect_alert(detail).await;
        if detail == "Report the request id." {
            page.button("Copy ID").click().await;
            page.expect_clipboard("01TESTREQUEST").await;
            page.expect_accessible("an error").await;
        }
        if helps.is_empty() {
            page.expect_alert("Trying again in").await;
        } else {
            page.button(helps).expect().await;
        }
        page.button("Search").click().await;
        page.role("alert", "").expect_gone().await;
        // Otherwise the next answer could be the one to this try.
        page.expect_script("document.querySelector('table').ariaBusy", Value::Null).await;
    }
    page.close().await;
}

/// A page that fails leaves the one before where it is; a filter that fails shows nothing as its result.
#[tokio::test(flavor = "multi_thread")]
async fn next_page_that_fails_leaves_the_page_where_it_is() {
    let (site, codes, page) = with_codes::<25>().await;
    let place = "JSON.stringify(document.querySelector('.panel').getBoundingClientRect())";
    page.script("document.documentElement.style.overflowAnchor = 'none'; scrollTo(0, 200)").await;
    let before = page.script(&format!("return {place}")).await;
    site.gate.answer_next("page=2", Answer::failing());
    page.script("document.querySelector('#pages a:last-child').click()").await;
    page.expect_alert("The service failed").await;
    expect_rows(&page, codes[5..].iter().rev()).await;
    page.expect_text("1–20 of 25 codes").await;
    page.expect_path("/console").await;
    assert_eq!(page.script(&format!("return {place}")).await, before, "nothing moves");
    page.button("Try again").click().await;
    expect_rows(&page, codes[..5].iter().rev()).await;
    page.expect_path("/console?page=2").await;
    page.role("alert", "").expect_gone().await;
    page.back().await;
    page.expect_text("1–20 of 25 codes").await;

    site.gate.answer_next("org_id=org_2", Answer::failing());
    page.role("searchbox", "Organisation").fill("org_2").await;
    page.button("Search").click().await;
    page.expect_alert("The service failed").await;
    expect_rows(&page, []).await;
    page.button("Try again").click().await;
    page.role("heading", "No codes match").expect().await;
    page.close().await;
}

/// What has succeeded takes its own failure away, and no other. A dialog tells its own.
#[tokio::test(flavor = "multi_thread")]
async fn failure_stays_until_what_failed_has_succeeded() {
    let (site, [first, second], page) = with_codes().await;
    page.browser.clipboard(true).await;
    site.gate.answer_next("/url", Answer::failing());
    let copy_link = |code| page.button(&format!("Copy link of {}", code_of(code)));
    copy_link(&first).click().await;
    page.expect_alert("The service failed").await;
    copy_link(&second).click().await;
    page.expect_clipboard(&format!("https://org.no/r/{}", code_of(&second))).await;
    page.expect_alert("The service failed").await;
    copy_link(&first).click().await;
    page.role("alert", "").expect_gone().await;
    page.expect_clipboard(&format!("https://org.no/r/{}", code_of(&first))).await;

    site.gate.answer_next("limit=20&cursor=", Answer::busy().header("retry-after", "999"));
    choose_action(&page, &first, "History of this mentor").await;
    let history = page.dialog("History of usr_1");
    history.role("alert", "").expect_text("The service is busy").await;
    page.pass(999).await;
    history.expect_text("1 code, newest first.").await;
    history.role("alert", "").expect_gone().await;
    page.close().await;
}

/// Another person has ended the code since the list was shown.
#[tokio::test(flavor = "multi_thread")]
async fn code_that_somebody_has_ended_leads_to_what_comes_next() {
    let (site, [rotated, invalidated], page) = with_codes().await;
    let active = site.rotate(&rotated).await;
    site.invalidate(&invalidated).await;
    let copy_link = |code| page.button(&format!("Copy link of {}", code_of(code)));
    copy_link(&invalidated).click().await;
    page.expect_alert("Somebody has invalidated it meanwhile").await;
    page.expect_accessible("a code that somebody has ended").await;
    page.role("alert", "").button("New code").click().await;
    let dialog = page.dialog("New code");
    dialog.field("Mentor ID").expect_value("usr_2").await;
    dialog.field("Organisation ID").expect_value("org_1").await;
    dialog.button("Get or create code").click().await;
    page.dialog("Code created").button("Done").click().await;
    page.role("alert", "").expect_gone().await;
    copy_link(&rotated).click().await;
    page.expect_alert("Somebody has put a new code in its place meanwhile").await;
    page.role("alert", "").link("Show the active code").click().await;
    page.role("alert", "").expect_gone().await;
    expect_rows(&page, [&active]).await;
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
    page.expect_path(&format!("/console?code={}", code_of(&second))).await;
    expect_rows(&page, [&second]).await;
    held.release().await;
    settle(&page).await;
    expect_rows(&page, [&second]).await;
    page.close().await;
}

/// Lets the page work off everything that has arrived: a request that is sent now is answered after it.
async fn settle(page: &Page) {
    let ask = "fetch('openapi.yaml', { cache: 'no-store' }).then((answer) => answer.text()).then(() => done(true))";
    page.script_with_callback(ask).await;
}
