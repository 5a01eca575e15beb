//! A person shares a code: its text, its link, its QR code.

use dev::Call;

use super::steps::{choose_action, code_of, menu, row, with_codes};
use crate::person::Key;

/// The link too as long as the code is active, even where the page is older than another person's change.
#[tokio::test(flavor = "multi_thread")]
async fn link_and_code_are_copied() {
    let (site, [code], page) = with_codes().await;
    page.browser.clipboard(true).await;
    let copy_link = page.button(&format!("Copy link of {}", code_of(&code)));
    copy_link.click().await;
    page.expect_text(&format!("Copied the link of {}", code_of(&code))).await;
    page.expect_clipboard(&format!("https://org.no/r/{}", code_of(&code))).await;

    site.invalidate(&code).await;
    copy_link.click().await;
    page.expect_alert(&format!("{} has ended", code_of(&code))).await;
    row(&page, &code).expect_text("Invalidated").await;
    copy_link.expect_gone().await;
    choose_action(&page, &code, "Copy code").await;
    page.expect_clipboard(code_of(&code)).await;
    page.close().await;
}

/// The browser has not allowed the clipboard.
#[tokio::test(flavor = "multi_thread")]
async fn link_can_be_copied_by_hand() {
    let (_site, [code], page) = with_codes().await;
    page.browser.clipboard(false).await;
    row(&page, &code).button(&format!("Copy link of {}", code_of(&code))).click().await;
    let dialog = page.dialog("Copy it by hand");
    dialog.field("Text to copy").expect_value(&format!("https://org.no/r/{}", code_of(&code))).await;
    dialog.field("Text to copy").expect_focus().await;
    page.expect_accessible("a link to copy by hand").await;
    dialog.button("Close").click().await;
    dialog.expect_gone().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qr_code_is_shown_and_downloaded() {
    let (site, [code], page) = with_codes().await;
    choose_action(&page, &code, "Show QR code").await;
    let dialog = page.dialog(&format!("QR code of {}", code_of(&code)));
    dialog.role("image", &format!("QR code of the link of {}", code_of(&code))).expect().await;
    page.expect_script("document.querySelector('#qr img').naturalWidth > 0", true).await;
    page.expect_accessible("a QR code").await;
    dialog.link("Download SVG").click().await;
    let (name, content) = page.downloaded(".svg").await;
    assert_eq!(name, format!("{}.svg", code_of(&code)));
    let served = site.service.send(Call::get(&format!("/r/{}.svg", code_of(&code)))).await;
    assert_eq!(content, served.body);
    dialog.button("Close").click().await;
    dialog.expect_gone().await;
    page.close().await;
}

/// Headless Chromium has no share sheet, so this one only remembers.
#[tokio::test(flavor = "multi_thread")]
async fn link_opens_beside_the_console_or_goes_to_the_share_sheet() {
    let (site, [code], page) = with_codes().await;
    page.expect_accessible("the list").await;
    menu(&page, &code).click().await;
    let link = page.role("menuitem", "Open link");
    assert_eq!(link.attribute("href").await.unwrap(), format!("{}/r/{}", site.origin, code_of(&code)));
    assert_eq!(link.attribute("target").await.as_deref(), Some("_blank"));
    page.expect_accessible("a menu").await;
    page.press(Key::Escape).await;
    page.script("navigator.share = async (shared) => { document.body.dataset.shared = shared.url }").await;
    choose_action(&page, &code, "Share link…").await;
    page.expect_script("document.body.dataset.shared", format!("https://org.no/r/{}", code_of(&code))).await;
    page.close().await;
}
