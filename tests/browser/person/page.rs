//! A page in a browser: what can be said of it as a whole, and what a person does wherever the focus is.

use std::path::PathBuf;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::error::CmdError;
use serde_json::Value;

use super::target::Target;
use super::{Key, until, until_seen};
use crate::browser::{Browser, Missed, Window};

pub struct Page {
    pub browser: Browser,
    origin: String,
}

impl Page {
    /// An empty page in a new browser, for the site at this origin.
    pub async fn start(window: Window, origin: &str) -> Self {
        Self { browser: Browser::start(window).await, origin: origin.to_owned() }
    }

    /// Opens a path of the site.
    pub async fn open(&self, path: &str) {
        self.browser.client.goto(&format!("{}{path}", self.origin)).await.unwrap();
    }

    pub async fn back(&self) {
        self.browser.client.back().await.unwrap();
    }

    pub async fn forward(&self) {
        self.browser.client.forward().await.unwrap();
    }

    pub async fn reload(&self) {
        self.browser.client.refresh().await.unwrap();
    }

    /// Waits until the URL has this path and this query.
    pub async fn expect_path(&self, path: &str) {
        let expected = format!("{}{path}", self.origin);
        let url = async || Ok(self.browser.client.current_url().await?.to_string());
        until_seen(&format!("the URL {expected}"), |url| *url == expected, url).await;
    }

    pub async fn title(&self) -> String {
        self.browser.client.title().await.unwrap()
    }

    /// What has this role and this name. An empty name stands for any.
    pub fn role(&self, role: &'static str, name: &str) -> Target<'_> {
        Target::new(self).role(role, name)
    }

    pub fn button(&self, name: &str) -> Target<'_> {
        self.role("button", name)
    }

    pub fn link(&self, name: &str) -> Target<'_> {
        self.role("link", name)
    }

    /// A dialog. The rest of the page is out of reach while it is open.
    pub fn dialog(&self, name: &str) -> Target<'_> {
        self.role("dialog", name)
    }

    /// Waits until an alert can be seen that has this text.
    pub async fn expect_alert(&self, text: &str) {
        self.role("alert", "").expect_text(text).await;
    }

    /// Waits until a text can be seen.
    pub async fn expect_text(&self, text: &str) {
        until_seen(&format!("the text {text:?}"), |seen: &String| seen.contains(text), async || self.text().await)
            .await;
    }

    /// Waits until a text cannot be seen.
    pub async fn expect_no_text(&self, text: &str) {
        until_seen(&format!("no {text:?}"), |seen: &String| !seen.contains(text), async || self.text().await).await;
    }

    /// All text that can be seen.
    async fn text(&self) -> Result<String, Missed> {
        let text = self.browser.client.execute("return document.body.innerText", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script in the page, past the person: for what cannot be seen, such as the storage.
    pub async fn script(&self, script: &str) -> Value {
        self.browser.client.execute(script, vec![]).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// As [`Self::script`], for a script that calls the function `done` with its result.
    pub async fn script_with_callback(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        self.browser.client.execute_async(&script, vec![]).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until an expression has this value in the page.
    pub async fn expect_script(&self, expression: &str, expected: impl Into<Value>) {
        let (expected, script) = (expected.into(), format!("return {expression}"));
        let look = async || Ok(self.browser.client.execute(&script, vec![]).await?);
        until_seen(&format!("{expected} of {expression}"), |seen| *seen == expected, look).await;
    }

    /// Lets so many seconds pass by the page's clock. What waits for a time by it looks again within a second.
    pub async fn pass(&self, seconds: u32) {
        self.script(&format!("const before = Date.now; Date.now = () => before() + {seconds}000")).await;
    }

    /// How much wider the page is than its window, in CSS pixels. A person would have to scroll sideways.
    pub async fn overflow(&self) -> i64 {
        let wider = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.script(wider).await.as_i64().unwrap()
    }

    pub async fn press(&self, key: Key) {
        self.keys(&[key.into()]).await.unwrap();
    }

    /// Types a text.
    pub async fn type_text(&self, text: &str) {
        self.keys(&text.chars().collect::<Vec<_>>()).await.unwrap();
    }

    async fn keys(&self, keys: &[char]) -> Result<(), CmdError> {
        let actions = keys.iter().fold(KeyActions::new("keyboard".into()), |actions, &value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.browser.client.perform_actions(actions).await
    }

    /// Presses Tab until the target has the focus, as a person does who looks for it. More than `most` times is a page that
    /// cannot be used by keyboard.
    pub async fn tab_to(&self, name: &str, most: usize) {
        for _ in 0..most {
            self.press(Key::Tab).await;
            if self.browser.focused_name().await == name {
                return;
            }
        }
        panic!("{most} times Tab do not lead to {name:?}");
    }

    /// Waits until this text is in the clipboard.
    pub async fn expect_clipboard(&self, text: &str) {
        let read = "navigator.clipboard.readText().then(done, (error) => done(`unreadable: ${error}`))";
        let look = async || Ok(self.script_with_callback(read).await);
        until_seen(&format!("{text:?} in the clipboard"), |found| found == text, look).await;
    }

    /// Waits for a download that has this end in its name, and is complete.
    pub async fn downloaded(&self, end: &str) -> PathBuf {
        until(&format!("a download *{end}"), async || {
            let files = std::fs::read_dir(self.browser.downloads())?.map(|file| file.unwrap().path());
            let file = files.filter(|file| file.to_string_lossy().ends_with(end)).max().ok_or("there is none")?;
            if std::fs::metadata(&file)?.len() == 0 { Err("it is empty".into()) } else { Ok(file) }
        })
        .await
    }

    /// The name of a table that was downloaded, and what is in it.
    pub async fn downloaded_csv(&self) -> (String, String) {
        let file = self.downloaded(".csv").await;
        (file.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(file).unwrap())
    }

    /// Ends the browser, after the last check of every test: the pages have logged no error, and broken no content security policy.
    /// The policy of each lets it ask nothing of another host.
    pub async fn close(self) {
        let faults = self.close_with_faults().await;
        assert_eq!(faults, Vec::<String>::new(), "the console has errors");
    }

    /// As [`Self::close`], for a page that is not ours: returns what it has logged.
    pub async fn close_with_faults(self) -> Vec<String> {
        let faults = self.browser.take_faults().await;
        self.browser.close().await;
        faults
    }
}
