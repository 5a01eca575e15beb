//! A page in a browser, and what can be said of it as a whole.

use serde_json::{Value, json};

use super::target::Target;
use super::until;
use crate::browser::{Browser, Theme, Window};

pub struct Page {
    pub(super) browser: Browser,
    origin: String,
}

impl Page {
    /// An empty page in a new browser, for the site at this origin.
    pub async fn start(window: Window, origin: &str) -> Self {
        Self { browser: Browser::start(window).await, origin: origin.to_owned() }
    }

    /// Opens a path of the site.
    pub async fn open(&self, path: &str) {
        self.browser.client().goto(&format!("{}{path}", self.origin)).await.unwrap();
    }

    pub async fn reload(&self) {
        self.browser.client().refresh().await.unwrap();
    }

    pub async fn back(&self) {
        self.browser.client().back().await.unwrap();
    }

    pub async fn forward(&self) {
        self.browser.client().forward().await.unwrap();
    }

    /// The path and the query of the URL.
    pub async fn path(&self) -> String {
        let url = self.browser.client().current_url().await.unwrap();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    pub async fn expect_path(&self, path: &str) {
        until(&format!("the URL {path}"), async || {
            let shown = self.path().await;
            if shown == path { Ok(()) } else { Err(format!("it is {shown}")) }
        })
        .await;
    }

    pub async fn title(&self) -> String {
        self.browser.client().title().await.unwrap()
    }

    pub async fn theme(&self, theme: Theme) {
        self.browser.theme(theme).await;
    }

    /// What the person prefers to read.
    pub async fn language(&self, language: &str) {
        self.browser.language(language).await;
    }

    pub async fn offline(&self, offline: bool) {
        self.browser.offline(offline).await;
    }

    /// What has this role, and this name.
    pub fn role(&self, role: &'static str, name: &str) -> Target<'_> {
        Target::new(self).role(role, name)
    }

    pub fn button(&self, name: &str) -> Target<'_> {
        self.role("button", name)
    }

    pub fn link(&self, name: &str) -> Target<'_> {
        self.role("link", name)
    }

    /// A field to type in.
    pub fn field(&self, name: &str) -> Target<'_> {
        self.role("textbox", name)
    }

    /// A dialog. The rest of the page is out of reach while it is open.
    pub fn dialog(&self, name: &str) -> Target<'_> {
        self.role("dialog", name)
    }

    /// The row of a table with this text in it.
    pub fn row(&self, text: &str) -> Target<'_> {
        Target::new(self).containing("row", text)
    }

    /// All text that can be seen.
    pub async fn text(&self) -> String {
        self.script("return document.body.innerText", vec![]).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a text can be seen.
    pub async fn expect_text(&self, text: &str) {
        until(&format!("the text {text:?}"), async || {
            let shown = self.text().await;
            if shown.contains(text) { Ok(()) } else { Err(format!("shown is:\n{shown}")) }
        })
        .await;
    }

    /// Waits until a text cannot be seen.
    pub async fn expect_no_text(&self, text: &str) {
        until(&format!("no text {text:?}"), async || {
            let shown = self.text().await;
            if shown.contains(text) { Err(format!("shown is:\n{shown}")) } else { Ok(()) }
        })
        .await;
    }

    /// Runs a script in the page, past the person: for what cannot be seen, such as the storage.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.browser.client().execute(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// As [`Self::script`], for a script that calls the function `done` with its result.
    pub async fn script_with_callback(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        self.browser.client().execute_async(&script, vec![]).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until an expression is true in the page.
    pub async fn expect_script(&self, expression: &str) {
        until(expression, async || {
            let value = self.script(&format!("return {expression}"), vec![]).await;
            if value == true { Ok(()) } else { Err(format!("it is {value}")) }
        })
        .await;
    }

    /// How much wider the page is than its window, in CSS pixels. A person would have to scroll sideways.
    pub async fn overflow(&self) -> i64 {
        let wider = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.script(wider, vec![]).await.as_i64().unwrap()
    }

    /// The window as a PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.browser.client().screenshot().await.unwrap()
    }

    /// Ends the browser, after the last check of every test: the page has logged no error, broken no content security policy,
    /// and asked nothing of another host.
    pub async fn close(self) {
        let (faults, requests) = self.browser.take_faults_and_requests().await;
        assert_eq!(faults, Vec::<String>::new(), "the console has errors");
        let foreign: Vec<_> = requests.iter().filter(|url| !self.is_own(url)).collect();
        assert!(foreign.is_empty(), "requests to other hosts: {foreign:?}");
        assert!(!requests.is_empty(), "the log has the page's own requests");
        self.browser.close().await;
    }

    fn is_own(&self, url: &str) -> bool {
        url.starts_with(&format!("{}/", self.origin))
            || ["blob:", "data:", "about:", "chrome:"].iter().any(|own| url.starts_with(own))
    }

    /// The node of the document, for a search in the accessibility tree.
    pub(super) async fn document(&self) -> Result<Value, String> {
        let document = self.browser.try_devtools("DOM.getDocument", json!({ "depth": 0 })).await?;
        Ok(document["root"]["backendNodeId"].clone())
    }
}
