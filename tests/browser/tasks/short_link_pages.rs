//! The pages of a short link that leads nowhere, 404 and 410, in both languages.

use dev::BASE;

use super::steps::code_of;
use crate::browser::Window;
use crate::person::Page;
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn pages_say_what_happened_and_lead_on_in_both_languages() {
    let site = Site::start().await;
    let withdrawn = site.code("usr_1", "org_1").await;
    site.invalidate(&withdrawn).await;
    for window in [Window::Desktop, Window::Phone] {
        let page = Page::start(window, &site.origin).await;
        for (language, withdrawn_words, unknown_words, link) in [
            ("en", "This code has been withdrawn", "We don’t know this code", "Join without a code"),
            ("nb", "Denne koden er trukket tilbake", "Vi kjenner ikke denne koden", "Bli med uten kode"),
        ] {
            page.browser.language(language).await;
            for (code, words) in [(code_of(&withdrawn), withdrawn_words), ("KAR-VERV-0000", unknown_words)] {
                page.open(&format!("/r/{code}")).await;
                page.role("heading", words).expect().await;
                let href = page.link(link).attribute("href").await;
                assert_eq!(href.as_deref(), Some("https://app.org.no/join"));
                assert_eq!(page.script("return document.documentElement.lang").await, language);
                assert_eq!(page.overflow().await, 0);
                page.expect_accessible(&format!("{words} ({window:?})")).await;
            }
        }
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn code_in_a_short_link_stays_text() {
    let site = Site::start().await;
    let page = Page::start(Window::Desktop, &site.origin).await;
    page.open("/r/%3Cimg%20src=x%20onerror=%22document.title='owned'%22%3E").await;
    page.role("heading", "We don’t know this code").expect().await;
    assert_eq!(page.script("return document.images.length").await, 0);
    assert_eq!(page.title().await, "We don’t know this code");
    assert_eq!(site.gate.requests(BASE), 0, "the page asks nothing");
    page.close().await;
}
