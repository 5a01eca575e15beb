//! A thing on a page, as a person would point it out: by its role, its name, and what it is in.
//!
//! A target is looked up anew each time that it is used, so it may change or come later.

use fantoccini::elements::Element;
use serde_json::{Value, json};

use super::page::Page;
use super::until;

#[derive(Clone)]
pub struct Target<'p> {
    page: &'p Page,
    steps: Vec<Step>,
}

/// One step of the way to a target.
#[derive(Clone)]
struct Step {
    role: &'static str,
    name: Name,
}

#[derive(Clone)]
enum Name {
    Is(String),
    Contains(String),
}

impl<'p> Target<'p> {
    pub(super) fn new(page: &'p Page) -> Self {
        Self { page, steps: Vec::new() }
    }

    /// What has this role and this name, inside.
    pub fn role(&self, role: &'static str, name: &str) -> Self {
        self.step(role, Name::Is(name.into()))
    }

    /// What has this role, and this text in its name, inside.
    pub fn containing(&self, role: &'static str, text: &str) -> Self {
        self.step(role, Name::Contains(text.into()))
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

    fn step(&self, role: &'static str, name: Name) -> Self {
        let mut steps = self.steps.clone();
        steps.push(Step { role, name });
        Self { page: self.page, steps }
    }

    /// Waits until it is there.
    pub async fn expect(&self) {
        until(&self.describe(), async || self.node().await.map(drop)).await;
    }

    /// Waits until it is not there.
    pub async fn expect_gone(&self) {
        until(&format!("no {}", self.describe()), async || match self.nodes().await {
            Ok(nodes) if nodes.is_empty() => Ok(()),
            Ok(_) => Err("it is there".into()),
            Err(error) => Err(error),
        })
        .await;
    }

    /// Waits until this text can be seen in it.
    pub async fn expect_text(&self, text: &str) {
        until(&format!("the text {text:?} in {}", self.describe()), async || {
            let shown = self.try_text().await?;
            if shown.contains(text) { Ok(()) } else { Err(format!("it has {shown:?}")) }
        })
        .await;
    }

    /// Waits until its value is this one.
    pub async fn expect_value(&self, value: &str) {
        until(&format!("the value {value:?} of {}", self.describe()), async || {
            let shown = self.element().await?.prop("value").await.map_err(|error| error.to_string())?;
            if shown.as_deref() == Some(value) { Ok(()) } else { Err(format!("it is {shown:?}")) }
        })
        .await;
    }

    /// Waits until a screen reader would tell this of it, beside its name.
    pub async fn expect_description(&self, text: &str) {
        until(&format!("the description {text:?} of {}", self.describe()), async || {
            let description = self.node().await?["description"]["value"].as_str().unwrap_or_default().to_owned();
            if description.contains(text) { Ok(()) } else { Err(format!("it is {description:?}")) }
        })
        .await;
    }

    /// Waits until it has the focus of the keyboard.
    pub async fn expect_focus(&self) {
        until(&format!("the focus on {}", self.describe()), async || {
            let element = self.element().await?;
            let focused = self.page.browser.client().active_element().await.map_err(|error| error.to_string())?;
            if focused.element_id() == element.element_id() {
                return Ok(());
            }
            Err(format!("it is on {:?}", focused.html(false).await))
        })
        .await;
    }

    pub async fn text(&self) -> String {
        until(&self.describe(), async || self.try_text().await).await
    }

    /// The value of an attribute.
    pub async fn attribute(&self, name: &str) -> Option<String> {
        until(&self.describe(), async || self.element().await?.attr(name).await.map_err(|error| error.to_string()))
            .await
    }

    pub async fn click(&self) {
        until(&format!("a click on {}", self.describe()), async || {
            self.element().await?.click().await.map_err(|error| error.to_string())
        })
        .await;
    }

    /// Types into it, in place of what is there.
    pub async fn fill(&self, text: &str) {
        until(&format!("typing into {}", self.describe()), async || {
            let element = self.element().await?;
            element.clear().await.map_err(|error| error.to_string())?;
            element.send_keys(text).await.map_err(|error| error.to_string())
        })
        .await;
    }

    /// Chooses an option by what it says.
    pub async fn choose(&self, option: &str) {
        until(&format!("{option:?} of {}", self.describe()), async || {
            self.element().await?.select_by_label(option).await.map_err(|error| error.to_string())
        })
        .await;
    }

    /// How many there are now.
    pub async fn count(&self) -> usize {
        until(&self.describe(), async || self.nodes().await).await.len()
    }

    /// Waits until there are so many.
    pub async fn expect_count(&self, count: usize) {
        until(&format!("{count} of {}", self.describe()), async || {
            let there = self.nodes().await?.len();
            if there == count { Ok(()) } else { Err(format!("there are {there}")) }
        })
        .await;
    }

    async fn try_text(&self) -> Result<String, String> {
        self.element().await?.text().await.map_err(|error| error.to_string())
    }

    /// Its node in the accessibility tree. There must be one only: a person could not tell two apart.
    async fn node(&self) -> Result<Value, String> {
        let mut nodes = self.nodes().await?;
        match nodes.len() {
            0 => Err("it is not there".into()),
            1 => Ok(nodes.remove(0)),
            many => Err(format!("there are {many}")),
        }
    }

    async fn nodes(&self) -> Result<Vec<Value>, String> {
        let mut inside = vec![self.page.document().await?];
        let mut found = Vec::new();
        for step in &self.steps {
            found.clear();
            for root in &inside {
                found.extend(self.search(root, step).await?);
            }
            inside = found.iter().map(|node| node["backendDOMNodeId"].clone()).collect();
        }
        Ok(found)
    }

    async fn search(&self, root: &Value, step: &Step) -> Result<Vec<Value>, String> {
        let mut query = json!({ "backendNodeId": root, "role": step.role });
        if let Name::Is(name) = &step.name {
            query["accessibleName"] = name.as_str().into();
        }
        let answer = self.page.browser.try_devtools("Accessibility.queryAXTree", query).await?;
        let nodes = answer["nodes"].as_array().cloned().unwrap_or_default();
        let named = |node: &Value| match &step.name {
            Name::Is(_) => true,
            Name::Contains(text) => node["name"]["value"].as_str().is_some_and(|name| name.contains(text)),
        };
        let can_be_met = |node: &Value| node["ignored"] == false && node["backendDOMNodeId"] != *root;
        Ok(nodes.into_iter().filter(|node| can_be_met(node) && named(node)).collect())
    }

    /// The element of its node. The protocols know elements by different names, so the page hands it from one to the other.
    async fn element(&self) -> Result<Element, String> {
        let node = self.node().await?;
        let browser = &self.page.browser;
        let node = json!({ "backendNodeId": node["backendDOMNodeId"] });
        let object = browser.try_devtools("DOM.resolveNode", node).await?["object"]["objectId"].clone();
        let hand_over = json!({ "objectId": object, "functionDeclaration": "function() { window.handedOver = this }" });
        browser.try_devtools("Runtime.callFunctionOn", hand_over).await?;
        let take = "const element = window.handedOver; delete window.handedOver; return element";
        let element = browser.client().execute(take, vec![]).await.map_err(|error| error.to_string())?;
        let id: String = element
            .as_object()
            .and_then(|reference| reference.values().next())
            .and_then(Value::as_str)
            .ok_or("no element")?
            .into();
        Ok(Element::from_element_id(browser.client().clone(), id.into()))
    }

    fn describe(&self) -> String {
        let steps = self.steps.iter().rev().map(|step| match &step.name {
            Name::Is(name) => format!("{} {name:?}", step.role),
            Name::Contains(text) => format!("{} with {text:?}", step.role),
        });
        steps.collect::<Vec<_>>().join(" in ")
    }
}
