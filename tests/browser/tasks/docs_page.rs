//! The documentation page of the local server. It comes from a crate; what is ours is that it describes this API, and that it needs no
//! other host ([`Page::close_with_faults`] checks that).

use dev::LocalServer;

use crate::browser::Window;
use crate::person::Page;

#[tokio::test(flavor = "multi_thread")]
async fn documentation_page_shows_the_operations_without_another_host() {
    let local = LocalServer::in_memory();
    let page = Page::start(Window::Desktop, local.url()).await;
    page.open("/docs").await;
    page.expect_text("Get or create referral code for a mentor").await;
    page.expect_text("/api/v1/referral-codes/{id}/url").await;
    page.expect_script("document.documentElement.lang", "en").await;
    // What axe finds there and what the page logs is told, and fails nothing: the page is not ours.
    for violation in page.violations().await {
        eprintln!("axe: {}", violation.lines().next().unwrap_or_default());
    }
    for fault in page.close_with_faults().await {
        eprintln!("console: {fault}");
    }
}
