//! axe finds no violation on any page of the console, in either theme.

use dev::BASE;

use super::steps::{choose_action, code_of, open, open_at, row};
use crate::browser::Window;
use crate::person::{Key, Page};
use crate::site::{Answer, Site};

#[tokio::test(flavor = "multi_thread")]
async fn list_and_its_menu() {
    let site = Site::start().await;
    let code = some_of_each_status(&site).await;
    let page = open(&site).await;
    row(&page, &code).expect().await;
    page.expect_accessible("the list").await;
    page.button(&format!("Actions for {}", code_of(&code))).click().await;
    page.role("menuitem", "Copy code").expect().await;
    page.expect_accessible("a menu").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dialogs_of_a_code() {
    let site = Site::start().await;
    let code = some_of_each_status(&site).await;
    let page = open(&site).await;
    for action in ["Show QR code", "History of this mentor", "Rotate…", "Invalidate…"] {
        choose_action(&page, &code, action).await;
        page.expect_script("document.querySelector('dialog[open]') !== null").await;
        page.expect_accessible(action).await;
        page.press(Key::Escape).await;
    }
    choose_action(&page, &code, "Rotate…").await;
    page.button("Rotate code").click().await;
    page.dialog("Code rotated").expect().await;
    page.expect_accessible("a code that was rotated").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dialogs_of_the_page() {
    let site = Site::start().await;
    site.codes(3, "org_1").await;
    let page = open(&site).await;
    page.expect_text("3 codes").await;
    page.button("New code").click().await;
    page.dialog("New code").expect().await;
    page.expect_accessible("a new code").await;
    page.dialog("New code").button("Get or create code").click().await;
    page.dialog("New code").field("Mentor ID").expect_description("128").await;
    page.expect_accessible("errors beside fields").await;
    page.press(Key::Escape).await;
    page.button("Export CSV").click().await;
    page.dialog("Export CSV").expect_text("3 codes saved.").await;
    page.expect_accessible("an export").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn question_for_a_token() {
    let site = Site::start_with_tokens().await;
    let page = open(&site).await;
    page.dialog("Access token").expect().await;
    page.expect_accessible("the question for a token").await;
    page.press(Key::Escape).await;
    page.button("Enter a token").expect().await;
    page.expect_accessible("without a token").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_and_empty_lists() {
    let site = Site::start().await;
    let page = open(&site).await;
    page.role("heading", "No codes yet").expect().await;
    page.expect_accessible("no codes").await;
    let busy = Answer::problem(503, "unavailable", "The service is busy", "The table is busy. Send the call again.");
    site.gate.answer_next(&format!("GET {BASE}"), busy.header("retry-after", "2"));
    page.button("Search").click().await;
    page.role("alert", "").expect().await;
    page.expect_accessible("an error").await;
    page.open("/console?code=KARI-VERV-0000").await;
    page.role("heading", "No codes match").expect().await;
    page.expect_accessible("no match").await;
    let mut held = site.gate.hold(&format!("GET {BASE}"));
    page.open("/console").await;
    held.arrived(1).await;
    page.expect_text("Still loading…").await;
    page.expect_accessible("a slow list").await;
    held.release();
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn phone() {
    let site = Site::start().await;
    let code = some_of_each_status(&site).await;
    let page = Page::start(Window::Phone, &site.origin).await;
    page.open("/console").await;
    row(&page, &code).expect().await;
    page.expect_accessible("the list on a phone").await;
    page.button("Filters").click().await;
    page.expect_accessible("filters on a phone").await;
    choose_action(&page, &code, "Invalidate…").await;
    page.dialog(&format!("Invalidate {}?", code_of(&code))).expect().await;
    page.expect_accessible("a dialog on a phone").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn view_by_cursor() {
    let site = Site::start().await;
    site.codes(25, "org_1").await;
    let page = open_at(&site, "/console?status=active").await;
    page.expect_text("20 codes on this page").await;
    page.expect_accessible("a page by cursor").await;
    page.close().await;
}

/// Codes of each status. Returns an active one.
async fn some_of_each_status(site: &Site) -> serde_json::Value {
    let code = site.code("usr_1", "org_1").await;
    let active = site.rotate(&code).await;
    let ended = site.code("usr_2", "org_1").await;
    site.invalidate(&ended).await;
    site.codes(2, "org_2").await;
    active
}
