//! A browser with one window.

use std::path::{Path, PathBuf};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::commands::Command;
use super::driver::Driver;
use super::{log, programs};

/// The size of the window, and what kind of device it is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Window {
    /// With a mouse and a keyboard.
    Desktop,
    /// With touch, and two device pixels per CSS pixel.
    Phone,
}

impl Window {
    fn size(self) -> (u32, u32) {
        match self {
            Self::Desktop => (1280, 800),
            Self::Phone => (390, 844),
        }
    }
}

/// What the browser says that its user prefers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    Light,
    Dark,
}

/// A browser. It is killed when dropped.
pub struct Browser {
    client: Client,
    process: u64,
    folder: TempDir,
    _driver: Driver,
}

impl Browser {
    pub async fn start(window: Window) -> Self {
        let driver = Driver::start();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(downloads_in(folder.path())).unwrap();
        let capabilities = capabilities(window, folder.path());
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        let started = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&driver.url).await;
        let client = started.unwrap_or_else(|error| panic!("Chromium does not start: {error}"));
        let process =
            client.capabilities().and_then(|had| had["goog:processID"].as_u64()).expect("the browser's process");
        let browser = Self { client, process, folder, _driver: driver };
        browser.devtools("Emulation.setTimezoneOverride", json!({ "timezoneId": "Europe/Oslo" })).await;
        browser
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub async fn devtools(&self, name: &str, parameters: Value) -> Value {
        let answer = self.try_devtools(name, parameters).await;
        answer.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub async fn try_devtools(&self, name: &str, parameters: Value) -> Result<Value, String> {
        let answer = self.client.issue_cmd(Command::devtools(name, &parameters)).await;
        answer.map_err(|error| error.to_string())
    }

    /// The name of the element that has the focus.
    pub async fn focused_name(&self) -> String {
        let focused = self.client.active_element().await.unwrap();
        let name = self.client.issue_cmd(Command::computed_label(focused.element_id().as_ref())).await.unwrap();
        name.as_str().unwrap_or_default().to_owned()
    }

    pub async fn theme(&self, theme: Theme) {
        let value = match theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// What the browser sends as `Accept-Language`.
    pub async fn language(&self, language: &str) {
        let agent = self.client.execute("return navigator.userAgent", vec![]).await.unwrap();
        self.devtools("Emulation.setUserAgentOverride", json!({ "userAgent": agent, "acceptLanguage": language }))
            .await;
    }

    /// Whether there is a network.
    pub async fn offline(&self, offline: bool) {
        self.devtools("Network.enable", json!({})).await;
        let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.emulateNetworkConditions", conditions).await;
    }

    /// Where downloaded files arrive.
    pub fn downloads(&self) -> PathBuf {
        downloads_in(self.folder.path())
    }

    /// The console's errors and warnings, and the URLs of all requests, since this was last called.
    pub async fn take_faults_and_requests(&self) -> (Vec<String>, Vec<String>) {
        let console = self.client.issue_cmd(Command::take_log("browser")).await.unwrap();
        let performance = self.client.issue_cmd(Command::take_log("performance")).await.unwrap();
        (log::faults(&console), log::requested_urls(&performance))
    }

    pub async fn close(self) {
        self.client.clone().close().await.expect("the browser ends");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // After a test that failed: chromedriver is killed too, and would leave it behind.
        let process = self.process.to_string();
        let _ =
            std::process::Command::new("kill").args(["-KILL", &process]).stderr(std::process::Stdio::null()).status();
    }
}

fn downloads_in(folder: &Path) -> PathBuf {
    folder.join("downloads")
}

fn capabilities(window: Window, folder: &Path) -> Value {
    let (width, height) = window.size();
    let arguments = vec![
        "--headless=new".to_owned(),
        format!("--window-size={width},{height}"),
        format!("--user-data-dir={}", folder.join("profile").display()),
        "--lang=en-GB".into(),
        // No host but the test's own exists, so that a page that needs another one fails here as it would offline.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1".into(),
        "--disable-background-networking".into(),
        "--disable-component-update".into(),
        "--no-first-run".into(),
        // Containers have little shared memory, and no user namespaces for Chromium's sandbox. The pages are ours.
        "--disable-dev-shm-usage".into(),
        "--no-sandbox".into(),
        "--disable-gpu".into(),
        "--hide-scrollbars".into(),
        "--force-prefers-reduced-motion".into(),
    ];
    let mut options = json!({
        "args": arguments,
        "binary": programs::chromium(),
        "prefs": { "download.default_directory": downloads_in(folder), "download.prompt_for_download": false },
        "perfLoggingPrefs": { "enableNetwork": true, "enablePage": false },
    });
    if window == Window::Phone {
        let device = json!({ "width": width, "height": height, "pixelRatio": 2.0, "touch": true, "mobile": true });
        options["mobileEmulation"] = json!({ "deviceMetrics": device });
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    })
}
