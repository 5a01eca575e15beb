//! A browser: Debian's Chromium, driven through chromedriver.
//!
//! Each test has a browser of its own, with a profile of its own. What is on a page, and what the page is for, is for
//! `person` and the tests to know.
//!
//! ```text
//! driver           a process of chromedriver
//! chromium         a process of Chromium; what WebDriver does not have: settings of the device, the log
//! accessibility    the accessibility tree, by the DevTools protocol
//! ```

mod accessibility;
mod chromium;
mod driver;

pub use accessibility::Step;
pub use chromium::{Browser, Theme, Window};

/// Why something cannot be done, or is not there.
pub type Missed = Box<dyn std::error::Error + Send + Sync>;
