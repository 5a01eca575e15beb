//! A person makes codes for many mentors at once, and ends many.

use super::steps::{code_of, row, with_codes, without_codes};
use crate::person::{Page, Target};
use crate::site::Answer;

async fn ask_for_many(page: &Page) -> Target<'_> {
    page.role("banner", "").button("New code").click().await;
    page.dialog("New code").button("Many at once…").click().await;
    page.dialog("New codes")
}

async fn check(dialog: &Target<'_>, rows: &str) {
    dialog.field("Mentors").fill(rows).await;
    dialog.button("Check").click().await;
}

async fn select(page: &Page, code: &serde_json::Value) {
    page.role("checkbox", &format!("Select {}", code_of(code))).click().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_checked_before_any_code_is_made() {
    let (site, page) = without_codes().await;
    let dialog = ask_for_many(&page).await;
    page.expect_accessible("many mentors").await;
    let rows = "Org_id;mentor_id;expires_at\norg_1;usr_1;\norg_1;usr 2;\norg_1;usr_1;\n;usr_3;\norg_1;\"usr_4\";soon\norg_1;usr_5;2030-01-31";
    check(&dialog, rows).await;
    dialog.expect_text("6 rows. 4 have a fault and are left out.").await;
    for wrong in [
        "row 3: a mentor ID has",
        "row 4: the same mentor as in row 2",
        "row 5: no organisation ID",
        "row 6: expires_at is no time",
    ] {
        dialog.expect_text(wrong).await;
    }
    page.expect_accessible("rows with faults").await;
    assert_eq!(site.gate.requests("POST"), 0);
    dialog.button("Change").click().await;
    dialog.field("Organisation ID").fill("org_7").await;
    dialog.button("Check").click().await;
    dialog.button("Make 3 codes").click().await;
    dialog.expect_text("3 codes were made. 3 rows have no code.").await;
    let made = site.service.list("?limit=100").await["data"].clone();
    let known = |code: &serde_json::Value| {
        ["mentor_id", "org_id", "expires_at"].map(|name| code[name].as_str().unwrap_or("-").to_owned())
    };
    let mut made: Vec<_> = made.as_array().unwrap().iter().map(known).collect();
    made.sort();
    let expected = [["usr_1", "org_1", "-"], ["usr_3", "org_7", "-"], ["usr_5", "org_1", "2030-01-30T23:00:00Z"]];
    assert_eq!(made, expected.map(|row| row.map(str::to_owned)));

    dialog.button("Download CSV").click().await;
    let file = page.downloaded_csv().await.1;
    let lines: Vec<_> = file.lines().map(|line| line.split(',').collect::<Vec<_>>()).collect();
    assert_eq!(lines[0], ["mentor_id", "org_id", "code", "short_url", "result", "error"]);
    assert_eq!((lines.len(), lines[1][0], lines[1][4]), (7, "usr_1", "created"), "{file}");
    assert_eq!(lines[1][3], format!("https://org.no/r/{}", lines[1][2]), "{file}");
    assert_eq!((lines[2][2], lines[2][4]), ("", "not made"), "{file}");
    page.close().await;
}

/// A person stops it and goes on. Busy answers are waited for, a lost one is sent again, and a reload goes on where it was.
#[tokio::test(flavor = "multi_thread")]
async fn making_many_goes_on_after_a_stop_failures_and_a_reload() {
    let (site, page) = without_codes().await;
    let dialog = ask_for_many(&page).await;
    check(&dialog, &(1..=12).fold("mentor_id,org_id".to_owned(), |rows, nth| rows + &format!("\nusr_{nth},org_1")))
        .await;
    let mut held: Vec<_> = (0..4).map(|_| site.gate.hold("POST")).collect();
    dialog.button("Make 12 codes").click().await;
    for held in &mut held {
        held.arrived().await;
    }
    dialog.button("Stop").click().await;
    for held in held {
        held.release().await;
    }
    dialog.expect_text("4 codes were made. 8 rows have no code.").await;

    site.gate.answer_next("POST", Answer::busy().header("retry-after", "1"));
    site.gate.lose_next_response("POST");
    let mut held = site.gate.hold("POST");
    dialog.button("Go on").click().await;
    held.arrived().await;
    page.expect_text("of 12 done").await;
    page.reload().await;
    held.release().await;
    dialog.expect_text("This was under way when the page was left.").await;
    dialog.button("Make 12 codes").click().await;
    dialog.expect_text("has the new code").await;
    page.expect_script("document.querySelectorAll('#many .outcomes .good').length", 12).await;
    page.expect_script("document.querySelectorAll('#many .outcomes .bad').length", 0).await;
    assert_eq!(site.service.list("?limit=100").await["data"].as_array().unwrap().len(), 12);
    dialog.button("Close").click().await;
    page.reload().await;
    page.expect_text("12 codes").await;
    page.dialog("New codes").expect_gone().await;
    page.close().await;
}

/// The box of the head stands for those of the page, and a selection outlives a page.
#[tokio::test(flavor = "multi_thread")]
async fn many_are_selected_and_ended_by_their_number_and_what_was_not_is_listed() {
    let (site, codes, page) = with_codes::<25>().await;
    page.role("group", "Selected codes").expect_gone().await;
    page.role("checkbox", "Select all on this page").click().await;
    page.expect_text("20 codes selected").await;
    // Below the list the bar covers nothing.
    page.script("scrollTo(0, document.body.scrollHeight)").await;
    page.link("Page 2").click().await;
    row(&page, &codes[0]).expect().await;
    select(&page, &codes[0]).await;
    page.expect_text("21 codes selected").await;
    page.script("scrollTo(0, document.body.scrollHeight)").await;
    page.link("Page 1").click().await;
    row(&page, &codes[24]).expect().await;
    page.expect_script("document.querySelectorAll('#rows .select:checked').length", 20).await;
    page.button("Clear selection").click().await;
    page.expect_script("document.querySelectorAll('#rows .select:checked').length", 0).await;

    let elsewhere = site.code("usr_26", "org_2").await;
    page.role("searchbox", "Organisation").fill("org_1").await;
    page.button("Search").click().await;
    page.expect_path("/console?org_id=org_1").await;
    row(&page, &codes[24]).expect().await;
    select(&page, &codes[24]).await;
    page.expect_text("1 code selected").await;
    page.expect_accessible("a selection").await;
    page.button("Select all that the filter shows").click().await;
    page.expect_text("25 codes selected").await;
    // Another person is faster with two of them.
    let rotated = site.rotate(&codes[3]).await;
    site.invalidate(&codes[5]).await;
    page.button("Invalidate…").click().await;
    let dialog = page.dialog("Invalidate 25 codes?");
    page.expect_accessible("the end of many").await;
    dialog.field("Type 25 to confirm").fill("24").await;
    dialog.button("Invalidate 25 codes").click().await;
    dialog.field("Type 25 to confirm").expect_description("must be 25").await;
    assert_eq!(site.gate.requests("DELETE"), 0);
    dialog.field("Type 25 to confirm").fill("25").await;
    dialog.button("Invalidate 25 codes").click().await;
    page.expect_text("24 codes are invalidated. 1 is not: see the list.").await;
    let first = "document.querySelector('#end-many .outcomes li .id').textContent";
    page.expect_script(first, code_of(&codes[3])).await;
    page.expect_accessible("many that have ended").await;
    page.button("Close").click().await;
    page.role("group", "Selected codes").expect_gone().await;
    let active = site.service.list("?status=active").await["data"].clone();
    assert_eq!(active, serde_json::json!([rotated, elsewhere]), "no more than the filter shows");
    row(&page, &rotated).expect_text("Active").await;
    page.close().await;
}
