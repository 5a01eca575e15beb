//! A person shares a code: its text, its link, its QR code.

use dev::Call;

use super::steps::{choose_action, code_of, open, row};
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn link_of_a_code_is_copied() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    page.allow_clipboard().await;
    row(&page, &code).button(&format!("Copy link of {}", code_of(&code))).click().await;
    page.expect_text(&format!("Copied the link of {}", code_of(&code))).await;
    page.expect_clipboard(&format!("https://org.no/r/{}", code_of(&code))).await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_itself_is_copied_also_when_it_has_ended() {
    let site = Site::start().await;
    let ended = site.code("usr_1", "org_1").await;
    site.invalidate(&ended).await;
    let page = open(&site).await;
    page.allow_clipboard().await;
    choose_action(&page, &ended, "Copy code").await;
    page.expect_clipboard(code_of(&ended)).await;
    page.button(&format!("Copy link of {}", code_of(&ended))).expect_gone().await;
    page.close().await;
}

/// The browser has not allowed the clipboard.
#[tokio::test(flavor = "multi_thread")]
async fn link_can_be_copied_by_hand() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    page.forbid_clipboard().await;
    row(&page, &code).button(&format!("Copy link of {}", code_of(&code))).click().await;
    let dialog = page.dialog("Copy it by hand");
    dialog.field("Text to copy").expect_value(&format!("https://org.no/r/{}", code_of(&code))).await;
    dialog.field("Text to copy").expect_focus().await;
    dialog.button("Close").click().await;
    dialog.expect_gone().await;
    page.close().await;
}

/// The page is older than another person's change.
#[tokio::test(flavor = "multi_thread")]
async fn link_of_a_code_that_has_ended_meanwhile_is_not_copied() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    page.allow_clipboard().await;
    row(&page, &code).expect().await;
    site.invalidate(&code).await;
    row(&page, &code).button(&format!("Copy link of {}", code_of(&code))).click().await;
    page.role("alert", "").expect_text("not active").await;
    row(&page, &code).expect_text("Invalidated").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qr_code_is_shown_and_downloaded() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    choose_action(&page, &code, "Show QR code").await;
    let dialog = page.dialog(&format!("QR code of {}", code_of(&code)));
    dialog.role("image", &format!("QR code of the link of {}", code_of(&code))).expect().await;
    page.expect_script("document.querySelector('#qr img').naturalWidth > 0").await;
    dialog.link("Download SVG").click().await;
    let (name, content) = page.downloaded(".svg").await;
    assert_eq!(name, format!("{}.svg", code_of(&code)));
    let served = site.service.send(Call::get(&format!("/r/{}.svg", code_of(&code)))).await;
    assert_eq!(String::from_utf8(content).unwrap(), served.body);
    dialog.button("Close").click().await;
    dialog.expect_gone().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn link_of_a_code_opens_beside_the_console() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    page.button(&format!("Actions for {}", code_of(&code))).click().await;
    let link = page.role("menuitem", "Open link");
    assert_eq!(link.attribute("href").await.unwrap(), format!("{}/r/{}", site.origin, code_of(&code)));
    assert_eq!(link.attribute("target").await.as_deref(), Some("_blank"));
    page.close().await;
}
