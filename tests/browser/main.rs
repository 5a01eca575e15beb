//! The pages in a real browser, used as a person uses them: Debian's Chromium, or Firefox or WebKit where `TEST_ENGINE` says so.
//!
//! ```text
//! tasks/     the tests: one file for each thing that a person wants to do
//! person/    finding, reading, clicking, typing; axe-core
//! browser/   a browser with a profile of its own; all that is only of one engine
//! site/      the service in this process, behind what API Gateway does in front of it, and a provider to sign in
//! ```
//!
//! Imports point downwards; `browser` and `site` do not know each other. Each test has a site and a browser of its own, and ends
//! with the same checks ([`person::Page::close`]). The first test that reaches a view or a dialog has axe-core check it.
//!
//! Not Playwright, which brings a second language and a browser of its own; and not a DOM in Node.js, which has no layout, no
//! focus that Tab moves, no clipboard and no policy.
//!
//! `cargo test --test browser` runs them (`just browser`); plain `cargo test` does not, since they need Chromium.

#![allow(missing_docs, clippy::large_futures, clippy::unwrap_used, reason = "tests")]

mod browser;
mod person;
mod screenshots;
mod site;
/// The tests.
mod tasks {
    mod dialogs;
    mod ending;
    mod exporting;
    mod failing;
    mod finding;
    mod first_visit;
    mod hostile;
    mod keyboard;
    mod language;
    mod making;
    mod many;
    mod other_pages;
    mod paging;
    mod phone;
    mod provider;
    mod sharing;
    mod signing_in;
    pub mod steps;
    mod ways_on;
}
