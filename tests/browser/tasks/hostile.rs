//! What comes from the API stays text, whatever is in it.
//!
//! By the contract no id and no code can hold markup. So a gateway answers here as a service would that had been broken into,
//! or as a release would that forgot a check.

use dev::BASE;
use serde_json::{Value, json};

use super::steps::{choose_action, field, open, open_details, without_codes};
use crate::person::{Key, Page};
use crate::site::{Answer, Site};

const MARKUP: &str = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";

#[tokio::test(flavor = "multi_thread")]
async fn names_and_codes_stay_text_in_the_list_and_in_dialogs() {
    let site = Site::start().await;
    let code = json!({
        "id": "rc_8f3a21bc", "mentor_id": MARKUP, "org_id": MARKUP, "code": MARKUP, "url": "javascript:document.title='owned'",
        "status": "active", "previous_code": MARKUP, "rotated_at": "2026-01-10T09:00:00Z", "created_at": MARKUP, "expires_at": MARKUP,
    });
    let list = json!({ "data": [code], "pagination": { "page": 1, "limit": 20, "total": 1 } });
    site.gate.answer(&format!("GET {BASE}"), Answer::json(200, &list));
    let page = open(&site).await;
    page.expect_text(MARKUP).await;
    expect_no_markup(&page).await;
    choose_action(&page, &code, "History of this mentor").await;
    page.dialog(&format!("History of {MARKUP}")).expect_text("Replaced").await;
    expect_no_markup(&page).await;
    page.dialog(&format!("History of {MARKUP}")).button("Close").click().await;
    for (action, title) in [
        ("Show QR code", format!("QR code of {MARKUP}")),
        ("Rotate…", format!("Rotate {MARKUP}?")),
        ("Invalidate…", format!("Invalidate {MARKUP}?")),
    ] {
        choose_action(&page, &code, action).await;
        page.role("heading", &title).expect().await;
        expect_no_markup(&page).await;
        page.press(Key::Escape).await;
    }
    page.close().await;
}

/// Neither does a text in the URL become markup. Were any to get into the page after all, the content security policy would
/// stop its scripts.
#[tokio::test(flavor = "multi_thread")]
async fn problems_and_urls_stay_text_and_the_policy_stops_scripts() {
    let (site, page) = without_codes().await;
    let problem = json!({
        "type": "about:blank", "title": MARKUP, "status": 422, "detail": MARKUP, "code": "validation_failed", "request_id": MARKUP,
        "errors": [{ "pointer": "/mentor_id", "detail": MARKUP }],
    });
    site.gate.answer("POST ", Answer::json(422, &problem));
    page.role("main", "").button("New code").click().await;
    page.dialog("New code").button("Get or create code").click().await;
    page.dialog("New code").field("Mentor ID").expect_description("128").await;
    expect_no_markup(&page).await;
    page.press(Key::Escape).await;
    site.gate.answer_next("page=1", Answer::problem(500, MARKUP, MARKUP, MARKUP));
    page.button("Search").click().await;
    open_details(&page).await;
    page.expect_alert(MARKUP).await;
    expect_no_markup(&page).await;
    page.open(
        "/console?code=%3Cimg%20src%3Dx%20onerror%3D%22document.title%3D'owned'%22%3E&cursor=%3Cb%3E&sort=%3Cb%3E",
    )
    .await;
    field(&page).expect_value("<img src=x onerror=\"document.title='owned'\">").await;
    expect_no_markup(&page).await;
    assert_eq!(page.browser.take_faults().await, Vec::<String>::new(), "so far");

    let title = page.title().await;
    let script = "Object.assign(document.createElement('script'), { textContent: \"document.title = 'owned'\" })";
    let markup = Value::from(MARKUP);
    page.script(&format!("document.body.insertAdjacentHTML('beforeend', {markup}); document.body.append({script})"))
        .await;
    page.expect_script("document.querySelectorAll('img[src=x]').length", 1).await;
    assert_eq!(page.title().await, title);
    let faults = page.close_with_faults().await;
    assert!(faults.len() >= 2, "each violation is logged, and would end any other test: {faults:?}");
}

/// No element has come out of a text, and no script of one has run.
async fn expect_no_markup(page: &Page) {
    let elements = "return document.querySelectorAll(
        'img[src=x], [onerror], body script:not(#settings), a[href^=\"javascript:\"]').length";
    assert_eq!(page.script(elements).await, 0);
    assert_ne!(page.title().await, "owned");
}
