//! A person rotates a code or invalidates it, and is told what that ends.

use dev::BASE;
use serde_json::Value;

use super::steps::{ask_to, code_of, expect_rows, menu, open, open_at, open_details, row, text, with_codes};
use crate::person::Key;
use crate::site::{Answer, Site};

/// Who cancels first has changed nothing. Chromium lets a page refuse to close a dialog once only: Escape closes none at work.
#[tokio::test(flavor = "multi_thread")]
async fn rotation_is_confirmed_and_shows_the_new_code() {
    let (site, [code], page) = with_codes().await;
    let dialog = ask_to(&page, "Rotate", &code).await;
    dialog.expect_text("The old link and every printed QR code of it stop working at once.").await;
    dialog.button("Cancel").click().await;
    dialog.expect_gone().await;
    menu(&page, &code).expect_focus().await;
    assert_eq!((site.service.read(&code).await, site.gate.requests("PUT ")), (code.clone(), 0));

    let mut held = site.gate.hold("PUT ");
    ask_to(&page, "Rotate", &code).await.button("Rotate code").click().await;
    held.arrived().await;
    for _ in 0..3 {
        page.press(Key::Escape).await;
        dialog.expect().await;
    }
    held.release().await;
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

/// The answer of a rotation gets lost. The same press again gives the same successor.
#[tokio::test(flavor = "multi_thread")]
async fn rotation_says_how_long_the_old_link_leads_on_and_is_repeated_safely() {
    let site = Site::start_with(&[("ROTATED_GRACE_DAYS", "30")]).await;
    let code = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    let dialog = ask_to(&page, "Invalidate", &code).await;
    dialog.expect_text("Links of earlier codes that still lead to this one stop working too.").await;
    page.press(Key::Escape).await;
    site.gate.lose_next_response(&format!("PUT {BASE}"));
    let dialog = ask_to(&page, "Rotate", &code).await;
    dialog.expect_text("lead to the new code for 30 days").await;
    dialog.button("Rotate code").click().await;
    dialog.role("alert", "").expect_text("The service did not answer in time").await;
    dialog.button("Try again").click().await;
    page.dialog("Code rotated").expect().await;
    let codes = site.codes_of_mentor("usr_1").await;
    assert_eq!(codes.len(), 2, "{codes:?}");
    page.dialog("Code rotated").expect_text(code_of(&codes[0])).await;
    page.close().await;
}

/// A change that is cancelled while the page waits for the time that the service asked for is not sent. One that fails is told
/// in its dialog.
#[tokio::test(flavor = "multi_thread")]
async fn invalidation_is_confirmed_and_ends_the_code_after_failures() {
    let (site, [code], page) = with_codes().await;
    site.gate.answer_next("DELETE ", Answer::busy().header("retry-after", "999"));
    let dialog = ask_to(&page, "Invalidate", &code).await;
    dialog.expect_text("This cannot be undone.").await;
    dialog.expect_text("usr_1 has no code then").await;
    page.expect_accessible("an invalidation").await;
    dialog.button("Invalidate code").click().await;
    dialog.expect_text("Trying again in 9").await;
    dialog.button("Cancel").click().await;
    dialog.expect_gone().await;
    menu(&page, &code).expect_focus().await;
    page.pass(999).await;
    // The page's own timers run in order: this one ends after the one that was waiting.
    page.script_with_callback("setTimeout(() => done(true), 1100)").await;
    assert_eq!((site.service.read(&code).await, site.gate.requests("DELETE ")), (code.clone(), 1));

    site.gate.answer_next("DELETE ", Answer::failing());
    ask_to(&page, "Invalidate", &code).await.button("Invalidate code").click().await;
    dialog.role("alert", "").expect_text("The service failed").await;
    page.expect_no_text("01TESTREQUEST").await;
    open_details(&page).await;
    dialog.role("alert", "").expect_text("The service has a fault. Report the request id.").await;
    dialog.role("alert", "").expect_text("01TESTREQUEST").await;
    page.expect_accessible("a change that failed").await;
    dialog.button("Try again").click().await;
    page.expect_text(&format!("{} is invalidated", code_of(&code))).await;
    dialog.expect_gone().await;
    row(&page, &code).expect_text("Invalidated").await;
    page.expect_accessible("a list with codes that have ended").await;
    assert_eq!(text(&site.service.read(&code).await, "status"), "invalidated");
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

/// Under a status the code that has ended leaves the list, and the new one comes. The list that was asked for before a change
/// knows nothing of it, and does not undo it.
#[tokio::test(flavor = "multi_thread")]
async fn list_is_right_after_a_change_whatever_was_asked_for_before() {
    let site = Site::start().await;
    let (other, code) = (site.code("usr_1", "org_1").await, site.code("usr_2", "org_1").await);
    let page = open_at(&site, "/console?status=active").await;
    page.expect_text("2 codes on this page").await;
    ask_to(&page, "Rotate", &code).await.button("Rotate code").click().await;
    page.dialog("Code rotated").button("Done").click().await;
    let successor = site.codes_of_mentor("usr_2").await.remove(0);
    expect_rows(&page, [&successor, &other]).await;
    page.expect_text("2 codes on this page").await;

    page.link("Clear filters").click().await;
    expect_rows(&page, [&successor, &code, &other]).await;
    let asked = site.gate.requests("page=1");
    let mut held = site.gate.hold(&format!("GET {BASE}"));
    page.button("Search").click().await;
    held.arrived().await;
    ask_to(&page, "Invalidate", &other).await.button("Invalidate code").click().await;
    row(&page, &other).expect_text("Invalidated").await;
    held.release().await;
    page.expect_script("document.querySelector('table').ariaBusy", Value::Null).await;
    row(&page, &other).expect_text("Invalidated").await;
    assert_eq!(site.gate.requests("page=1"), asked + 2);
    page.close().await;
}
