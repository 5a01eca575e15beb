//! A person finds a code, or the codes of a mentor, of an organisation, of a status.

use super::steps::{choose_action, code_of, expect_rows, field, open, open_at, row, search, text, with_codes};
use crate::site::{Answer, Site};

/// One field takes whatever a person has, and the page's URL says what it was found to be.
#[tokio::test(flavor = "multi_thread")]
async fn code_is_found_by_whatever_a_person_has_of_it() {
    let (site, [wanted, other], page) = with_codes().await;
    let (code, id) = (code_of(&wanted), text(&wanted, "id"));
    let by_code = format!("/console?code={code}");
    let typed_apart = code.to_lowercase().replace('-', " ");
    for (typed, path) in [
        (format!("  {code} "), by_code.clone()),
        (typed_apart.clone(), format!("/console?code={}", typed_apart.replace(' ', "+"))),
        (format!("https://org.no/r/{code}"), format!("/console?code=https%3A%2F%2Forg.no%2Fr%2F{code}")),
        (text(&wanted, "url").to_owned(), format!("/console?code=https%3A%2F%2Fapp.org.no%2Fjoin%3Fref%3D{code}")),
        (format!("{}/r/{code}", site.origin), by_code.clone()),
        (format!("{}/r/{code}.svg", site.origin), by_code.clone()),
        (format!("ref={code}"), by_code.clone()),
        (format!("?ref={code}&utm_source=poster"), by_code),
        (id.to_owned(), format!("/console?id={id}")),
        (id.to_uppercase(), format!("/console?id={id}")),
        ("usr_1".to_owned(), "/console?mentor_id=usr_1".to_owned()),
    ] {
        search(&page, &typed).await;
        page.expect_path(&path).await;
        expect_rows(&page, [&wanted]).await;
        page.expect_text("1 code").await;
        page.link("Clear filters").click().await;
        expect_rows(&page, [&other, &wanted]).await;
    }
    // Pasted beside all fields, it is looked for at once.
    let paste = format!(
        "const clipboardData = new DataTransfer(); clipboardData.setData('text', '{code}\\n');
        document.body.dispatchEvent(new ClipboardEvent('paste', {{ clipboardData, bubbles: true }}))"
    );
    page.script(&paste).await;
    expect_rows(&page, [&wanted]).await;
    page.link("Clear filters").click().await;
    expect_rows(&page, [&other, &wanted]).await;

    // A token for one mentor may not list those of another: what was typed may still be a code.
    let refusal = Answer::problem(403, "mentor_mismatch", "The code belongs to another mentor", "Another mentor.");
    site.gate.answer("mentor_id=", refusal);
    search(&page, code).await;
    expect_rows(&page, [&wanted]).await;
    page.role("alert", "").expect_gone().await;
    page.close().await;
}

