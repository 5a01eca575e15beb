//! A browser: Debian's Chromium, driven through chromedriver.
//!
//! Each test has a browser of its own, with a profile of its own. What is on a page, and what the page is for, is for
//! `person` and the tests to know.

mod chromium;
mod commands;
mod driver;
mod log;
mod programs;

pub use chromium::{Browser, Theme, Window};
