//! Dialogs look right in every engine: each is as high as what is in it.

use super::steps::{ask_to, choose_action, with_codes};
use crate::person::{Key, Page};

/// The space below the last thing in the open dialog, and between any two, in CSS pixels.
const SPACES: &str = "(() => {
    const dialog = [...document.querySelectorAll('dialog[open]')].at(-1).getBoundingClientRect();
    const parts = [...document.querySelectorAll('dialog[open] > *')].filter((part) => part.getClientRects().length > 0);
    const edges = parts.map((part) => part.getBoundingClientRect());
    const between = edges.slice(1).map(({ top }, at) => top - edges[at].bottom);
    return Math.max(dialog.bottom - edges.at(-1).bottom, ...between) < 32 && dialog.height < innerHeight;
})()";

async fn expect_tight(page: &Page) {
    page.expect_script(SPACES, true).await;
    page.expect_accessible("a dialog").await;
    page.press(Key::Escape).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dialogs_are_as_high_as_what_is_in_them() {
    let (_site, [code], page) = with_codes::<1>().await;
    page.button("New code").click().await;
    page.dialog("New code").expect().await;
    expect_tight(&page).await;
    page.button("Export CSV").click().await;
    page.dialog("Export CSV").expect_text("1 code saved.").await;
    expect_tight(&page).await;
    ask_to(&page, "Rotate", &code).await.expect().await;
    expect_tight(&page).await;
    choose_action(&page, &code, "Show QR code").await;
    page.expect_script("document.querySelector('#qr img').complete", true).await;
    expect_tight(&page).await;
    choose_action(&page, &code, "History of this mentor").await;
    page.expect_text("1 code, newest first.").await;
    expect_tight(&page).await;
    page.close().await;
}
