//! A person with a phone.

use super::steps::{ask_to, code_of, field, menu, open, open_on_phone, row};
use crate::site::Site;

/// The page is no wider than the phone, whatever is on it. The filters are behind a button.
#[tokio::test(flavor = "multi_thread")]
async fn codes_are_found_on_a_phone_and_nothing_is_wider_than_it() {
    let site = Site::start().await;
    let long = site.code(&"m".repeat(128), &"o".repeat(128)).await;
    site.codes(25, "org_1").await;
    let page = open_on_phone(&site).await;
    page.expect_text("26 codes").await;
    page.expect_accessible("the list on a phone").await;
    assert_eq!(page.overflow().await, 0);
    page.link("Page 2").click().await;
    row(&page, &long).expect().await;
    assert_eq!(page.overflow().await, 0, "with the longest ids");
    ask_to(&page, "Rotate", &long).await.expect().await;
    assert_eq!(page.overflow().await, 0, "with a dialog");
    page.expect_accessible("a dialog on a phone").await;
    let cut = "const box = document.querySelector('dialog[open]'); return box.scrollWidth - box.clientWidth";
    assert_eq!(page.script(cut).await, 0, "nothing in the dialog is cut off");
    page.button("Cancel").click().await;

    page.script("scrollTo(0, 0)").await;
    page.role("searchbox", "Organisation").expect_gone().await;
    page.button("Filters").click().await;
    page.role("searchbox", "Organisation").expect().await;
    page.expect_accessible("filters on a phone").await;
    field(&page).fill("usr_99").await;
    page.button("Search").click().await;
    page.role("heading", "No codes match").expect().await;
    page.close().await;
}

/// 44 CSS pixels, on a desk too: <https://www.w3.org/WAI/WCAG22/Understanding/target-size-enhanced.html>. A link within a line
/// of text may be smaller.
#[tokio::test(flavor = "multi_thread")]
async fn targets_are_as_large_as_a_finger() {
    let site = Site::start().await;
    let first = site.code("usr_1", "org_1").await;
    let code = site.rotate(&first).await;
    let small = "return [...document.querySelectorAll('button, input, select, summary, td > a, nav a, a.button, [role=menuitem]')]
        .map((target) => target.closest('label') ?? target)
        .filter((target) => target.checkVisibility() && target.getBoundingClientRect().height < 44)
        .map((target) => target.outerHTML)";
    for page in [open_on_phone(&site).await, open(&site).await] {
        row(&page, &code).expect().await;
        assert_eq!(page.script(small).await, serde_json::json!([]));
        menu(&page, &first).click().await;
        page.role("menuitem", "Details").expect().await;
        assert_eq!(page.script(small).await, serde_json::json!([]), "in a menu");
        page.role("menuitem", "Details").click().await;
        page.dialog(code_of(&first)).expect().await;
        assert_eq!(page.script(small).await, serde_json::json!([]), "in a dialog");
        page.close().await;
    }
}
