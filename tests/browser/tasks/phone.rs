//! A person with a phone.

use super::steps::{choose_action, code_of, row};
use crate::browser::Window;
use crate::person::Page;
use crate::site::{Mentor, Site};

async fn open(site: &Site) -> Page {
    let page = Page::start(Window::Phone, &site.origin).await;
    page.open("/console").await;
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn page_is_no_wider_than_a_phone() {
    let site = Site::start().await;
    let long = "m".repeat(128);
    let code = site.code_of(Mentor { id: long.leak(), org: "o".repeat(128).leak(), name: "Jan" }).await;
    site.codes(25, "org_1").await;
    let page = open(&site).await;
    page.expect_text("26 codes").await;
    assert_eq!(page.overflow().await, 0);
    page.link("Page 2").click().await;
    row(&page, &code).expect().await;
    assert_eq!(page.overflow().await, 0, "with the longest ids");
    choose_action(&page, &code, "Rotate…").await;
    page.dialog(&format!("Rotate {}?", code_of(&code))).expect().await;
    assert_eq!(page.overflow().await, 0, "with a dialog");
    let dialog = page
        .script("const box = document.querySelector('dialog[open]'); return box.scrollWidth - box.clientWidth", vec![]);
    assert_eq!(dialog.await, 0, "nothing in the dialog is cut off");
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_are_behind_a_button() {
    let site = Site::start().await;
    let (wanted, other) = (site.code("usr_1", "org_1").await, site.code("usr_2", "org_1").await);
    let page = open(&site).await;
    row(&page, &other).expect().await;
    page.role("searchbox", "Mentor").expect_gone().await;
    page.button("Filters").click().await;
    page.role("searchbox", "Mentor").fill("usr_1").await;
    page.button("Search").click().await;
    row(&page, &other).expect_gone().await;
    row(&page, &wanted).expect().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_is_made_and_ended() {
    let site = Site::start().await;
    let page = open(&site).await;
    page.role("heading", "No codes yet").expect().await;
    page.script("document.querySelector('#new-button').scrollIntoView()", vec![]).await;
    page.role("main", "").button("New code").click().await;
    let dialog = page.dialog("New code");
    dialog.field("Mentor ID").fill("usr_1").await;
    dialog.field("Organisation ID").fill("org_1").await;
    dialog.button("Get or create code").click().await;
    page.dialog("Code created").button("Done").click().await;
    let code = site.codes_of_mentor("usr_1").await.remove(0);
    choose_action(&page, &code, "Invalidate…").await;
    page.button("Invalidate code").click().await;
    row(&page, &code).expect_text("Invalidated").await;
    page.close().await;
}

/// 44 CSS pixels: <https://www.w3.org/WAI/WCAG22/Understanding/target-size-enhanced.html>
#[tokio::test(flavor = "multi_thread")]
async fn targets_are_as_large_as_a_finger() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    row(&page, &code).expect().await;
    let small = "return [...document.querySelectorAll('button, input, select')]
        .filter((target) => target.checkVisibility() && target.getBoundingClientRect().height < 44)
        .map((target) => target.outerHTML)";
    assert_eq!(page.script(small, vec![]).await, serde_json::json!([]));
    page.close().await;
}
