//! The pages beside the console: those of a short link that leads nowhere, the sign-up form of `examples/clients`, and the
//! documentation of the local server.

use axum::Router;
use axum::response::Html;
use dev::{BASE, LocalServer};
use tokio::task::JoinSet;

use super::steps::{code_of, text};
use crate::browser::Window;
use crate::person::Page;
use crate::site::Site;

/// 404 and 410. What stands on them in each language is in `tests/it/pages.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn pages_say_what_happened_and_lead_on_in_both_languages() {
    let site = Site::start().await;
    let withdrawn = site.code("usr_1", "org_1").await;
    site.invalidate(&withdrawn).await;
    for (window, language, withdrawn_words, unknown_words, link) in [
        (Window::Desktop, "en", "This code has been withdrawn", "We don’t know this code", "Join without a code"),
        (Window::Phone, "nb", "Denne koden er trukket tilbake", "Vi kjenner ikke denne koden", "Bli med uten kode"),
    ] {
        let page = Page::start(window, &site.origin).await;
        page.browser.language(language).await;
        let markup = "%3Cimg%20src=x%20onerror=%22document.title='owned'%22%3E";
        for (code, words) in [(code_of(&withdrawn), withdrawn_words), (markup, unknown_words)] {
            page.open(&format!("/r/{code}")).await;
            page.role("heading", words).expect().await;
            let href = page.link(link).attribute("href").await;
            assert_eq!(href.as_deref(), Some("https://app.org.no/join"));
            assert_eq!(page.script("return document.documentElement.lang").await, language);
            assert_eq!(page.overflow().await, 0);
            page.expect_accessible(&format!("{words} ({window:?})")).await;
            assert_eq!(page.script("return document.images.length").await, 0, "a code stays text");
            assert_eq!(page.title().await, words);
        }
        page.close().await;
    }
    assert_eq!(site.gate.requests(BASE), 0, "the pages ask nothing");
}

const FORM: Html<&str> = Html(include_str!("../../../examples/clients/sign_up.html"));

/// On a site of its own: it checks a code across origins.
#[tokio::test(flavor = "multi_thread")]
async fn sign_up_form_on_another_site_checks_codes() {
    let site = Site::start().await;
    let (code, ended) = (site.code("usr_1", "org_1").await, site.code("usr_2", "org_1").await);
    site.invalidate(&ended).await;
    let mut tasks = JoinSet::new();
    let form = dev::serve(&mut tasks, Router::new().fallback(async || FORM)).await;
    let page = Page::start(Window::Phone, &form).await;
    page.open(&format!("/?links={}/r", site.origin)).await;
    let field = page.role("textbox", "Referral code");
    let unknown = "There is no such code. Check how it is spelled.";
    let steps = [
        (code_of(&code).to_lowercase().replace('-', " "), text(&code, "url")),
        (code_of(&ended).to_owned(), "This code is no longer used. Ask for a new one."),
        ("Jan".to_owned(), unknown),
        ("../console".to_owned(), unknown),
        (format!("({})", code_of(&code)), text(&code, "url")),
    ];
    for (typed, says) in steps {
        field.fill(&typed).await;
        page.tab_to("Sign up", 3).await;
        page.expect_text(says).await;
    }
    field.expect_value(code_of(&code)).await;
    page.link(text(&code, "url")).expect().await;
    page.expect_accessible("the sign-up form").await;
    tasks.abort_all();
    drop(site);
    field.fill("JAN").await;
    page.tab_to("Sign up", 3).await;
    page.expect_text("The code could not be checked. You can sign up all the same.").await;
    // The browser itself logs each answer that is an error.
    let faults = page.close_with_faults().await;
    assert!(faults.iter().all(|fault| fault.contains("Failed to load resource")), "{faults:?}");
}

/// It comes from a crate. What is ours is that it describes this API, and that it needs no other host: its policy would refuse that.
/// What axe finds there, and what else the page logs, is not ours.
#[tokio::test(flavor = "multi_thread")]
async fn documentation_page_shows_the_operations_without_another_host() {
    let local = LocalServer::in_memory();
    let page = Page::start(Window::Desktop, local.url()).await;
    page.open("/docs").await;
    page.expect_text("Get or create referral code for a mentor").await;
    page.expect_text("/api/v1/referral-codes/{id}/url").await;
    page.expect_script("document.documentElement.lang", "en").await;
    let faults = page.close_with_faults().await;
    assert!(!faults.iter().any(|fault| fault.contains("Content Security Policy")), "{faults:?}");
}
