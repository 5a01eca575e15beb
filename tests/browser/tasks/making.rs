//! A person makes a code for a mentor.

use super::steps::{code_of, expect_rows, row, text, with_codes, without_codes};
use crate::person::Page;

/// The page has as many codes as it is to have: the oldest one makes room for a new one. A code that was there is not counted
/// as a new one, wherever in the list it is.
#[tokio::test(flavor = "multi_thread")]
async fn code_is_created_and_one_that_is_there_is_shown_as_it_is() {
    let (site, codes, page) = with_codes::<20>().await;
    fill_in(&page, "usr_4491", "org_002", "Kari").await;
    let dialog = page.dialog("Code created");
    dialog.expect_text("Does not expire").await;
    page.expect_accessible("a new code").await;
    let made = site.codes_of_mentor("usr_4491").await.remove(0);
    dialog.expect_text(code_of(&made)).await;
    assert!(code_of(&made).starts_with("KAR-VERV-"), "{made}");
    dialog.button("Copy link").expect_focus().await;
    dialog.button("Done").click().await;
    dialog.expect_gone().await;
    expect_rows(&page, [&made].into_iter().chain(codes[1..].iter().rev())).await;
    page.expect_text("1–20 of 21 codes").await;
    page.button("New code").expect_focus().await;

    fill_in(&page, "usr_1", "org_1", "Kari").await;
    let dialog = page.dialog("This mentor already has a code");
    dialog.expect_text(code_of(&codes[0])).await;
    assert_eq!(site.codes_of_mentor("usr_1").await, codes[..1]);
    dialog.button("Done").click().await;
    page.expect_text("1–20 of 21 codes").await;
    expect_rows(&page, [&made].into_iter().chain(codes[1..].iter().rev())).await;
    page.close().await;
}

/// On a first day, when the page offers to make the first code.
#[tokio::test(flavor = "multi_thread")]
async fn fields_that_are_not_valid_say_so_all_at_once() {
    let (_site, page) = without_codes().await;
    page.dialog("Access token").expect_gone().await;
    page.button("Sign out").expect_gone().await;
    page.button("New code").expect_count(2).await;
    page.expect_accessible("no codes").await;
    fill_in(&page, "not an id", "", &"n".repeat(101)).await;
    let dialog = page.dialog("New code");
    dialog.field("Mentor ID").expect_description("128").await;
    dialog.field("Organisation ID").expect_description("128").await;
    dialog.field("Mentor's name").expect_description("100").await;
    page.expect_accessible("errors beside fields").await;
    assert_eq!(dialog.field("Mentor ID").attribute("aria-invalid").await.as_deref(), Some("true"));
    dialog.field("Mentor ID").expect_focus().await;
    dialog.field("Mentor ID").fill("usr_1").await;
    dialog.field("Organisation ID").fill("org_1").await;
    dialog.field("Mentor's name").fill("Jan").await;
    dialog.button("Get or create code").click().await;
    page.dialog("Code created").expect().await;
    page.close().await;
}

/// One in the past is refused beside its field, whose parts are in the order of the browser's language.
#[tokio::test(flavor = "multi_thread")]
async fn expiry_is_in_the_time_zone_of_the_person() {
    let (site, page) = without_codes().await;
    fill_in(&page, "usr_1", "", "").await;
    let dialog = page.dialog("New code");
    dialog.field("Organisation ID").fill("org_1").await;
    let expires = dialog.field("Expires");
    expires.fill("070120201000AM").await;
    dialog.button("Get or create code").click().await;
    expires.expect_description("a date and a time to come").await;
    assert!(site.codes_of_mentor("usr_1").await.is_empty());
    expires.fill("070120261000AM").await;
    dialog.button("Get or create code").click().await;
    page.dialog("Code created").expect_text("Expires 1 Jul 2026, 10:00").await;
    let made = site.codes_of_mentor("usr_1").await.remove(0);
    assert_eq!(text(&made, "expires_at"), "2026-07-01T08:00:00Z", "10:00 in Oslo, in summer");
    page.close().await;
}

/// A mentor of another organisation is refused with the reason. However often the button is pressed, a code is made once.
#[tokio::test(flavor = "multi_thread")]
async fn mentor_of_another_organisation_is_refused_and_another_gets_one_code() {
    let (site, [code], page) = with_codes().await;
    fill_in(&page, "usr_1", "org_2", "").await;
    let dialog = page.dialog("New code");
    let known = format!("usr_1 has the active code {} in org_1.", code_of(&code));
    dialog.role("alert", "").expect_text(&known).await;
    page.expect_accessible("a mentor of another organisation").await;
    dialog.link("Show the active code").click().await;
    dialog.expect_gone().await;
    page.expect_path("/console?mentor_id=usr_1&status=active").await;
    row(&page, &code).expect().await;
    assert_eq!(site.codes_of_mentor("usr_1").await, [code]);

    let mut held = site.gate.hold("POST ");
    fill_in(&page, "usr_2", "org_1", "").await;
    held.arrived().await;
    let asked = site.gate.requests("POST ");
    dialog.button("Get or create code").click().await;
    dialog.button("Cancel").click().await;
    held.release().await;
    page.dialog("Code created").expect().await;
    assert_eq!(site.gate.requests("POST "), asked);
    page.close().await;
}

/// Opens the dialog, fills it in, and sends it.
async fn fill_in(page: &Page, mentor: &str, org: &str, name: &str) {
    page.role("banner", "").button("New code").click().await;
    let dialog = page.dialog("New code");
    for (field, value) in [("Mentor ID", mentor), ("Organisation ID", org), ("Mentor's name", name)] {
        dialog.field(field).fill(value).await;
    }
    dialog.button("Get or create code").click().await;
}
