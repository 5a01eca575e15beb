//! The pictures of the pages in `docs/images`: `just screenshots` takes them anew.
//!
//! Codes, times and ids are always the same. What differs from machine to machine are its fonts.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::browser::{Theme, Window};
use crate::person::Page;
use crate::site::{Mentor, Site, local_server};
use crate::tasks::steps::{choose_action, code_of, row};

/// The ids of the codes, from the first one on.
const IDS: [&str; 13] = [
    "2c7e91d4", "b04f6a18", "5d13c8e2", "91ab07f3", "e86d2c45", "37f0b9a1", "c4528e6d", "0a9d71bc", "f3e8462b",
    "6b15da90", "d7c3f058", "48e2ab16", "8f3a21bc",
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes docs/images: just screenshots"]
async fn screenshots() {
    let (site, newest, withdrawn) = site_with_codes().await;
    for (window, name) in [(Window::Desktop, "console"), (Window::Phone, "console-phone")] {
        let page = Page::start(window, &site.origin).await;
        page.open("/console").await;
        row(&page, &newest).expect().await;
        for (theme, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            page.theme(theme).await;
            save(&page, &format!("{name}-{suffix}")).await;
        }
        page.close().await;
    }

    let page = Page::start(Window::Desktop, &site.origin).await;
    page.open("/console").await;
    choose_action(&page, &newest, "Rotate…").await;
    page.dialog(&format!("Rotate {}?", code_of(&newest))).expect().await;
    save(&page, "console-rotate").await;
    page.open(&format!("/r/{}", code_of(&withdrawn))).await;
    page.role("heading", "This code has been withdrawn").expect().await;
    save(&page, "short-link-410").await;
    page.close().await;

    let local = local_server();
    let page = Page::start(Window::Desktop, local.url()).await;
    page.open("/docs").await;
    page.expect_text("/api/v1/referral-codes").await;
    save(&page, "docs-page").await;
    page.close_with_faults().await;
}

/// A site as it looks after some weeks: its newest code, and one that was withdrawn.
async fn site_with_codes() -> (Site, Value, Value) {
    let site = Site::start_with_ids(&IDS).await;
    let day = |time| site.service.clock.set(time);
    let mentor = |id, org, name| Mentor { id, org, name };
    day("2026-09-14T08:12:00Z");
    site.code_of(mentor("usr_2207", "org_001", "Ingrid")).await;
    day("2026-09-21T11:40:00Z");
    let lost = site.code_of(mentor("usr_3158", "org_002", "Lars")).await;
    site.code_until(mentor("usr_1904", "org_001", "Sofie"), "2026-10-31T23:00:00Z").await;
    day("2026-10-02T07:55:00Z");
    let withdrawn = site.code_of(mentor("usr_5120", "org_003", "Henrik")).await;
    site.code_of(mentor("usr_6071", "org_003", "Nora")).await;
    day("2026-10-12T13:20:00Z");
    site.rotate(&lost).await;
    day("2026-10-19T09:05:00Z");
    site.code_of(mentor("usr_4410", "org_002", "Åse")).await;
    site.invalidate(&withdrawn).await;
    day("2026-11-03T10:30:00Z");
    site.code_until(mentor("usr_7733", "org_001", "Emil"), "2027-06-30T22:00:00Z").await;
    site.code_of(mentor("usr_2951", "org_003", "Maja")).await;
    day("2026-11-16T12:10:00Z");
    let printed = site.code_of(mentor("usr_3386", "org_001", "Kari")).await;
    day("2026-11-18T15:45:00Z");
    site.rotate(&printed).await;
    site.code_until(mentor("usr_8402", "org_002", "Jonas"), "2027-06-30T22:00:00Z").await;
    day("2026-11-23T09:00:00Z");
    let newest = site.code_of(mentor("usr_4491", "org_002", "Jan")).await;
    site.service.clock.advance(Duration::from_hours(1));
    (site, newest, withdrawn)
}

async fn save(page: &Page, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), page.screenshot().await).unwrap();
}
