//! Steps that many tasks begin with.

use serde_json::Value;

use crate::browser::Window;
use crate::person::{Page, Target};
use crate::site::Site;

/// The console of a site, in a browser on a desk. Its list has been asked for, unless the site asks for a token first.
pub async fn open(site: &Site) -> Page {
    open_at(site, "/console").await
}

/// The same at another view: a URL that was bookmarked, or sent by a colleague.
pub async fn open_at(site: &Site, path: &str) -> Page {
    let page = Page::start(Window::Desktop, &site.origin).await;
    page.open(path).await;
    page
}

/// The console of a site, on a phone.
pub async fn open_on_phone(site: &Site) -> Page {
    let page = Page::start(Window::Phone, &site.origin).await;
    page.open("/console").await;
    page
}

/// A site with codes of the mentors `usr_1`, `usr_2`, …, and its console, which shows them.
pub async fn with_codes<const N: usize>() -> (Site, [Value; N], Page) {
    let site = Site::start().await;
    let codes = site.codes(N, "org_1").await;
    let page = open(&site).await;
    row(&page, codes.last().unwrap()).expect().await;
    (site, codes.try_into().unwrap(), page)
}

/// A site without codes, and its console, which says so.
pub async fn without_codes() -> (Site, Page) {
    let site = Site::start().await;
    let page = open(&site).await;
    page.role("heading", "No codes yet").expect().await;
    (site, page)
}

/// A field of a code, which is a text: `code`, `id`, `mentor_id`.
pub fn text<'c>(code: &'c Value, field: &str) -> &'c str {
    code[field].as_str().unwrap_or_else(|| panic!("no {field}: {code}"))
}

/// The code's own text: `JAN-VERV-8F3A`.
pub fn code_of(code: &Value) -> &str {
    text(code, "code")
}

/// A code's row.
pub fn row<'p>(page: &'p Page, code: &Value) -> Target<'p> {
    menu(page, code).around("row")
}

/// Waits until the rows of the table are those of these codes, in this order.
pub async fn expect_rows<'c>(page: &Page, codes: impl IntoIterator<Item = &'c Value>) {
    let codes: Vec<_> = codes.into_iter().map(code_of).collect();
    let shown = "[...document.querySelectorAll('.code-cell > .code')].map((code) => code.textContent).join()";
    page.expect_script(shown, codes.join(",")).await;
}

/// The button that opens the menu of a code.
pub fn menu<'p>(page: &'p Page, code: &Value) -> Target<'p> {
    page.button(&format!("Actions for {}", code_of(code)))
}

/// Opens the menu of a code, and chooses from it.
pub async fn choose_action(page: &Page, code: &Value, action: &str) {
    menu(page, code).click().await;
    page.role("menuitem", action).click().await;
}

/// Chooses to rotate or to invalidate a code. Returns the dialog that asks whether that is meant.
pub async fn ask_to<'p>(page: &'p Page, action: &str, code: &Value) -> Target<'p> {
    choose_action(page, code, &format!("{action}…")).await;
    page.dialog(&format!("{action} {}?", code_of(code)))
}

/// The field that takes whatever a person has of a code.
pub fn field(page: &Page) -> Target<'_> {
    page.role("searchbox", "Find a code or a mentor")
}

/// What a failure has behind 'Details'.
pub async fn open_details(page: &Page) {
    page.button("Details").click().await;
}

/// Looks for a code, a mentor, a link.
pub async fn search(page: &Page, typed: &str) {
    field(page).fill(typed).await;
    page.button("Search").click().await;
}
