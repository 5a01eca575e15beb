//! A person reads the page in Bokmål or in English, and times in their own zone.

use super::steps::{code_of, row, with_codes};
use crate::person::{Key, Page};

/// What a browser prefers, and what it reads then. Nynorsk is served in Bokmål, all else in English.
#[tokio::test(flavor = "multi_thread")]
async fn page_speaks_the_language_of_the_browser_or_the_one_that_is_chosen() {
    let (_site, [code], page) = with_codes().await;
    for (preferred, language, title, created) in [
        ("nb-NO,nb,en", "nb", "Vervekoder", "10. jan. 2026"),
        ("nn", "nb", "Vervekoder", "10. jan. 2026"),
        ("sv,no", "nb", "Vervekoder", "10. jan. 2026"),
        ("de,en", "en", "Referral codes", "10 Jan 2026"),
        ("fr", "en", "Referral codes", "10 Jan 2026"),
    ] {
        page.browser.language(preferred).await;
        page.open("/console").await;
        row_in(&page, language, code_of(&code)).await;
        page.expect_script("document.documentElement.lang", language).await;
        page.role("heading", title).expect().await;
        page.expect_text(created).await;
    }
    // In full where the pointer rests.
    let time = "document.querySelector('.created time')";
    page.expect_script(&format!("{time}.title"), "Saturday, 10 January 2026 at 10:00:00 CET").await;
    page.expect_script(&format!("{time}.dateTime"), "2026-01-10T09:00:00Z").await;

    page.button("Norsk bokmål").click().await;
    row_in(&page, "nb", code_of(&code)).await;
    assert_eq!(page.title().await, "Vervekoder");
    page.expect_accessible("the list in Bokmål").await;
    page.button("Ny kode").click().await;
    page.dialog("Ny kode").field("Mentorens ID").expect_focus().await;
    page.expect_accessible("a new code in Bokmål").await;
    page.press(Key::Escape).await;
    page.reload().await;
    row_in(&page, "nb", code_of(&code)).await;
    page.button("English").click().await;
    row(&page, &code).expect().await;
    page.close().await;
}

async fn row_in(page: &Page, language: &str, code: &str) {
    let name = if language == "nb" { "Handlinger for" } else { "Actions for" };
    page.button(&format!("{name} {code}")).expect().await;
}
