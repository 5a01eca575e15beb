//! The clipboard. A person has allowed the site to use it, or has not been asked.

use serde_json::json;

use super::page::Page;
use super::until;

impl Page {
    /// Lets the site write to the clipboard, and these tests read it.
    pub async fn allow_clipboard(&self) {
        let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        self.browser.devtools("Browser.grantPermissions", permissions).await;
    }

    /// The person has forbidden the site to write to the clipboard.
    pub async fn forbid_clipboard(&self) {
        for name in ["clipboard-write", "clipboard-read"] {
            let setting = json!({ "permission": { "name": name }, "setting": "denied" });
            self.browser.devtools("Browser.setPermission", setting).await;
        }
    }

    /// Waits until this text is in the clipboard.
    pub async fn expect_clipboard(&self, text: &str) {
        until(&format!("{text:?} in the clipboard"), async || {
            let read = "navigator.clipboard.readText().then(done, (error) => done(`unreadable: ${error}`))";
            let found = self.script_with_callback(read).await;
            if found == text { Ok(()) } else { Err(format!("it has {found}")) }
        })
        .await;
    }
}
