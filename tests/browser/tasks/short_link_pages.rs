//! The pages of a short link that leads nowhere, 404 and 410, in both languages.

use crate::browser::Window;
use crate::person::Page;
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn ended_code_says_what_happened_and_leads_on() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    site.invalidate(&code).await;
    let code = code["code"].as_str().unwrap();
    let page = Page::start(Window::Desktop, &site.origin).await;
    page.open(&format!("/r/{code}")).await;
    page.expect_text(code).await;
    page.expect_accessible("410 in English").await;
    println!("{}", page.text().await);
    page.close().await;
}
