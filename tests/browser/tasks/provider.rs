//! A person signs in at a provider of OpenID Connect, a real one, whose token endpoint is on another origin.

use serde_json::Value;

use super::steps::{open_at, row};
use crate::person::{Key, Page};
use crate::site::{AUDIENCE, Site};

const FOR_SERVICE: &[(&str, &str)] = &[("CONSOLE_AUDIENCE", AUDIENCE)];

/// Signs in on the provider's own page, and lets it pass that on.
async fn sign_in(page: &Page) {
    page.button("Sign-in").expect().await;
    page.script("document.querySelector('[name=login]').focus()").await;
    page.type_text("kari").await;
    page.press(Key::Tab).await;
    page.type_text("secret").await;
    page.press(Key::Enter).await;
    page.button("Continue").leave().await;
}

async fn signed_in(seconds: u32) -> (Site, Value, Page) {
    let site = Site::start_with_provider(seconds, FOR_SERVICE).await;
    let code = site.code("usr_1", "org_001").await;
    site.code("usr_2", "org_002").await;
    let page = open_at(&site, "/console?status=active").await;
    sign_in(&page).await;
    row(&page, &code).expect().await;
    (site, code, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn person_signs_in_and_out_and_the_view_comes_back() {
    let (site, _code, page) = signed_in(300).await;
    page.expect_path("/console?status=active").await;
    page.expect_text("1 code").await;
    page.expect_no_text("usr_2").await;
    page.expect_accessible("signed in").await;
    let kept = "JSON.stringify([Object.entries(sessionStorage), document.cookie, history.state, location.hash])";
    page.expect_script(kept, r#"[[],"",null,""]"#).await;
    assert_eq!(site.gate.requests("code="), 1, "the answer of the provider, and no list");
    page.button("Sign out").leave().await;
    page.button("Yes, sign me out").leave().await;
    page.button("Sign-in").expect().await;
    page.close().await;
}

/// With the refresh token, once for each token, and without the person; also where the device slept over the end.
#[tokio::test(flavor = "multi_thread")]
async fn sign_in_is_renewed_while_the_page_is_open() {
    let (site, code, page) = signed_in(4).await;
    let renewals = "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/token')).length";
    page.expect_script(&format!("{renewals} >= 4"), true).await;
    let lists = site.gate.requests("GET /api/");
    page.pass(100).await;
    page.script(&format!("window.before = {renewals}")).await;
    page.button("Search").click().await;
    page.expect_script(&format!("{renewals} > window.before"), true).await;
    row(&page, &code).expect().await;
    assert_eq!(site.gate.requests("GET /api/"), lists + 1);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn token_that_is_none_of_the_service_is_explained() {
    let site = Site::start_with_provider(300, &[]).await;
    let page = open_at(&site, "/console?mentor_id=usr_1").await;
    sign_in(&page).await;
    page.expect_alert("set CONSOLE_AUDIENCE").await;
    let given = site.granted_token();
    assert!(!given.is_empty() && !given.contains('.'), "only the provider can read it: {given}");
    page.expect_path("/console?mentor_id=usr_1").await;
    page.button("Sign in").expect().await;
    page.expect_accessible("a sign-in that failed").await;
    assert_eq!(site.gate.requests("/api/"), 0, "no such token is sent");
    page.close().await;
}

/// Who cancels there is told so here; and an answer that this tab has not asked for, or that is another's, is not taken.
#[tokio::test(flavor = "multi_thread")]
async fn answers_of_the_provider_are_told_in_the_page_s_words() {
    let site = Site::start_with_provider(300, FOR_SERVICE).await;
    let page = open_at(&site, "/console").await;
    page.link("[ Cancel ]").leave().await;
    page.expect_alert("You were not let in").await;
    page.button("Sign in").leave().await;
    page.button("Sign-in").expect().await;
    for (query, said) in [
        ("?code=stolen&state=other", "Your sign-in has ended"),
        ("?error=invalid_scope&error_description=none&state=other", "Your sign-in has ended"),
    ] {
        page.open(&format!("/console{query}")).await;
        page.expect_alert(said).await;
        page.expect_path("/console").await;
    }
    assert_eq!(site.gate.requests("/api/"), 0);
    page.close().await;
}
