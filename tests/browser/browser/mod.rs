//! A browser, driven through `WebDriver`: Debian's Chromium, or the engine that `TEST_ENGINE` names.
//!
//! Each test has a browser of its own, with a profile of its own. What is on a page, and what the page is for, is for
//! `person` and the tests to know. What every browser can do through `WebDriver` is here. The rest is of one engine:
//!
//! ```text
//! driver       a process of chromedriver, geckodriver or WebKitWebDriver
//! chromium     how it starts; settings of the device, the log
//! engines      how Firefox and WebKit start
//! finding      where a person finds things
//! ```

mod chromium;
mod driver;
mod engines;
mod finding;

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use driver::Driver;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tempfile::TempDir;

pub use finding::{Found, Step};

/// Why something cannot be done, or is not there.
pub type Missed = Box<dyn std::error::Error + Send + Sync>;

/// What lays out the pages and runs their scripts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

impl Engine {
    /// `TEST_ENGINE`: `firefox`, `webkit`, or Chromium without it.
    fn of_this_run() -> Self {
        match std::env::var("TEST_ENGINE").as_deref() {
            Ok("firefox") => Self::Firefox,
            Ok("webkit") => Self::WebKit,
            Ok(other) => panic!("TEST_ENGINE is {other}: it must be firefox or webkit"),
            Err(_) => Self::Chromium,
        }
    }
}

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
    pub engine: Engine,
    /// None once it has ended by itself.
    process: Option<u64>,
    folder: TempDir,
    _driver: Driver,
}

impl Browser {
    pub async fn start(window: Window) -> Self {
        let engine = Engine::of_this_run();
        let driver = Driver::start(engine);
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(downloads_in(folder.path())).unwrap();
        let capabilities = match engine {
            Engine::Chromium => chromium::capabilities(window, folder.path()),
            Engine::Firefox | Engine::WebKit => engines::capabilities(engine, folder.path()),
        };
        let Value::Object(mut capabilities) = capabilities else { unreachable!() };
        // A busy machine loads a page, and runs axe-core in it, ten times as slowly as an idle one.
        capabilities.insert("timeouts".into(), json!({ "script": 120_000, "pageLoad": 120_000 }));
        let started = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&driver.url).await;
        let client = started.unwrap_or_else(|error| panic!("{engine:?} does not start: {error}"));
        let told = |name: &str| client.capabilities().and_then(|had| had.get(name)?.as_u64());
        let process = told("goog:processID").or_else(|| told("moz:processID"));
        assert!(process.is_some() || engine == Engine::WebKit, "the driver tells the browser's process");
        let browser = Self { client, engine, process, folder, _driver: driver };
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

    /// The page as it is printed: a PDF. <https://www.w3.org/TR/webdriver2/#print-page>
    pub async fn print(&self) -> Vec<u8> {
        let a4 = json!({ "page": { "width": 21.0, "height": 29.7 }, "background": true });
        let pdf = self.client.issue_cmd(DriverCommand { path: "print".into(), body: Some(a4) }).await.unwrap();
        STANDARD.decode(pdf.as_str().unwrap()).unwrap()
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

/// The source of axe-core.
pub fn axe_source() -> String {
    let hint = "npm install axe-core, and set AXE_CORE to the path of its axe.min.js";
    let file = std::env::var("AXE_CORE").unwrap_or_else(|_| panic!("These tests need axe-core: {hint}"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("Cannot read AXE_CORE={file}: {error}. {hint}"))
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
