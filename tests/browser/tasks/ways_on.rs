//! A person goes on from a code that has ended, and through a mentor's history.

use super::steps::{choose_action, code_of, expect_rows, menu, open, open_at, row, text};
use crate::person::Key;
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn code_that_has_ended_leads_to_its_successor_and_to_the_active_code() {
    let site = Site::start().await;
    let first = site.code("usr_1", "org_1").await;
    let second = site.rotate(&first).await;
    let third = site.rotate(&second).await;
    let other = site.code("usr_2", "org_1").await;
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
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mentor_of_an_invalidated_code_gets_a_new_one() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    site.invalidate(&code).await;
    let page = open(&site).await;
    page.button("New code for usr_1").click().await;
    let dialog = page.dialog("New code");
    dialog.field("Organisation ID").expect_value("org_1").await;
    dialog.button("Get or create code").click().await;
    page.dialog("Code created").button("Done").click().await;
    expect_rows(&page, [&site.codes_of_mentor("usr_1").await[0], &code]).await;
    page.close().await;
}

/// Whole ids and exact times, in reach of the keyboard and of a finger.
#[tokio::test(flavor = "multi_thread")]
async fn details_tell_all_that_is_known_of_a_code() {
    let site = Site::start().await;
    let mentor = "m".repeat(128);
    let first = site.code(&mentor, "org_1").await;
    let second = site.rotate(&first).await;
    let page = open_at(&site, &format!("/console?id={}", text(&first, "id"))).await;
    choose_action(&page, &first, "Details").await;
    let details = page.dialog(code_of(&first));
    for told in [&*mentor, text(&first, "id"), text(&second, "id"), "Saturday, 10 January 2026 at 10:00:00 CET"] {
        details.expect_text(told).await;
    }
    page.expect_accessible("details").await;
    details.link("History of this mentor").click().await;
    page.dialog(&format!("History of {mentor}")).expect_text("2 codes, newest first.").await;
    page.press(Key::Escape).await;
    page.dialog(&format!("History of {mentor}")).expect_gone().await;
    menu(&page, &first).expect().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_of_a_mentor_tells_what_replaced_what() {
    let site = Site::start().await;
    let first = site.code("usr_1", "org_1").await;
    let second = site.rotate(&first).await;
    site.invalidate(&second).await;
    let third = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    choose_action(&page, &third, "History of this mentor").await;
    let history = page.dialog("History of usr_1");
    history.expect_text("3 codes, newest first.").await;
    page.expect_accessible("a history").await;
    let shown = history.text().await;
    let places: Vec<_> =
        [&third, &second, &first].map(|code| shown.find(code_of(code)).unwrap_or_else(|| panic!("{shown}"))).into();
    assert!(places.is_sorted(), "newest first: {shown}");
    assert!(shown.contains(&format!("Replaced by {}", code_of(&second))), "{shown}");
    assert!(shown.contains(&format!("Replaced {}", code_of(&first))), "{shown}");
    assert!(shown.contains("Invalidated 10 Jan 2026"), "{shown}");
    page.expect_path("/console?history=usr_1").await;
    assert_eq!(page.title().await, "History of usr_1 – Referral codes");
    history.button("Close").click().await;
    history.expect_gone().await;
    menu(&page, &third).expect_focus().await;
    page.expect_path("/console").await;
    page.forward().await;
    history.link(code_of(&first)).click().await;
    history.expect_gone().await;
    expect_rows(&page, [&first]).await;
    page.expect_path(&format!("/console?id={}", text(&first, "id"))).await;
    page.back().await;
    history.expect().await;
    page.reload().await;
    history.link("Show in the list").click().await;
    history.expect_gone().await;
    expect_rows(&page, [&third, &second, &first]).await;
    page.close().await;
}

/// A mentor with more codes than one answer has.
#[tokio::test(flavor = "multi_thread")]
async fn history_goes_on_where_an_answer_ends() {
    let site = Site::start().await;
    let first = site.code("usr_1", "org_1").await;
    let mut newest = first.clone();
    for _ in 0..24 {
        newest = site.rotate(&newest).await;
    }
    let page = open(&site).await;
    choose_action(&page, &newest, "History of this mentor").await;
    let history = page.dialog("History of usr_1");
    history.expect_text("20 codes, and earlier ones").await;
    history.button("Show earlier codes").click().await;
    history.expect_text("25 codes, newest first.").await;
    history.role("listitem", "").expect_count(25).await;
    history.expect_text(code_of(&first)).await;
    page.press(Key::Escape).await;
    history.expect_gone().await;
    page.close().await;
}
