//! A person prints labels and the list, and takes a QR code as a picture.

use std::path::Path;
use std::process::Command;

use super::steps::{choose_action, code_of, with_codes};

/// What a program of Debian prints.
fn printed_by(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).arg("-").output();
    let output = output.unwrap_or_else(|error| panic!("These tests need {program} on PATH: {error}"));
    String::from_utf8(output.stdout).unwrap()
}

/// What a camera reads in a picture, in order.
fn scanned(picture: &Path) -> Vec<String> {
    let output = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(picture).output();
    let output =
        output.unwrap_or_else(|error| panic!("These tests need zbarimg: apt-get install zbar-tools ({error})"));
    let mut links: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    links.sort();
    links
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_of_the_selected_codes_are_printed_and_scanned() {
    let (site, codes, page) = with_codes::<30>().await;
    site.invalidate(&codes[0]).await;
    page.reload().await;
    page.button("Select all that the filter shows").expect_gone().await;
    page.role("checkbox", "Select all on this page").click().await;
    page.button("Select all that the filter shows").click().await;
    page.expect_text("30 codes selected").await;
    page.button("Print labels…").click().await;
    page.expect_text("29 labels are ready. 1 selected code has ended: it gets no label.").await;
    page.expect_accessible("labels").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("labels.pdf");
    std::fs::write(&file, page.browser.print().await).unwrap();
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
    let text = printed_by("pdftotext", &["-layout"], &file);
    assert!(codes[1..].iter().all(|code| text.contains(code_of(code))) && text.contains("usr_30"), "{text}");
    page.close().await;
}

/// The list alone: no button, no field, no QR code.
#[tokio::test(flavor = "multi_thread")]
async fn list_is_printed_without_what_cannot_be_pressed_on_paper() {
    let (_site, codes, page) = with_codes::<20>().await;
    page.role("checkbox", &format!("Select {}", code_of(&codes[3]))).click().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.pdf");
    std::fs::write(&file, page.browser.print().await).unwrap();
    let text = printed_by("pdftotext", &["-layout"], &file);
    for code in &codes {
        assert!(text.contains(code_of(code)), "{text}");
    }
    assert!(text.contains("Organisation") && text.contains("20 codes"), "{text}");
    for pressed in ["New code", "Export", "Search", "Copy link", "selected", "Invalidate"] {
        assert!(!text.contains(pressed), "{pressed}: {text}");
    }
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qr_code_is_saved_and_copied_as_a_picture() {
    let (_site, [code], page) = with_codes::<1>().await;
    page.browser.clipboard(true).await;
    choose_action(&page, &code, "Show QR code").await;
    let dialog = page.dialog(&format!("QR code of {}", code_of(&code)));
    dialog.button("Download PNG").click().await;
    let saved = page.downloaded_file(".png").await;
    let png = std::fs::read(&saved).unwrap();
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((number(16), number(20)), (1024, 1024), "the header of a PNG has its sides");
    assert_eq!(scanned(&saved), [format!("https://org.no/r/{}", code_of(&code))]);

    dialog.button("Copy picture").click().await;
    page.expect_text("Copied the QR code").await;
    let types = "navigator.clipboard.read().then(([item]) => done(item.types.join()), (error) => done(String(error)))";
    assert_eq!(page.script_with_callback(types).await, "image/png");
    page.close().await;
}
