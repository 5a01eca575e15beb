//! A person goes on from a code that has ended, and through a mentor's history.

use super::steps::{choose_action, code_of, expect_rows, menu, open, open_at, row, text};
use crate::person::Key;
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn code_that_has_ended_leads_to_its_successor_the_active_code_and_a_new_one() {
    let site = Site::start().await;
    let first = site.code("usr_1", "org_1").await;
    let second = site.rotate(&first).await;
    let third = site.rotate(&second).await;
    let other = site.code("usr_2", "org_1").await;
    site.invalidate(&other).await;
    let page = open(&site).await;
    row(&page, &first).link(code_of(&second)).click().await;
    expect_rows(&page, [&second]).await;
    assert_eq!(page.title().await, format!("{} – Referral codes", code_of(&second)));
    row(&page, &second).link("its successor").click().await;
    expect_rows(&page, [&third]).await;
    row(&page, &third).link(code_of(&second)).click().await;
    page.expect_path(&format!("/console?code={}", code_of(&second))).await;
    row(&page, &second).link("Show the active code of usr_1").click().await;
    page.expect_path("/console?mentor_id=usr_1&status=active").await;
    expect_rows(&page, [&third]).await;
    assert_eq!(page.title().await, "usr_1, Active – Referral codes");
    page.link("Clear filters").click().await;
    row(&page, &other).expect().await;
    for (action, expected) in [("Show successor", &second), ("Show the active code", &third)] {
        choose_action(&page, &first, action).await;
        expect_rows(&page, [expected]).await;
        page.back().await;
        row(&page, &other).expect().await;
    }
    choose_action(&page, &first, "New code for this mentor…").await;
    page.dialog("New code").field("Mentor ID").expect_value("usr_1").await;
    page.press(Key::Escape).await;
    page.button("New code for usr_2").click().await;
    let dialog = page.dialog("New code");
    dialog.field("Organisation ID").expect_value("org_1").await;
    dialog.button("Get or create code").click().await;
    page.dialog("Code created").button("Done").click().await;
    expect_rows(&page, [&site.codes_of_mentor("usr_2").await[0], &other, &third, &second, &first]).await;
    page.close().await;
}

/// Details have whole ids and exact times, in reach of the keyboard and of a finger. A history tells what replaced what, and has
/// a URL of its own.
#[tokio::test(flavor = "multi_thread")]
async fn details_and_history_tell_all_that_is_known_of_a_code() {
    let site = Site::start().await;
    let mentor = "m".repeat(128);
    let first = site.code(&mentor, "org_1").await;
    let second = site.rotate(&first).await;
    site.invalidate(&second).await;
    let third = site.code(&mentor, "org_1").await;
    let mut newest = third.clone();
    for _ in 0..22 {
        newest = site.rotate(&newest).await;
    }
    let page = open_at(&site, &format!("/console?id={}", text(&first, "id"))).await;
    choose_action(&page, &first, "Details").await;
    let details = page.dialog(code_of(&first));
    for told in [&*mentor, text(&first, "id"), text(&second, "id"), "Saturday, 10 January 2026 at 10:00:00 CET"] {
        details.expect_text(told).await;
    }
    page.expect_accessible("details").await;
    details.link("History of this mentor").click().await;
    let history = page.dialog(&format!("History of {mentor}"));
    // More than one answer has.
    history.expect_text("20 codes, and earlier ones").await;
    history.button("Show earlier codes").click().await;
    history.expect_text("25 codes, newest first.").await;
    history.role("listitem", "").expect_count(25).await;
    page.expect_accessible("a history").await;
    let shown = history.text().await;
    let places: Vec<_> = [&newest, &third, &second, &first]
        .map(code_of)
        .map(|told| shown.find(told).unwrap_or_else(|| panic!("no {told}: {shown}")))
        .into();
    assert!(places.is_sorted(), "newest first: {shown}");
    assert!(shown.contains("Invalidated 10 Jan 2026"), "{shown}");
    assert!(shown.contains(&format!("Replaced by {}", code_of(&second))), "{shown}");
    assert!(shown.contains(&format!("Replaced {}", code_of(&first))), "{shown}");
    page.expect_path(&format!("/console?id={}&history={mentor}", text(&first, "id"))).await;
    assert_eq!(page.title().await, format!("History of {mentor} – Referral codes"));
    history.button("Close").click().await;
    history.expect_gone().await;
    menu(&page, &first).expect_focus().await;
    page.forward().await;
    history.link(code_of(&newest)).click().await;
    history.expect_gone().await;
    expect_rows(&page, [&newest]).await;
    page.back().await;
    history.expect().await;
    page.reload().await;
    history.link("Show in the list").click().await;
    history.expect_gone().await;
    page.expect_text("1–20 of 25 codes").await;
    page.close().await;
}
