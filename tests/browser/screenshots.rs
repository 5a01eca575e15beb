//! The pictures of the pages in `docs/images`: `just screenshots` takes them anew, of the local server's demo data.

use dev::{BASE, Call, LocalServer};
use serde_json::Value;

use crate::browser::{Theme, Window};
use crate::person::Page;
use crate::tasks::steps::{ask_to, code_of, row};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes docs/images: just screenshots"]
async fn screenshots() {
    let local = LocalServer::start(LocalServer::program(), &["--memory", "--demo"]);
    let [newest, withdrawn] = [newest(&local, "active").await, newest(&local, "invalidated").await];
    for (window, theme, name) in [
        (Window::Desktop, Theme::Light, "console-light"),
        (Window::Desktop, Theme::Dark, "console-dark"),
        (Window::Phone, Theme::Light, "console-phone-light"),
    ] {
        let page = Page::start(window, local.url()).await;
        page.browser.theme(theme).await;
        page.open("/console").await;
        row(&page, &newest).expect().await;
        save(&page, name).await;
        page.close().await;
    }

    let page = Page::start(Window::Desktop, local.url()).await;
    page.open("/console").await;
    ask_to(&page, "Rotate", &newest).await.expect().await;
    save(&page, "console-rotate").await;
    page.open(&format!("/r/{}", code_of(&withdrawn))).await;
    page.role("heading", "This code has been withdrawn").expect().await;
    save(&page, "short-link-410").await;
    page.open("/docs").await;
    page.expect_text("/api/v1/referral-codes").await;
    save(&page, "docs-page").await;
    page.close_with_faults().await;
}

/// The newest code of a status.
async fn newest(local: &LocalServer, status: &str) -> Value {
    local.send(Call::get(&format!("{BASE}?limit=1&status={status}"))).await.expect(200)["data"][0].clone()
}

async fn save(page: &Page, name: &str) {
    let file = format!("{}/docs/images/{name}.png", env!("CARGO_MANIFEST_DIR"));
    std::fs::write(file, page.browser.client.screenshot().await.unwrap()).unwrap();
}
