//! A thing on a page, as a person would point it out: by its role, its name, and what it is in.
//!
//! A target is looked up anew each time that it is used, so it may change or come later.

use fantoccini::elements::Element;
use fantoccini::error::CmdError;

use super::page::Page;
use super::{until, until_seen};
use crate::browser::{Found, Missed, Step};

/// The key, as `WebDriver` writes it.
const ENTER: &str = "\u{E007}";

#[derive(Clone)]
pub struct Target<'p> {
    page: &'p Page,
    steps: Vec<Step>,
}

impl<'p> Target<'p> {
    pub(super) fn new(page: &'p Page) -> Self {
        Self { page, steps: Vec::new() }
    }

    fn step(&self, step: Step) -> Self {
        let mut target = self.clone();
        target.steps.push(step);
        target
    }

    /// What has this role and this name, inside.
    pub fn role(&self, role: &'static str, name: &str) -> Self {
        self.step(Step::Into(role, name.into()))
    }

    /// What has this role, and has it inside.
    pub fn around(&self, role: &'static str) -> Self {
        self.step(Step::Around(role))
    }

    pub fn button(&self, name: &str) -> Self {
        self.role("button", name)
    }

    pub fn link(&self, name: &str) -> Self {
        self.role("link", name)
    }

    pub fn field(&self, name: &str) -> Self {
        self.role("textbox", name)
    }

    /// Waits until it is there.
    pub async fn expect(&self) {
        until(&self.describe(), async || self.found().await).await;
    }

    /// Waits until it is not there.
    pub async fn expect_gone(&self) {
        self.expect_count(0).await;
    }

    /// Waits until there are so many.
    pub async fn expect_count(&self, count: usize) {
        let look = async || Ok(self.page.browser.find(&self.steps).await?.len());
        until_seen(&format!("{count} of {}", self.describe()), |there| *there == count, look).await;
    }

    /// Waits until this text can be seen in it.
    pub async fn expect_text(&self, text: &str) {
        let what = format!("the text {text:?} in {}", self.describe());
        let look = async || Ok(self.element().await?.text().await?);
        until_seen(&what, |shown: &String| shown.contains(text), look).await;
    }

    /// Waits until its value is this one.
    pub async fn expect_value(&self, value: &str) {
        let what = format!("the value {value:?} of {}", self.describe());
        let look = async || Ok(self.element().await?.prop("value").await?);
        until_seen(&what, |shown| shown.as_deref() == Some(value), look).await;
    }

    /// Waits until a screen reader would tell this of it, beside its name.
    pub async fn expect_description(&self, text: &str) {
        let what = format!("the description {text:?} of {}", self.describe());
        let look = async || Ok(self.found().await?.description);
        until_seen(&what, |shown: &String| shown.contains(text), look).await;
    }

    /// Waits until it has the focus of the keyboard.
    pub async fn expect_focus(&self) {
        until(&format!("the focus on {}", self.describe()), async || {
            let element = self.element().await?;
            let focused = self.page.browser.client.active_element().await?;
            if focused.element_id() == element.element_id() {
                return Ok(());
            }
            Err(format!("it is on {:?}", focused.html(false).await).into())
        })
        .await;
    }

    pub async fn text(&self) -> String {
        self.act("reading", async |element| element.text().await).await
    }

    /// The value of an attribute.
    pub async fn attribute(&self, name: &str) -> Option<String> {
        self.act(name, async |element| element.attr(name).await).await
    }

    pub async fn click(&self) {
        self.act("a click on", async |element| element.click().await).await;
    }

    /// Clicks what leads to another page, and waits until this one is left. On a busy machine a driver may answer with an error
    /// after the click, since the page of the element is gone: a second click would find nothing.
    pub async fn leave(&self) {
        self.expect().await;
        let mut is_clicked = false;
        until(&format!("the page after {}", self.describe()), async || {
            let Some(Found { element, .. }) = self.page.browser.find(&self.steps).await?.pop() else { return Ok(()) };
            is_clicked = is_clicked || element.click().await.is_ok();
            Err("it is there still".into())
        })
        .await;
    }

    /// Types into it, in place of what is there.
    pub async fn fill(&self, text: &str) {
        self.act("typing into", async |element| {
            element.clear().await?;
            // WebKit's driver takes no empty text, and no other key for a new line.
            if text.is_empty() { Ok(()) } else { element.send_keys(&text.replace('\n', ENTER)).await }
        })
        .await;
    }

    /// Chooses an option by what it says.
    pub async fn choose(&self, option: &str) {
        self.act(&format!("the option {option:?} of"), async |element| element.select_by_label(option).await).await;
    }

    /// Does something with its element, once it is there and that is possible.
    async fn act<T>(&self, what: &str, mut act: impl AsyncFnMut(Element) -> Result<T, CmdError>) -> T {
        let what = format!("{what} {}", self.describe());
        until(&what, async || Ok(act(self.element().await?).await?)).await
    }

    /// There must be one only: a person could not tell two apart.
    async fn found(&self) -> Result<Found, Missed> {
        let mut found = self.page.browser.find(&self.steps).await?;
        if found.len() == 1 { Ok(found.remove(0)) } else { Err(format!("there are {}", found.len()).into()) }
    }

    async fn element(&self) -> Result<Element, Missed> {
        Ok(self.found().await?.element)
    }

    fn describe(&self) -> String {
        self.steps.iter().fold(String::new(), |inside, step| match step {
            Step::Into(role, name) if inside.is_empty() => format!("{role} {name:?}"),
            Step::Into(role, name) => format!("{role} {name:?} in {inside}"),
            Step::Around(role) => format!("{role} around {inside}"),
        })
    }
}
