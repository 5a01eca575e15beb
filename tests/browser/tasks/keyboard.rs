//! A person without a mouse does everything.

use super::steps::{code_of, menu, open, row, with_codes};
use crate::person::Key;
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn code_is_made_found_and_rotated_by_keyboard_alone() {
    let site = Site::start().await;
    let other = site.code("usr_1", "org_1").await;
    let page = open(&site).await;
    row(&page, &other).expect().await;

    page.tab_to("New code", 6).await;
    page.press(Key::Enter).await;
    page.dialog("New code").field("Mentor ID").expect_focus().await;
    page.type_text("usr_2").await;
    page.press(Key::Tab).await;
    page.type_text("org_1").await;
    page.press(Key::Enter).await;
    page.dialog("Code created").expect().await;
    page.press(Key::Escape).await;
    page.dialog("Code created").expect_gone().await;
    page.button("New code").expect_focus().await;
    let made = site.codes_of_mentor("usr_2").await.remove(0);

    page.tab_to("Find a code or a mentor", 2).await;
    page.type_text(&code_of(&made).to_lowercase()).await;
    page.press(Key::Enter).await;
    row(&page, &other).expect_gone().await;

    page.tab_to(&format!("Actions for {}", code_of(&made)), 20).await;
    page.press(Key::Enter).await;
    page.role("menuitem", "Copy code").expect_focus().await;
    page.press(Key::Down).await;
    page.role("menuitem", "Open link").expect_focus().await;
    page.press(Key::Escape).await;
    menu(&page, &made).expect_focus().await;
    page.press(Key::Space).await;
    page.type_text("r").await;
    page.role("menuitem", "Rotate…").expect_focus().await;
    page.press(Key::Enter).await;
    let dialog = page.dialog(&format!("Rotate {}?", code_of(&made)));
    dialog.button("Cancel").expect_focus().await;
    page.press(Key::Escape).await;
    dialog.expect_gone().await;
    menu(&page, &made).expect_focus().await;

    page.press(Key::Enter).await;
    page.type_text("r").await;
    page.press(Key::Enter).await;
    page.tab_to("Rotate code", 4).await;
    page.press(Key::Enter).await;
    page.dialog("Code rotated").button("Copy link").expect_focus().await;
    page.press(Key::Escape).await;
    menu(&page, &made).expect_focus().await;
    assert_eq!(site.codes_of_mentor("usr_2").await.len(), 2);
    page.close().await;
}

/// The first one leads past the filters to the codes. The focus must be seen wherever it is: every stop has an outline.
#[tokio::test(flavor = "multi_thread")]
async fn tab_leads_past_the_filters_and_can_be_seen_at_every_stop() {
    let (_site, [code], page) = with_codes().await;
    let mut stops = Vec::new();
    for _ in 0..50 {
        page.press(Key::Tab).await;
        if page.script("return document.activeElement === document.body").await == true {
            break;
        }
        let name = page.browser.focused_name().await;
        let seen = page.script("return getComputedStyle(document.activeElement).outlineStyle").await;
        assert_ne!(seen, "none", "{name}");
        stops.push(name);
    }
    assert!(stops.len() > 10 && stops.contains(&format!("Actions for {}", code_of(&code))), "{stops:?}");
    page.tab_to("Skip to the codes", 1).await;
    page.press(Key::Enter).await;
    page.role("region", "Codes").expect_focus().await;
    page.tab_to("Hide ended codes", 1).await;
    page.tab_to("Select all on this page", 1).await;
    page.close().await;
}
