//! A person finds a code, or the codes of a mentor, of an organisation, of a status.

use super::steps::{choose_action, code_of, menu, open, open_at, row, search, with_codes, without_codes};
use crate::person::Key;
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn code_is_found_as_people_type_it() {
    let (_site, [wanted, other], page) = with_codes().await;
    search(&page, &format!(" {} ", code_of(&wanted).to_lowercase().replace('-', " "))).await;
    row(&page, &other).expect_gone().await;
    row(&page, &wanted).expect().await;
    row(&page, &wanted).expect_text("usr_1").await;
    page.expect_text("1 code").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_by_mentor_organisation_and_status_combine_and_are_cleared() {
    let site = Site::start().await;
    let ended = site.code("usr_1", "org_1").await;
    let active = site.rotate(&ended).await;
    let other = site.code("usr_2", "org_2").await;
    let page = open(&site).await;
    row(&page, &other).expect().await;

    page.role("searchbox", "Mentor").fill("usr_1").await;
    page.button("Search").click().await;
    row(&page, &other).expect_gone().await;
    row(&page, &ended).expect().await;
    page.role("combobox", "Status").choose("Active").await;
    row(&page, &ended).expect_gone().await;
    row(&page, &active).expect().await;
    page.expect_path("/console?mentor_id=usr_1&status=active").await;

    page.link("Clear filters").click().await;
    row(&page, &other).expect().await;
    page.role("searchbox", "Mentor").expect_value("").await;
    page.role("searchbox", "Organisation").fill("org_2").await;
    page.button("Search").click().await;
    row(&page, &active).expect_gone().await;
    row(&page, &other).expect().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn id_in_the_list_leads_to_its_own_codes() {
    let site = Site::start().await;
    let (wanted, other) = (site.code("usr_1", "org_1").await, site.code("usr_2", "org_2").await);
    let page = open(&site).await;
    row(&page, &wanted).link("usr_1").click().await;
    row(&page, &other).expect_gone().await;
    page.role("searchbox", "Mentor").expect_value("usr_1").await;
    page.back().await;
    row(&page, &other).link("org_2").click().await;
    row(&page, &wanted).expect_gone().await;
    page.role("searchbox", "Organisation").expect_value("org_2").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filter_that_is_no_id_is_refused_beside_its_field() {
    let (_site, [code], page) = with_codes().await;
    page.role("searchbox", "Mentor").fill("not an id").await;
    page.button("Search").click().await;
    page.role("searchbox", "Mentor").expect_description("128").await;
    page.role("searchbox", "Mentor").expect_focus().await;
    row(&page, &code).expect_gone().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filter_without_a_match_says_so_and_leads_back() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    let page = open_at(&site, "/console?code=KAR-VERV-0000").await;
    page.role("heading", "No codes match").expect().await;
    page.expect_accessible("no match").await;
    page.role("region", "Codes").link("Clear filters").click().await;
    row(&page, &code).expect().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn first_code_is_offered_where_there_is_none_and_no_token_asked_for() {
    let (_site, page) = without_codes().await;
    page.dialog("Access token").expect_gone().await;
    page.button("Sign out").expect_gone().await;
    page.button("New code").expect_count(2).await;
    page.expect_accessible("no codes").await;
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
    history.button("Close").click().await;
    history.expect_gone().await;
    menu(&page, &third).expect_focus().await;
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
