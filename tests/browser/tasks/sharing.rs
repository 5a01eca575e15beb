//! A person shares a code: its text, its link, its QR code, on paper too.

use std::path::Path;
use std::process::Command;

use dev::Call;

use super::steps::{choose_action, code_of, menu, row, with_codes};
use crate::person::{Key, Page};

/// It opens beside the console, and goes to the share sheet; it is copied, by hand where the browser does not allow the
/// clipboard, as long as the code is active, even where the page is older than another person's change.
#[tokio::test(flavor = "multi_thread")]
async fn link_is_opened_shared_and_copied() {
    let (site, [code], page) = with_codes().await;
    let link = format!("https://org.no/r/{}", code_of(&code));
    menu(&page, &code).click().await;
    let open = page.role("menuitem", "Open link");
    assert_eq!(open.attribute("href").await.unwrap(), format!("{}/r/{}", site.origin, code_of(&code)));
    assert_eq!(open.attribute("target").await.as_deref(), Some("_blank"));
    page.expect_accessible("a menu").await;
    page.press(Key::Escape).await;
    // Headless Chromium has no share sheet, so this one only remembers.
    page.script("navigator.share = async (shared) => { document.body.dataset.shared = shared.url }").await;
    choose_action(&page, &code, "Share link…").await;
    page.expect_script("document.body.dataset.shared", &*link).await;

    page.browser.clipboard(false).await;
    let copy_link = page.button(&format!("Copy link of {}", code_of(&code)));
    copy_link.click().await;
    let dialog = page.dialog("Copy it by hand");
    dialog.field("Text to copy").expect_value(&link).await;
    dialog.field("Text to copy").expect_focus().await;
    page.expect_accessible("a link to copy by hand").await;
    dialog.button("Close").click().await;

    page.browser.clipboard(true).await;
    copy_link.click().await;
    page.expect_text(&format!("Copied the link of {}", code_of(&code))).await;
    page.expect_clipboard(&link).await;

    site.invalidate(&code).await;
    copy_link.click().await;
    page.expect_alert(&format!("{} has ended", code_of(&code))).await;
    row(&page, &code).expect_text("Invalidated").await;
    copy_link.expect_gone().await;
    choose_action(&page, &code, "Copy code").await;
    page.expect_clipboard(code_of(&code)).await;
    page.close().await;
}

/// As pixels, and as lines: Chromium copies both at once, and what it is pasted into takes what it can use.
#[tokio::test(flavor = "multi_thread")]
async fn qr_code_is_shown_saved_and_copied() {
    let (site, [code], page) = with_codes().await;
    page.browser.clipboard(true).await;
    choose_action(&page, &code, "Show QR code").await;
    let dialog = page.dialog(&format!("QR code of {}", code_of(&code)));
    dialog.role("img", &format!("QR code of the link of {}", code_of(&code))).expect().await;
    page.expect_script("document.querySelector('#qr img').naturalWidth > 0", true).await;

    dialog.link("Download SVG").click().await;
    let svg = page.downloaded(&format!("{}.svg", code_of(&code))).await;
    let served = site.service.send(Call::get(&format!("/r/{}.svg", code_of(&code)))).await;
    assert_eq!(std::fs::read_to_string(svg).unwrap(), served.body);
    dialog.button("Download PNG").click().await;
    let saved = page.downloaded(".png").await;
    let png = std::fs::read(&saved).unwrap();
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((number(16), number(20)), (1024, 1024), "the header of a PNG has its sides");
    assert_eq!(scanned(&saved), [format!("https://org.no/r/{}", code_of(&code))]);

    dialog.button("Copy picture").click().await;
    page.expect_text("Copied the QR code").await;
    let read = "navigator.clipboard.read()
        .then(async ([item]) => `${[...item.types].sort()} ${await (await item.getType('image/svg+xml')).text()}`)
        .then(done, (error) => done(String(error)))";
    let copied = page.script_with_callback(read).await;
    assert!(copied.as_str().unwrap().starts_with("image/png,image/svg+xml <svg "), "{copied}");
    page.close().await;
}

/// And the list alone: no button, no field, no QR code.
#[tokio::test(flavor = "multi_thread")]
async fn labels_of_the_selected_codes_are_printed_and_scanned() {
    let (site, codes, page) = with_codes::<30>().await;
    site.invalidate(&codes[0]).await;
    page.reload().await;
    page.button("Select all that the filter shows").expect_gone().await;
    page.role("checkbox", "Select all on this page").click().await;
    let folder = tempfile::tempdir().unwrap();
    let (_, text) = printed(&page, folder.path()).await;
    for shown in codes[10..].iter().map(code_of).chain(["Organisation", "1–20 of 30 codes"]) {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    for pressed in ["New code", "Export", "Search", "Copy link", "selected", "Invalidate…"] {
        assert!(!text.contains(pressed), "{pressed}: {text}");
    }

    page.button("Select all that the filter shows").click().await;
    page.expect_text("30 codes selected").await;
    page.button("Print labels…").click().await;
    page.expect_text("29 labels are ready. 1 selected code has ended: it gets no label.").await;
    page.expect_accessible("labels").await;
    let (file, text) = printed(&page, folder.path()).await;
    // As a camera that is held closer: a reader misses one of so many QR codes now and then.
    let mut links = Vec::new();
    for dots in ["200", "300", "400"] {
        let made =
            Command::new("pdftoppm").args(["-png", "-r", dots]).args([&file, &folder.path().join("page")]).status();
        assert!(made.expect("These tests need pdftoppm: apt-get install poppler-utils").success());
        links.extend(["page-1.png", "page-2.png"].map(|name| scanned(&folder.path().join(name))).concat());
    }
    links.sort();
    links.dedup();
    let mut expected: Vec<_> = codes[1..].iter().map(|code| format!("https://org.no/r/{}", code_of(code))).collect();
    expected.sort();
    assert_eq!(links, expected);
    assert!(codes[1..].iter().all(|code| text.contains(code_of(code))) && text.contains("usr_30"), "{text}");
    page.close().await;
}

/// The page on paper: a PDF, and its text.
async fn printed(page: &Page, folder: &Path) -> (std::path::PathBuf, String) {
    let file = folder.join("printed.pdf");
    std::fs::write(&file, page.browser.print().await).unwrap();
    let output = Command::new("pdftotext").arg("-layout").arg(&file).arg("-").output();
    let output = output.expect("These tests need pdftotext: apt-get install poppler-utils");
    (file, String::from_utf8(output.stdout).unwrap())
}

/// What a camera reads in a picture, in order.
fn scanned(picture: &Path) -> Vec<String> {
    let output = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(picture).output();
    let output = output.expect("These tests need zbarimg: apt-get install zbar-tools");
    let mut links: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    links.sort();
    links
}
