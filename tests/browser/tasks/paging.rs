//! A person pages through the codes, goes back and forward, and shares what is on the page.

use super::steps::{expect_rows, field, open_at, row, with_codes};
use crate::person::Key;
use crate::site::Site;

/// Each code once, in either order, on as many pages as their size makes.
#[tokio::test(flavor = "multi_thread")]
async fn numbered_pages_show_every_code_once() {
    let (_site, codes, page) = with_codes::<45>().await;
    page.expect_text("1–20 of 45 codes").await;
    expect_rows(&page, codes[25..].iter().rev()).await;
    page.link("Next").click().await;
    page.expect_text("21–40 of 45 codes").await;
    expect_rows(&page, codes[5..25].iter().rev()).await;
    page.expect_path("/console?page=2").await;
    page.link("Page 3").click().await;
    page.expect_text("41–45 of 45 codes").await;
    expect_rows(&page, codes[..5].iter().rev()).await;
    page.link("Previous").click().await;
    page.expect_text("21–40 of 45 codes").await;
    page.role("combobox", "Order").choose("Oldest first").await;
    page.expect_path("/console?sort=created_at").await;
    expect_rows(&page, codes[..20].iter()).await;
    page.role("combobox", "Codes per page").choose("50").await;
    expect_rows(&page, codes.iter()).await;
    page.close().await;
}

/// Under a status the API numbers no more than 2,000 codes: the page walks by cursor. The link that skips to the codes leads to
/// no other view, so Previous still knows the way back after it.
#[tokio::test(flavor = "multi_thread")]
async fn cursor_pages_go_on_and_back() {
    let site = Site::start().await;
    let codes = site.codes(45, "org_1").await;
    let page = open_at(&site, "/console?status=active").await;
    page.expect_text("20 codes on this page").await;
    page.expect_accessible("a page by cursor").await;
    expect_rows(&page, codes[25..].iter().rev()).await;
    page.link("Next").click().await;
    expect_rows(&page, codes[5..25].iter().rev()).await;
    page.link("Next").click().await;
    page.expect_text("5 codes on this page").await;
    expect_rows(&page, codes[..5].iter().rev()).await;
    page.link("Next").expect_gone().await;
    page.link("Previous").click().await;
    expect_rows(&page, codes[5..25].iter().rev()).await;
    page.link("Next").click().await;
    expect_rows(&page, codes[..5].iter().rev()).await;
    page.script("document.querySelector('.skip').focus()").await;
    page.press(Key::Enter).await;
    page.role("region", "Codes").expect_focus().await;
    page.link("Previous").click().await;
    expect_rows(&page, codes[5..25].iter().rev()).await;
    // The first step back was on the page before the skip. The second one is worked out after it.
    page.link("Previous").click().await;
    expect_rows(&page, codes[25..].iter().rev()).await;
    page.close().await;
}

/// So does a URL that was shared. One past the end leads to the first page.
#[tokio::test(flavor = "multi_thread")]
async fn back_and_forward_show_the_views_that_were_left() {
    let (site, codes, page) = with_codes::<25>().await;
    page.link("Page 2").click().await;
    row(&page, &codes[0]).link("usr_1").click().await;
    page.expect_text("1 code").await;
    page.back().await;
    page.expect_text("21–25 of 25 codes").await;
    field(&page).expect_value("").await;
    page.back().await;
    page.expect_text("1–20 of 25 codes").await;
    page.forward().await;
    page.expect_text("21–25 of 25 codes").await;
    page.forward().await;
    field(&page).expect_value("usr_1").await;
    expect_rows(&page, [&codes[0]]).await;

    let other = site.code("other", "org_2").await;
    page.open("/console?org_id=org_1&sort=created_at&page=2").await;
    page.expect_text("21–25 of 25 codes").await;
    expect_rows(&page, codes[20..].iter()).await;
    page.role("searchbox", "Organisation").expect_value("org_1").await;
    page.role("combobox", "Order").expect_value("created_at").await;
    page.open("/console?page=7").await;
    page.role("heading", "Nothing on this page").expect().await;
    page.link("First page").click().await;
    row(&page, &other).expect().await;
    page.close().await;
}
