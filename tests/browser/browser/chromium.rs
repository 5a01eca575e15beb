//! What `WebDriver` has no commands for. `chromedriver` has them in part (`se/log`), or passes them on to the `DevTools`
//! protocol: <https://chromedevtools.github.io/devtools-protocol/>

use std::path::Path;

use serde_json::{Value, json};

use super::{Browser, DriverCommand, Engine, Theme, Window, downloads_in};

impl Browser {
    /// What the capabilities cannot say.
    pub(super) async fn set_up(&self, window: Window) {
        if self.engine != Engine::Chromium {
            self.client.set_window_size(1280, 800).await.unwrap();
        } else if window == Window::Desktop {
            // The size of a window includes the browser's own bars, as wide as they are in this release.
            let metrics = json!({ "width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": false });
            self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        }
    }

    /// A command of the `DevTools` protocol, such as `Emulation.setEmulatedMedia`.
    async fn devtools(&self, name: &str, parameters: Value) {
        let body = json!({ "cmd": name, "params": parameters });
        let command = DriverCommand { path: "goog/cdp/execute".into(), body: Some(body) };
        self.client.issue_cmd(command).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// The other engines stay in the light.
    pub async fn theme(&self, theme: Theme) {
        if self.engine != Engine::Chromium {
            return;
        }
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

    /// The console's errors and warnings since this was last called: scripts that failed, and violations of the content
    /// security policy. An answer with an error status is logged too, as `network`; whether that is a fault, the test knows
    /// that has caused it.
    pub async fn take_faults(&self) -> Vec<String> {
        if self.engine != Engine::Chromium {
            return Vec::new();
        }
        let command = DriverCommand { path: "se/log".into(), body: Some(json!({ "type": "browser" })) };
        let Value::Array(entries) = self.client.issue_cmd(command).await.unwrap() else { panic!("no log") };
        let faults = entries.into_iter().filter(|entry| {
            ["SEVERE", "WARNING"].iter().any(|level| entry["level"] == *level) && entry["source"] != "network"
        });
        faults.map(|entry| format!("{}: {}", entry["source"], entry["message"])).collect()
    }
}

pub(super) fn capabilities(window: Window, folder: &Path) -> Value {
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
    });
    if window == Window::Phone {
        let device = json!({ "width": 360, "height": 740, "pixelRatio": 2.0, "touch": true, "mobile": true });
        options["mobileEmulation"] = json!({ "deviceMetrics": device });
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
    })
}
