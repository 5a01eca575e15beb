//! A browser: Debian's Chromium, driven through chromedriver.
//!
//! Each test has a browser of its own, with a profile of its own. What is on a page, and what the page is for, is for
//! `person` and the tests to know. What every browser can do through `WebDriver` is here. The rest is Chromium's own:
//!
//! ```text
//! driver           a process of chromedriver
//! chromium         how it starts; settings of the device, the log
//! accessibility    the accessibility tree, where a person finds things
//! ```

mod accessibility;
mod chromium;
mod driver;

use std::path::{Path, PathBuf};
use std::process::Command;

use driver::Driver;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::Value;
use tempfile::TempDir;

pub use accessibility::Step;

/// Why something cannot be done, or is not there.
pub type Missed = Box<dyn std::error::Error + Send + Sync>;

/// The size of the window, and what kind of device it is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Window {
    /// With a mouse and a keyboard.
    Desktop,
    /// With touch, and two device pixels per CSS pixel.
    Phone,
}

/// What the browser says that its user prefers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    Light,
    Dark,
}

/// A browser. It is killed when dropped.
pub struct Browser {
    pub client: Client,
    /// None once it has ended by itself.
    process: Option<u64>,
    folder: TempDir,
    _driver: Driver,
}

impl Browser {
    pub async fn start(window: Window) -> Self {
        let driver = Driver::start();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(downloads_in(folder.path())).unwrap();
        let Value::Object(capabilities) = chromium::capabilities(window, folder.path()) else { unreachable!() };
        let started = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&driver.url).await;
        let client = started.unwrap_or_else(|error| panic!("Chromium does not start: {error}"));
        let process = client.capabilities().and_then(|had| had["goog:processID"].as_u64());
        assert!(process.is_some(), "chromedriver tells the browser's process");
        let browser = Self { client, process, folder, _driver: driver };
        browser.set_up(window).await;
        browser
    }

    /// An element's name, as a screen reader tells it: <https://www.w3.org/TR/webdriver2/#get-computed-label>
    pub async fn focused_name(&self) -> String {
        let focused = self.client.active_element().await.unwrap();
        let path = format!("element/{}/computedlabel", focused.element_id().as_ref());
        let name = self.client.issue_cmd(DriverCommand { path, body: None }).await.unwrap();
        name.as_str().unwrap_or_default().to_owned()
    }

    /// Where downloaded files arrive.
    pub fn downloads(&self) -> PathBuf {
        downloads_in(self.folder.path())
    }

    pub async fn close(mut self) {
        self.client.clone().close().await.expect("the browser ends");
        self.process = None;
    }
}

impl Drop for Browser {
    /// After a test that failed: chromedriver is killed too, and would leave the browser behind.
    fn drop(&mut self) {
        if let Some(process) = self.process {
            let _ = Command::new("kill").args(["-KILL", &process.to_string()]).status();
        }
    }
}

fn downloads_in(folder: &Path) -> PathBuf {
    folder.join("downloads")
}

/// A command that fantoccini does not have, to a path below the session.
#[derive(Debug)]
struct DriverCommand {
    path: String,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for DriverCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        match &self.body {
            Some(body) => (Method::POST, Some(body.to_string())),
            None => (Method::GET, None),
        }
    }
}
