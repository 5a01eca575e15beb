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
    page.row(code_of(code))
}

/// Opens the menu of a code, and chooses from it.
pub async fn choose_action(page: &Page, code: &Value, action: &str) {
    page.button(&format!("Actions for {}", code_of(code))).click().await;
    page.role("menuitem", action).click().await;
}

/// Looks for a code.
pub async fn search(page: &Page, typed: &str) {
    page.role("searchbox", "Code").fill(typed).await;
    page.button("Search").click().await;
}
