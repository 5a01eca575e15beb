//! A process of Chromium with one window, and what `WebDriver` has no commands for. `chromedriver` has them in part
//! (`se/log`), or passes them on to the `DevTools` protocol: <https://chromedevtools.github.io/devtools-protocol/>

use std::path::{Path, PathBuf};
use std::process::Command;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Missed;
use super::driver::Driver;

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
        let Value::Object(capabilities) = capabilities(window, folder.path()) else { unreachable!() };
        let started = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&driver.url).await;
        let client = started.unwrap_or_else(|error| panic!("Chromium does not start: {error}"));
        let process = client.capabilities().and_then(|had| had["goog:processID"].as_u64());
        assert!(process.is_some(), "chromedriver tells the browser's process");
        let browser = Self { client, process, folder, _driver: driver };
        if window == Window::Desktop {
            // The size of a window includes the browser's own bars, as wide as they are in this release.
            let metrics = json!({ "width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": false });
            browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        }
        browser.devtools("Emulation.setTimezoneOverride", json!({ "timezoneId": "Europe/Oslo" })).await;
        browser
    }

    /// A command of the `DevTools` protocol, such as `Emulation.setEmulatedMedia`.
    pub(super) async fn try_devtools(&self, name: &str, parameters: Value) -> Result<Value, Missed> {
        let body = json!({ "cmd": name, "params": parameters });
        Ok(self.client.issue_cmd(DriverCommand { path: "goog/cdp/execute".into(), body: Some(body) }).await?)
    }

    async fn devtools(&self, name: &str, parameters: Value) {
        self.try_devtools(name, parameters).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    pub async fn theme(&self, theme: Theme) {
        let value = if theme == Theme::Dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// What the browser sends as `Accept-Language`.
    pub async fn language(&self, language: &str) {
        let agent = self.client.execute("return navigator.userAgent", vec![]).await.unwrap();
        let agent = json!({ "userAgent": agent, "acceptLanguage": language });
        self.devtools("Emulation.setUserAgentOverride", agent).await;
    }

    /// Whether there is a network.
    pub async fn offline(&self, offline: bool) {
        self.devtools("Network.enable", json!({})).await;
        let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.emulateNetworkConditions", conditions).await;
    }

    /// Whether the site may write to the clipboard, and these tests read it.
    pub async fn clipboard(&self, allowed: bool) {
        let setting = if allowed { "granted" } else { "denied" };
        for name in ["clipboard-write", "clipboard-read"] {
            let setting = json!({ "permission": { "name": name }, "setting": setting });
            self.devtools("Browser.setPermission", setting).await;
        }
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

    /// The console's errors and warnings since this was last called: scripts that failed, and violations of the content
    /// security policy. An answer with an error status is logged too, as `network`; whether that is a fault, the test knows
    /// that has caused it.
    pub async fn take_faults(&self) -> Vec<String> {
        let faults = self.take_log("browser").await.into_iter().filter(|entry| {
            ["SEVERE", "WARNING"].iter().any(|level| entry["level"] == *level) && entry["source"] != "network"
        });
        faults.map(|entry| format!("{}: {}", entry["source"], entry["message"])).collect()
    }

    /// The URLs of all requests since this was last called.
    pub async fn take_requests(&self) -> Vec<String> {
        let url = |entry: Value| {
            let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let event = Some(&event["message"]).filter(|event| event["method"] == "Network.requestWillBeSent")?;
            Some(event["params"]["request"]["url"].as_str()?.to_owned())
        };
        self.take_log("performance").await.into_iter().filter_map(url).collect()
    }

    async fn take_log(&self, kind: &str) -> Vec<Value> {
        let command = DriverCommand { path: "se/log".into(), body: Some(json!({ "type": kind })) };
        let Value::Array(entries) = self.client.issue_cmd(command).await.unwrap() else { panic!("no log {kind}") };
        entries
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

fn capabilities(window: Window, folder: &Path) -> Value {
    let mut options = json!({
        "args": [
            "--headless=new",
            "--window-size=1280,720",
            format!("--user-data-dir={}", folder.join("profile").display()),
            // No host but the test's own exists, so that a page that needs another one fails here as it would offline.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            // Containers have little shared memory, and no user namespaces for Chromium's sandbox. The pages are ours.
            "--disable-dev-shm-usage",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
        ],
        "prefs": {
            "download.default_directory": downloads_in(folder),
            "download.prompt_for_download": false,
            // An empty page to begin with, in place of the browser's own.
            "session.restore_on_startup": 4,
            "session.startup_urls": ["about:blank"],
        },
        "perfLoggingPrefs": { "enableNetwork": true, "enablePage": false },
    });
    if window == Window::Phone {
        let device = json!({ "width": 360, "height": 740, "pixelRatio": 2.0, "touch": true, "mobile": true });
        options["mobileEmulation"] = json!({ "deviceMetrics": device });
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    })
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
