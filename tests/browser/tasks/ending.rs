//! A person rotates a code or invalidates it, and is told what that ends.

use dev::BASE;

use super::steps::{
    ask_to, choose_action, code_of, expect_rows, menu, open, open_at, open_details, row, text, with_codes,
};
use crate::person::Key;
use crate::site::{Answer, Site};

#[tokio::test(flavor = "multi_thread")]
async fn rotation_is_confirmed_and_shows_the_new_code() {
    let (site, [code], page) = with_codes().await;
    let dialog = ask_to(&page, "Rotate", &code).await;
    dialog.expect_text("The old link and every printed QR code of it stop working at once.").await;
    page.expect_accessible("a rotation").await;
    dialog.button("Rotate code").click().await;
    page.dialog("Code rotated").expect().await;
    page.expect_accessible("a code that was rotated").await;
    let successor = site.codes_of_mentor("usr_1").await.remove(0);
    page.dialog("Code rotated").expect_text(code_of(&successor)).await;
    page.dialog("Code rotated").button("Done").click().await;
    page.button(&format!("Copy link of {}", code_of(&successor))).expect().await;
    page.button(&format!("Copy link of {}", code_of(&code))).expect_gone().await;
    menu(&page, &code).expect_focus().await;
    assert_eq!(text(&site.service.read(&code).await, "status"), "rotated");
    assert_eq!(text(&successor, "previous_code"), code_of(&code));
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rotation_says_how_long_the_old_link_leads_on() {
    let site = Site::start_with(|service| service.setting("ROTATED_GRACE_DAYS", "30")).await;
    let code = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    ask_to(&page, "Rotate", &code).await.expect_text("lead to the new code for 30 days").await;
    page.press(Key::Escape).await;
    let dialog = ask_to(&page, "Invalidate", &code).await;
    dialog.expect_text("Links of earlier codes that still lead to this one stop working too.").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalidation_is_confirmed_and_ends_the_code() {
    let (site, [code], page) = with_codes().await;
    let dialog = ask_to(&page, "Invalidate", &code).await;
    dialog.expect_text("This cannot be undone.").await;
    page.expect_accessible("an invalidation").await;
    dialog.expect_text("usr_1 has no code then").await;
    dialog.button("Invalidate code").click().await;
    dialog.expect_gone().await;
    row(&page, &code).expect_text("Invalidated").await;
    page.expect_accessible("a list with codes that have ended").await;
    page.expect_text(&format!("{} is invalidated", code_of(&code))).await;
    assert_eq!(text(&site.service.read(&code).await, "status"), "invalidated");
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_changes_change_nothing() {
    let (site, [code], page) = with_codes().await;
    for action in ["Rotate", "Invalidate"] {
        let dialog = ask_to(&page, action, &code).await;
        dialog.button("Cancel").click().await;
        dialog.expect_gone().await;
        menu(&page, &code).expect_focus().await;
    }
    assert_eq!(site.service.read(&code).await, code);
    assert_eq!(site.gate.requests("PUT ") + site.gate.requests("DELETE "), 0);
    page.close().await;
}

/// Another person has rotated the code since the list was shown.
#[tokio::test(flavor = "multi_thread")]
async fn change_that_comes_too_late_is_explained() {
    let (site, [code], page) = with_codes().await;
    site.rotate(&code).await;
    let dialog = ask_to(&page, "Invalidate", &code).await;
    dialog.button("Invalidate code").click().await;
    dialog.role("alert", "").expect_text(&format!("{} has ended", code_of(&code))).await;
    dialog.role("alert", "").expect_text("Somebody has put a new code in its place meanwhile").await;
    dialog.button("Invalidate code").expect_gone().await;
    dialog.link("History of this mentor").click().await;
    page.dialog("History of usr_1").expect_text("2 codes, newest first.").await;
    page.dialog("History of usr_1").button("Close").click().await;
    row(&page, &code).expect_text("Rotated").await;
    page.close().await;
}

/// The answer of a rotation gets lost. The same press again gives the same successor.
#[tokio::test(flavor = "multi_thread")]
async fn rotation_is_repeated_safely() {
    let (site, [code], page) = with_codes().await;
    site.gate.lose_next_response(&format!("PUT {BASE}"));
    let dialog = ask_to(&page, "Rotate", &code).await;
    dialog.button("Rotate code").click().await;
    dialog.role("alert", "").expect_text("The service did not answer in time").await;
    dialog.button("Try again").click().await;
    page.dialog("Code rotated").expect().await;
    let codes = site.codes_of_mentor("usr_1").await;
    assert_eq!(codes.len(), 2, "{codes:?}");
    page.dialog("Code rotated").expect_text(code_of(&codes[0])).await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn change_that_fails_is_said_in_its_dialog() {
    let (site, [code], page) = with_codes().await;
    let failing = Answer::failing();
    site.gate.answer_next("DELETE ", failing);
    let dialog = ask_to(&page, "Invalidate", &code).await;
    dialog.button("Invalidate code").click().await;
    dialog.role("alert", "").expect_text("The service failed").await;
    page.expect_no_text("01TESTREQUEST").await;
    open_details(&page).await;
    dialog.role("alert", "").expect_text("The service has a fault. Report the request id.").await;
    dialog.role("alert", "").expect_text("01TESTREQUEST").await;
    page.expect_accessible("a change that failed").await;
    dialog.button("Try again").click().await;
    row(&page, &code).expect_text("Invalidated").await;
    page.close().await;
}

/// A person cancels while the page waits for the time that the service asked for.
#[tokio::test(flavor = "multi_thread")]
async fn change_that_is_cancelled_while_it_waits_is_not_sent() {
    let (site, [code], page) = with_codes().await;
    let busy = Answer::busy();
    site.gate.answer_next("DELETE ", busy.header("retry-after", "5"));
    let dialog = ask_to(&page, "Invalidate", &code).await;
    dialog.button("Invalidate code").click().await;
    dialog.expect_text("Trying again in").await;
    dialog.button("Cancel").click().await;
    dialog.expect_gone().await;
    // The page's own timers run in order: this one ends after the one that was waiting.
    page.script_with_callback("setTimeout(() => done(true), 5100)").await;
    assert_eq!(site.gate.requests("DELETE "), 1);
    assert_eq!(site.service.read(&code).await, code);
    page.close().await;
}

/// Chromium lets a page refuse to close a dialog once only.
#[tokio::test(flavor = "multi_thread")]
async fn dialog_at_work_stays_open_however_often_escape_is_pressed() {
    let (site, [code], page) = with_codes().await;
    let mut held = site.gate.hold("PUT ");
    let dialog = ask_to(&page, "Rotate", &code).await;
    dialog.button("Rotate code").click().await;
    held.arrived().await;
    for _ in 0..3 {
        page.press(Key::Escape).await;
        dialog.expect().await;
    }
    held.release().await;
    page.dialog("Code rotated").expect().await;
    page.close().await;
}

/// Under a status the code that has ended leaves the list, and the new one comes.
#[tokio::test(flavor = "multi_thread")]
async fn rotation_under_a_status_shows_what_has_that_status_then() {
    let site = Site::start().await;
    let (other, code) = (site.code("usr_1", "org_1").await, site.code("usr_2", "org_1").await);
    let page = open_at(&site, "/console?status=active").await;
    page.expect_text("2 codes on this page").await;
    choose_action(&page, &code, "Rotate…").await;
    page.button("Rotate code").click().await;
    page.dialog("Code rotated").button("Done").click().await;
    let successor = site.codes_of_mentor("usr_2").await.remove(0);
    expect_rows(&page, [&successor, &other]).await;
    page.expect_text("2 codes on this page").await;
    page.close().await;
}

/// The list that was asked for before a change knows nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn list_asked_for_before_a_change_does_not_undo_it() {
    let (site, [code], page) = with_codes().await;
    let mut held = site.gate.hold(&format!("GET {BASE}"));
    page.button("Search").click().await;
    held.arrived().await;
    choose_action(&page, &code, "Invalidate…").await;
    page.button("Invalidate code").click().await;
    row(&page, &code).expect_text("Invalidated").await;
    held.release().await;
    page.expect_script("document.querySelector('table').ariaBusy", serde_json::Value::Null).await;
    row(&page, &code).expect_text("Invalidated").await;
    assert_eq!(site.gate.requests("page=1"), 3);
    page.close().await;
}
