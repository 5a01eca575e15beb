//! The pages in a real browser, used as a person uses them: Debian's Chromium, driven through chromedriver.
//!
//! ```text
//! tasks/     the tests: one file for each thing that a person wants to do
//! person/    finding, reading, clicking, typing; axe-core
//! browser/   a browser with a profile of its own; all that is only Chromium's
//! site/      the service in this process, behind what API Gateway does in front of it
//! ```
//!
//! Imports point downwards; `browser` and `site` do not know each other. Each test has a site and a browser of its own, and ends
//! with the same checks ([`person::Page::close`]). The first test that reaches a view or a dialog has axe-core check it.
//!
//! `cargo test --test browser` runs them (`just browser`); plain `cargo test` does not, since they need Chromium.

#![allow(missing_docs, clippy::large_futures, clippy::unwrap_used, reason = "tests")]

mod browser;
mod person;
mod screenshots;
mod site;
/// The tests.
mod tasks {
    mod docs_page;
    mod ending;
    mod exporting;
    mod failing;
    mod finding;
    mod hostile;
    mod keyboard;
    mod language;
    mod making;
    mod paging;
    mod phone;
    mod sharing;
    mod short_link_pages;
    mod sign_up_form;
    mod signing_in;
    pub mod steps;
    mod ways_on;
}
