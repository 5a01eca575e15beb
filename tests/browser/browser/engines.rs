//! How Firefox and WebKit start.

use std::path::Path;

use serde_json::{Value, json};

use super::{Engine, downloads_in};

pub(super) fn capabilities(engine: Engine, folder: &Path) -> Value {
    if engine == Engine::WebKit {
        let browser = std::fs::read_dir("/usr/lib")
            .unwrap()
            .map(|entry| entry.unwrap().path().join("webkit2gtk-4.1/MiniBrowser"))
            .find(|path| path.exists())
            .expect("MiniBrowser comes with Debian's webkit2gtk-driver");
        let options = json!({ "binary": browser, "args": ["--automation"] });
        return json!({ "browserName": "MiniBrowser", "webkitgtk:browserOptions": options });
    }
    let preferences = json!({
        "browser.download.dir": downloads_in(folder),
        "browser.download.folderList": 2,
        "intl.accept_languages": "en-GB",
        "ui.prefersReducedMotion": 1,
    });
    json!({ "browserName": "firefox", "moz:firefoxOptions": { "args": ["-headless"], "prefs": preferences } })
}
