//! A person saves what the filter shows as CSV.

use serde_json::Value;

use super::steps::{code_of, open, open_at, text, with_codes};
use crate::site::{Answer, Site};

#[tokio::test(flavor = "multi_thread")]
async fn export_has_every_code_of_several_pages() {
    let site = Site::start().await;
    let mut codes = site.codes(230, "org_1").await;
    let rotated = codes[7].clone();
    codes.push(site.rotate(&rotated).await);
    let page = open(&site).await;
    page.expect_text("1–20 of 231 codes").await;
    page.button("Export CSV").click().await;
    page.dialog("Export CSV").expect_text("231 codes saved.").await;
    let (name, content) = page.downloaded(".csv").await;
    assert!(name.starts_with("referral-codes-"), "{name}");
    let mut lines = content.strip_suffix("\r\n").expect("the last line is ended").split("\r\n");
    assert!(lines.next().unwrap().starts_with("id,mentor_id,org_id,code,url,status"), "{content}");
    let exported: Vec<_> = lines.map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
    let expected: Vec<_> = codes
        .iter()
        .rev()
        .map(|code| ["id", "mentor_id", "org_id", "code", "url"].map(|field| text(code, field).to_owned()))
        .collect();
    let identified: Vec<_> = exported.iter().map(|line| <[String; 5]>::try_from(line[..5].to_vec()).unwrap()).collect();
    assert_eq!(identified, expected);
    let status = |code: &Value| exported.iter().find(|line| line[0] == text(code, "id")).unwrap()[5].clone();
    assert_eq!((status(&rotated).as_str(), status(&codes[230]).as_str()), ("rotated", "active"));
    assert_eq!(site.gate.requests("limit=100"), 3);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn export_has_what_the_filter_shows() {
    let site = Site::start().await;
    site.codes(3, "org_1").await;
    let wanted = site.code("other", "org_2").await;
    let page = open_at(&site, "/console?org_id=org_2").await;
    page.expect_text("1 code").await;
    page.button("Export CSV").click().await;
    page.dialog("Export CSV").expect_text("The codes that the filter shows.").await;
    page.dialog("Export CSV").expect_text("1 code saved.").await;
    page.expect_accessible("an export").await;
    let content = page.downloaded(".csv").await.1;
    assert_eq!(content.lines().count(), 2, "{content}");
    assert!(content.contains(code_of(&wanted)), "{content}");
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn export_shows_its_progress_and_goes_on_after_a_failure() {
    let (site, _, page) = with_codes::<120>().await;
    let mut held = site.gate.hold("limit=100&cursor=");
    site.gate.answer_next("limit=100&cursor=", Answer::busy().header("retry-after", "5"));
    page.button("Export CSV").click().await;
    let dialog = page.dialog("Export CSV");
    held.arrived().await;
    dialog.role("progressbar", "Codes exported").expect().await;
    dialog.expect_text("0 of 120 codes").await;
    held.release().await;
    dialog.role("alert", "").expect_text("The service is busy").await;
    dialog.expect_text("100 of 120 codes").await;
    // It goes on by itself.
    dialog.expect_text("120 codes saved.").await;
    let content = page.downloaded(".csv").await.1;
    assert_eq!(content.lines().count(), 121);
    assert_eq!(content.matches("mentor_id").count(), 1, "the header row is there once");
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn export_that_is_cancelled_saves_nothing() {
    let (site, _, page) = with_codes::<3>().await;
    let mut held = site.gate.hold("limit=100");
    page.button("Export CSV").click().await;
    held.arrived().await;
    page.dialog("Export CSV").button("Cancel").click().await;
    page.dialog("Export CSV").expect_gone().await;
    held.release().await;
    page.button("Export CSV").expect_focus().await;
    page.button("Export CSV").click().await;
    page.dialog("Export CSV").expect_text("3 codes saved.").await;
    page.downloaded(".csv").await;
    assert_eq!(
        std::fs::read_dir(page.browser.downloads()).unwrap().count(),
        1,
        "the cancelled export has saved no file"
    );
    page.close().await;
}
