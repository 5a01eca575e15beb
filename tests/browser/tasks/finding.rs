//! A person finds a code, or the codes of a mentor, of an organisation, of a status.

use super::steps::{
    choose_action, code_of, expect_rows, field, open, open_at, row, search, text, with_codes, without_codes,
};
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
    page.close().await;
}

/// A token for one mentor may not list those of another: what was typed may still be a code.
#[tokio::test(flavor = "multi_thread")]
async fn code_is_found_by_a_token_that_sees_one_mentor() {
    let (site, [wanted, _], page) = with_codes().await;
    let refusal = Answer::problem(403, "mentor_mismatch", "The code belongs to another mentor", "Another mentor.");
    site.gate.answer("mentor_id=", refusal);
    search(&page, code_of(&wanted)).await;
    expect_rows(&page, [&wanted]).await;
    page.role("alert", "").expect_gone().await;
    page.close().await;
}

/// What is in the field and which rows are shown belong together, whatever happens in between.
#[tokio::test(flavor = "multi_thread")]
async fn text_that_was_not_searched_for_leaves_with_its_rows() {
    let (_site, [first, second], page) = with_codes().await;
    field(&page).fill("usr_2").await;
    row(&page, &first).expect_gone().await;
    choose_action(&page, &second, "History of this mentor").await;
    page.dialog("History of usr_2").button("Close").click().await;
    field(&page).expect_value("").await;
    row(&page, &first).expect().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_have_ended_are_hidden_by_one_press_and_counted() {
    let (site, codes, page) = with_codes::<25>().await;
    for code in &codes[22..] {
        site.invalidate(code).await;
    }
    page.button("Search").click().await;
    row(&page, &codes[24]).expect_text("Invalidated").await;
    let asked = site.gate.requests("/api/");
    page.button("Hide ended codes").click().await;
    page.expect_text("3 of the 20 codes loaded are hidden: they have ended.").await;
    row(&page, &codes[24]).expect_gone().await;
    row(&page, &codes[21]).expect().await;
    page.expect_accessible("hidden codes").await;
    assert_eq!(site.gate.requests("/api/"), asked, "hiding asks nothing of the service");
    page.link("Next").click().await;
    page.expect_path("/console?page=2&ended=hidden").await;
    page.reload().await;
    row(&page, &codes[0]).expect().await;
    page.back().await;
    page.button("Hide ended codes").click().await;
    row(&page, &codes[24]).expect().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_counted_by_status() {
    let (site, codes, page) = with_codes::<25>().await;
    site.rotate(&codes[0]).await;
    site.invalidate(&codes[1]).await;
    page.button("Search").click().await;
    page.button("Count by status").click().await;
    for link in ["All 26", "Active 24", "Rotated 1", "Invalidated 1", "Expired 0"] {
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

#[tokio::test(flavor = "multi_thread")]
async fn filters_by_mentor_organisation_and_status_combine_and_are_cleared() {
    let site = Site::start().await;
    let ended = site.code("usr_1", "org_1").await;
    let active = site.rotate(&ended).await;
    let other = site.code("usr_2", "org_2").await;
    let page = open(&site).await;
    row(&page, &other).expect().await;

    field(&page).fill("usr_1").await;
    page.button("Search").click().await;
    row(&page, &other).expect_gone().await;
    row(&page, &ended).expect().await;
    page.role("combobox", "Status").choose("Active").await;
    row(&page, &ended).expect_gone().await;
    row(&page, &active).expect().await;
    page.expect_path("/console?mentor_id=usr_1&status=active").await;

    page.link("Clear filters").click().await;
    row(&page, &other).expect().await;
    field(&page).expect_value("").await;
    page.role("searchbox", "Organisation").fill("org_2").await;
    page.button("Search").click().await;
    row(&page, &active).expect_gone().await;
    row(&page, &other).expect().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn id_in_the_list_leads_to_its_own_codes() {
    let site = Site::start().await;
    let (wanted, other) = (site.code("usr_1", "org_1").await, site.code("usr_2", "org_2").await);
    let page = open(&site).await;
    row(&page, &wanted).link("usr_1").click().await;
    row(&page, &other).expect_gone().await;
    field(&page).expect_value("usr_1").await;
    page.back().await;
    row(&page, &other).link("org_2").click().await;
    row(&page, &wanted).expect_gone().await;
    page.role("searchbox", "Organisation").expect_value("org_2").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filter_that_is_no_id_is_refused_beside_its_field() {
    let (_site, [code], page) = with_codes().await;
    let organisation = page.role("searchbox", "Organisation");
    organisation.fill("not an id").await;
    page.button("Search").click().await;
    organisation.expect_description("must have 1 to 128 letters").await;
    organisation.expect_focus().await;
    page.expect_accessible("a filter that is refused").await;
    row(&page, &code).expect_gone().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filter_without_a_match_says_so_and_leads_back() {
    let site = Site::start().await;
    let code = site.code("usr_1", "org_1").await;
    let page = open_at(&site, "/console?code=KAR-VERV-0000").await;
    page.role("heading", "No codes match").expect().await;
    page.expect_accessible("no match").await;
    page.role("region", "Codes").link("Clear filters").click().await;
    row(&page, &code).expect().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn first_code_is_offered_where_there_is_none_and_no_token_asked_for() {
    let (_site, page) = without_codes().await;
    page.dialog("Access token").expect_gone().await;
    page.button("Sign out").expect_gone().await;
    page.button("New code").expect_count(2).await;
    page.expect_accessible("no codes").await;
    page.close().await;
}
