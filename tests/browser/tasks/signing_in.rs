//! A person shows a token where the site asks for one.

use serde_json::{Value, json};

use super::steps::{choose_action, code_of, open, open_at, row};
use crate::person::{Key, Page};
use crate::site::{Site, claims};

/// Nothing is asked of the API before there is one. It shows the codes of its own organisation.
#[tokio::test(flavor = "multi_thread")]
async fn token_is_asked_for_first_and_is_nowhere_but_in_the_memory_of_the_page() {
    let site = Site::start_with_tokens().await;
    let (code, foreign) = (site.code("usr_1", "org_1").await, site.code("usr_2", "org_2").await);
    let page = open(&site).await;
    page.dialog("Access token").field("Access token").expect_focus().await;
    page.expect_accessible("the question for a token").await;
    page.press(Key::Escape).await;
    page.role("heading", "A token is needed").expect().await;
    page.expect_accessible("without a token").await;
    for button in ["Enter a token", "New code"] {
        page.button(button).click().await;
        page.dialog("Access token").expect().await;
        page.press(Key::Escape).await;
    }
    page.button("Search").click().await;
    enter(&page, "two words").await;
    page.dialog("Access token").field("Access token").expect_description("must be a token").await;
    assert_eq!(site.gate.requests("/api/"), 0, "a text that is no token is not sent either");

    let token = site.authorizer.token(&claims("org_1"));
    enter(&page, &token).await;
    row(&page, &code).expect().await;
    page.expect_text("1 code").await;
    page.expect_no_text(code_of(&foreign)).await;
    page.expect_no_text("usr_2").await;
    row(&page, &code).link("usr_1").click().await;
    page.expect_path("/console?mentor_id=usr_1").await;
    row(&page, &code).expect().await;
    let kept = "return JSON.stringify([document.documentElement.outerHTML, location.href, document.cookie, name,
        Object.entries(localStorage), Object.entries(sessionStorage), history.state,
        [...document.querySelectorAll('input')].map((input) => input.value),
        Object.keys(window).map((key) => String(window[key]))])";
    let kept = page.script(kept).await;
    assert!(kept.as_str().unwrap().contains("usr_1") && !kept.as_str().unwrap().contains(&token[..20]), "{kept}");
    for stored in ["indexedDB.databases()", "caches.keys()"] {
        assert_eq!(page.script_with_callback(&format!("{stored}.then(done)")).await, json!([]), "{stored}");
    }
    assert!(site.gate.requests(&token[..20]) == 0, "no URL has it");
    page.reload().await;
    page.dialog("Access token").field("Access token").expect_value("").await;
    page.expect_no_text(code_of(&code)).await;
    page.close().await;
}

/// A change with it is not made, and not made later without being asked for. Nothing stays on the page, nor in its dialogs.
#[tokio::test(flavor = "multi_thread")]
async fn token_that_is_refused_is_forgotten_with_the_codes_and_asked_for_again() {
    let (site, code, page) = signed_in().await;
    row(&page, &code).link("usr_1").click().await;
    page.expect_script("document.title", "usr_1 – Referral codes").await;
    choose_action(&page, &code, "Invalidate…").await;
    site.authorizer.revoke();
    page.button("Invalidate code").click().await;
    let dialog = page.dialog("Access token");
    dialog.role("alert", "").expect_text("The token was not accepted").await;
    let asked = site.gate.requests("/api/");
    dialog.button("Cancel").click().await;
    page.role("heading", "A token is needed").expect().await;
    assert_eq!(page.title().await, "Referral codes");
    expect_nothing_of(&page, &code).await;
    page.button("Search").click().await;
    dialog.expect().await;
    assert_eq!(site.gate.requests("/api/"), asked, "without a token nothing is asked");
    enter(&page, &site.authorizer.token(&claims("org_1"))).await;
    row(&page, &code).expect().await;
    assert_eq!(site.gate.requests("DELETE "), 1);

    page.button("Sign out").click().await;
    dialog.expect().await;
    page.press(Key::Escape).await;
    page.button("Sign out").expect_gone().await;
    expect_nothing_of(&page, &code).await;
    page.close().await;
}

async fn expect_nothing_of(page: &Page, code: &Value) {
    let all = page.script("return document.documentElement.outerHTML").await;
    assert!(!all.as_str().unwrap().contains(code_of(code)), "no part of the page has it");
}

/// It is for another organisation than the view; and it may only read.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_token_does_not_allow_is_refused_with_the_reason() {
    let site = Site::start_with_tokens().await;
    let (own, foreign) = (site.code("usr_1", "org_1").await, site.code("usr_2", "org_2").await);
    let page = open_at(&site, "/console?org_id=org_2").await;
    enter(&page, &site.authorizer.token(&json!({ "sub": "user-7", "scope": "codes:read", "org_id": "org_1" }))).await;
    page.expect_alert("Your token is for another organisation").await;
    page.expect_no_text(code_of(&foreign)).await;
    page.button("Sign out").expect().await;
    page.link("Clear filters").click().await;
    choose_action(&page, &own, "Invalidate…").await;
    page.button("Invalidate code").click().await;
    page.expect_alert("codes:write").await;
    page.close().await;
}

/// The refusal of an older token comes after a newer one is in use.
#[tokio::test(flavor = "multi_thread")]
async fn late_refusal_of_an_older_token_does_not_forget_the_newer_one() {
    let (site, code, page) = signed_in().await;
    page.browser.clipboard(true).await;
    let mut held = site.gate.hold("/url");
    page.button(&format!("Copy link of {}", code_of(&code))).click().await;
    held.arrived().await;
    site.authorizer.revoke();
    page.button("Search").click().await;
    page.dialog("Access token").role("alert", "").expect().await;
    enter(&page, &site.authorizer.token(&claims("org_1"))).await;
    row(&page, &code).expect().await;
    held.release().await;
    page.expect_alert("The token was not accepted").await;
    page.dialog("Access token").expect_gone().await;
    row(&page, &code).expect().await;
    page.close().await;
}

/// A site with one code, the code, and its page with a token of the code's organisation.
async fn signed_in() -> (Site, Value, Page) {
    let site = Site::start_with_tokens().await;
    let code = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    enter(&page, &site.authorizer.token(&claims("org_1"))).await;
    row(&page, &code).expect().await;
    (site, code, page)
}

async fn enter(page: &Page, token: &str) {
    let dialog = page.dialog("Access token");
    dialog.field("Access token").fill(token).await;
    dialog.button("Use token").click().await;
}
