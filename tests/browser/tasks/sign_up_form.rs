//! The sign-up form of `examples/clients`, on a site of its own: it checks a code across origins.

use axum::Router;
use axum::response::Html;
use tokio::task::JoinSet;

use super::steps::{code_of, text};
use crate::browser::Window;
use crate::person::Page;
use crate::site::Site;

const FORM: Html<&str> = Html(include_str!("../../../examples/clients/sign_up.html"));

#[tokio::test(flavor = "multi_thread")]
async fn sign_up_form_on_another_site_checks_codes() {
    let site = Site::start().await;
    let (code, ended) = (site.code("usr_1", "org_1").await, site.code("usr_2", "org_1").await);
    site.invalidate(&ended).await;
    let mut tasks = JoinSet::new();
    let form = dev::serve(&mut tasks, Router::new().fallback(async || FORM)).await;
    let page = Page::start(Window::Phone, &form).await.with_requests_to(&site.origin);
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