/// Before Search is pressed the rows are those that begin with the text. With it, and no such code or mentor, the codes are
/// looked through: 100, and 2,000 more at a press.
#[tokio::test(flavor = "multi_thread")]
async fn beginning_of_a_code_filters_the_codes_on_screen_and_more_at_a_press() {
    let site = Site::start().await;
    let oldest = site.code("far.away", "org_1").await;
    let codes = site.codes(230, "org_1").await;
    let page = open(&site).await;
    row(&page, &codes[229]).expect().await;
    let asked = site.gate.requests("/api/");
    field(&page).fill(&code_of(&codes[225])[..10]).await;
    page.expect_text("1 of the 20 codes on this page begins with").await;
    row(&page, &codes[229]).expect_gone().await;
    row(&page, &codes[225]).expect().await;
    page.expect_accessible("rows that begin with a text").await;
    field(&page).fill("far").await;
    page.role("heading", "None on this page").expect().await;
    assert_eq!(site.gate.requests("/api/"), asked, "typing asks nothing of the service");

    page.button("Search").click().await;
    page.expect_text("No code, link or mentor is “far”, and of the 100 codes looked through none begins with it.")
        .await;
    page.expect_path("/console?begins=far").await;
    page.expect_accessible("no beginning").await;
    page.button("Look through up to 2,000 more").click().await;
    row(&page, &oldest).expect().await;
    page.expect_text("1 of the 231 codes looked through begins with “far”.").await;
    page.button("Look through up to 2,000 more").expect_gone().await;
    assert_eq!(page.title().await, "Beginning with “far” – Referral codes");
    page.button("Export CSV").click().await;
    page.dialog("Export CSV").expect_text("1 code saved.").await;
    page.dialog("Export CSV").button("Close").click().await;

    // What is in the field and which rows are shown belong together, whatever happens in between.
    page.link("Clear filters").click().await;
    row(&page, &codes[229]).expect().await;
    field(&page).fill("usr_225").await;
    row(&page, &codes[229]).expect_gone().await;
    choose_action(&page, &codes[224], "History of this mentor").await;
    page.dialog("History of usr_225").button("Close").click().await;
    field(&page).expect_value("").await;
    row(&page, &codes[229]).expect().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_have_ended_are_hidden_by_one_press_and_counted() {
    let (site, codes, page) = with_codes::<25>().await;
    for code in &codes[23..] {
        site.invalidate(code).await;
    }
    let successor = site.rotate(&codes[0]).await;
    page.button("Search").click().await;
    row(&page, &codes[24]).expect_text("Invalidated").await;
    let asked = site.gate.requests("/api/");
    page.button("Hide ended codes").click().await;
    page.expect_text("2 of the 20 codes loaded are hidden: they have ended.").await;
    row(&page, &codes[24]).expect_gone().await;
    row(&page, &successor).expect().await;
    page.expect_accessible("hidden codes").await;
    assert_eq!(site.gate.requests("/api/"), asked, "hiding asks nothing of the service");
    page.link("Next").click().await;
    page.expect_path("/console?page=2&ended=hidden").await;
    page.reload().await;
    row(&page, &codes[1]).expect().await;
    row(&page, &codes[0]).expect_gone().await;
    page.back().await;
    page.button("Hide ended codes").click().await;
    row(&page, &codes[24]).expect().await;

    page.button("Count by status").click().await;
    for link in ["All 26", "Active 23", "Rotated 1", "Invalidated 2", "Expired 0"] {
        page.link(link).expect().await;
    }
    page.expect_accessible("counts").await;
    page.link("Rotated 1").click().await;
    expect_rows(&page, [&codes[0]]).await;
    page.expect_path("/console?status=rotated").await;
    // All codes of one mentor are on the page: it counts them itself.
    let asked = site.gate.requests("limit=1&");
    search(&page, "usr_1").await;
    page.role("combobox", "Status").choose("Any").await;
    page.link("Rotated 1").expect().await;
    page.link("Active 1").expect().await;
    assert_eq!(site.gate.requests("limit=1&"), asked);
    page.close().await;
}

/// They combine, also by the links in the list, and are cleared at one press. One that is no id is refused beside its field.
#[tokio::test(flavor = "multi_thread")]
async fn filters_by_mentor_organisation_and_status_combine_and_are_cleared() {
    let site = Site::start().await;
    let ended = site.code("usr_1", "org_1").await;
    let active = site.rotate(&ended).await;
    let other = site.code("usr_2", "org_2").await;
    let page = open_at(&site, "/console?code=KAR-VERV-0000").await;
    page.role("heading", "No codes match").expect().await;
    page.expect_accessible("no match").await;
    page.role("region", "Codes").link("Clear filters").click().await;

    row(&page, &active).link("usr_1").click().await;
    expect_rows(&page, [&active, &ended]).await;
    field(&page).expect_value("usr_1").await;
    page.role("combobox", "Status").choose("Active").await;
    expect_rows(&page, [&active]).await;
    page.expect_path("/console?mentor_id=usr_1&status=active").await;
    page.role("search", "").link("Clear filters").click().await;
    field(&page).expect_value("").await;
    row(&page, &other).link("org_2").click().await;
    expect_rows(&page, [&other]).await;

    let organisation = page.role("searchbox", "Organisation");
    organisation.expect_value("org_2").await;
    organisation.fill("org_1").await;
    page.button("Search").click().await;
    expect_rows(&page, [&active, &ended]).await;
    organisation.fill("not an id").await;
    page.button("Search").click().await;
    organisation.expect_description("must have 1 to 128 letters").await;
    organisation.expect_focus().await;
    page.expect_accessible("a filter that is refused").await;
    expect_rows(&page, []).await;
    page.close().await;
}
