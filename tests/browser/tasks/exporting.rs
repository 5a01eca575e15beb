//! A person saves what the filter shows as CSV.

use super::steps::{open_at, text};
use crate::site::{Answer, Site};

/// One that is cancelled saves nothing.
#[tokio::test(flavor = "multi_thread")]
async fn export_has_every_code_that_the_filter_shows_and_goes_on_after_a_failure() {
    let site = Site::start().await;
    let codes = site.codes(230, "org_1").await;
    site.code("other", "org_2").await;
    let rotated = &codes[7];
    let successor = site.rotate(rotated).await;
    let page = open_at(&site, "/console?org_id=org_1").await;
    page.expect_text("1–20 of 231 codes").await;
    let mut held = site.gate.hold("limit=100");
    page.button("Export CSV").click().await;
    held.arrived().await;
    page.dialog("Export CSV").expect_text("The codes that the filter shows.").await;
    page.dialog("Export CSV").button("Cancel").click().await;
    page.dialog("Export CSV").expect_gone().await;
    held.release().await;
    page.button("Export CSV").expect_focus().await;

    let mut held = site.gate.hold("limit=100&cursor=");
    site.gate.answer_next("limit=100&cursor=", Answer::busy().header("retry-after", "999"));
    page.button("Export CSV").click().await;
    let dialog = page.dialog("Export CSV");
    held.arrived().await;
    dialog.role("progressbar", "Codes exported").expect().await;
    dialog.expect_text("0 of 231 codes").await;
    held.release().await;
    dialog.role("alert", "").expect_text("The service is busy").await;
    dialog.expect_text("100 of 231 codes").await;
    // It goes on by itself.
    page.pass(999).await;
    dialog.expect_text("231 codes saved.").await;
    let (name, content) = page.downloaded_csv().await;
    assert!(name.starts_with("referral-codes-"), "{name}");
    let mut lines = content.strip_suffix("\r\n").expect("the last line is ended").split("\r\n");
    assert!(lines.next().unwrap().starts_with("id,mentor_id,org_id,code,url,status"), "{content}");
    let exported: Vec<_> = lines.map(|line| line.split(',').take(6).collect::<Vec<_>>()).collect();
    let expected = [&successor].into_iter().chain(codes.iter().rev()).map(|code| {
        let status = if text(code, "id") == text(rotated, "id") { "rotated" } else { "active" };
        let [id, mentor, org, string, url] =
            ["id", "mentor_id", "org_id", "code", "url"].map(|field| text(code, field));
        vec![id, mentor, org, string, url, status]
    });
    assert_eq!(exported, expected.collect::<Vec<_>>());
    assert_eq!(site.gate.requests("limit=100"), 5, "three, the one that failed, and the one that was cancelled");
    let files = std::fs::read_dir(page.browser.downloads()).unwrap().count();
    assert_eq!(files, 1, "the cancelled export has saved no file");
    page.close().await;
}
