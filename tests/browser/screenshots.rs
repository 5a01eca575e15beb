//! The pictures of the pages in `docs/images`: `just screenshots` takes them anew.
//!
//! Codes, times and ids are always the same. What differs from machine to machine are its fonts.

use std::time::Duration;

use dev::{Call, LocalServer};
use serde_json::Value;

use crate::browser::{Theme, Window};
use crate::person::Page;
use crate::site::Site;
use crate::tasks::steps::{ask_to, code_of, row};

/// The ids of the codes, from the first one on.
const IDS: [&str; 13] = [
    "2c7e91d4", "b04f6a18", "5d13c8e2", "91ab07f3", "e86d2c45", "37f0b9a1", "c4528e6d", "0a9d71bc", "f3e8462b",
    "6b15da90", "d7c3f058", "48e2ab16", "8f3a21bc",
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes docs/images: just screenshots"]
async fn screenshots() {
    let (site, newest, withdrawn) = site_with_codes().await;
    let (light, dark) = (Theme::Light, Theme::Dark);
    for (window, pictures) in [
        (Window::Desktop, vec![(light, "console-light"), (dark, "console-dark")]),
        (Window::Phone, vec![(light, "console-phone-light")]),
    ] {
        let page = Page::start(window, &site.origin).await;
        page.open("/console").await;
        row(&page, &newest).expect().await;
        for (theme, name) in pictures {
            page.browser.theme(theme).await;
            save(&page, name).await;
        }
        page.close().await;
    }

    let page = Page::start(Window::Desktop, &site.origin).await;
    page.open("/console").await;
    ask_to(&page, "Rotate", &newest).await.expect().await;
    save(&page, "console-rotate").await;
    page.open(&format!("/r/{}", code_of(&withdrawn))).await;
    page.role("heading", "This code has been withdrawn").expect().await;
    save(&page, "short-link-410").await;
    page.close().await;

    let local = LocalServer::in_memory();
    let page = Page::start(Window::Desktop, local.url()).await;
    page.open("/docs").await;
    page.expect_text("/api/v1/referral-codes").await;
    save(&page, "docs-page").await;
    page.close_with_faults().await;
}

/// A site as it looks after some weeks: its newest code, and one that was withdrawn.
async fn site_with_codes() -> (Site, Value, Value) {
    let site = Site::start_with(|service| service.ids(&IDS)).await;
    let day = |time| site.service.clock.set(time);
    let create = |mentor, org, name: &str| Call::create(mentor, org).with("mentor_name", name);
    let until = |end: &str, create: Call| create.with("expires_at", end);
    day("2026-09-14T08:12:00Z");
    site.change(create("usr_2207", "org_001", "Ingrid")).await;
    day("2026-09-21T11:40:00Z");
    let lost = site.change(create("usr_3158", "org_002", "Lars")).await;
    site.change(until("2026-10-31T23:00:00Z", create("usr_1904", "org_001", "Sofie"))).await;
    day("2026-10-02T07:55:00Z");
    let withdrawn = site.change(create("usr_5120", "org_003", "Henrik")).await;
    site.change(create("usr_6071", "org_003", "Nora")).await;
    day("2026-10-12T13:20:00Z");
    site.rotate(&lost).await;
    day("2026-10-19T09:05:00Z");
    site.change(create("usr_4410", "org_002", "Åse")).await;
    site.invalidate(&withdrawn).await;
    day("2026-11-03T10:30:00Z");
    site.change(until("2027-06-30T22:00:00Z", create("usr_7733", "org_001", "Emil"))).await;
    site.change(create("usr_2951", "org_003", "Maja")).await;
    day("2026-11-16T12:10:00Z");
    let printed = site.change(create("usr_3386", "org_001", "Kari")).await;
    day("2026-11-18T15:45:00Z");
    site.rotate(&printed).await;
    site.change(until("2027-06-30T22:00:00Z", create("usr_8402", "org_002", "Jonas"))).await;
    day("2026-11-23T09:00:00Z");
    let newest = site.change(create("usr_4491", "org_002", "Jan")).await;
    site.service.clock.advance(Duration::from_hours(1));
    (site, newest, withdrawn)
}

async fn save(page: &Page, name: &str) {
    let file = format!("{}/docs/images/{name}.png", env!("CARGO_MANIFEST_DIR"));
    std::fs::write(file, page.browser.client.screenshot().await.unwrap()).unwrap();
}
