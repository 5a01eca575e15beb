//! The other engines, which have no `DevTools` protocol: how they start, and where a person finds things in them.
//!
//! Roles and names are axe-core's, computed in the page by the rules of ARIA: <https://www.w3.org/TR/accname-1.2/>

use std::path::Path;

use fantoccini::elements::Element;
use serde_json::{Value, json};

use super::accessibility::Step;
use super::{Browser, Engine, Missed, downloads_in};

/// The steps of a person in the page. What lies behind an open dialog is out of reach.
const FIND: &str = r"
    const [steps] = arguments;
    const { aria, dom, text } = axe.commons;
    axe.setup(document);
    try {
        const modal = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.documentElement;
        const reach = [modal, ...modal.querySelectorAll('*')].filter((element) => dom.isVisibleToScreenReaders(element));
        let found = [document.documentElement];
        for (const [role, name] of steps) {
            const fits = (element) => aria.getRole(element) === role && [undefined, '', text.accessibleText(element)].includes(name);
            found = found.flatMap((from) =>
                name === null
                    ? reach.filter((element) => element !== from && element.contains(from) && aria.getRole(element) === role).slice(-1)
                    : reach.filter((element) => element !== from && from.contains(element) && fits(element)));
        }
        const described = (element) => (element.getAttribute('aria-describedby') ?? '').split(' ')
            .map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
        return [...new Set(found)].map((element) => ({ element, description: { value: described(element) } }));
    } finally {
        axe.teardown();
    }";

impl Browser {
    /// As [`Browser::find`], in any engine.
    pub(super) async fn find_in_page(&self, steps: &[Step]) -> Result<Vec<Value>, Missed> {
        if self.client.execute("return typeof axe", vec![]).await? == "undefined" {
            self.client.execute(&super::axe_source(), vec![]).await?;
        }
        let steps = steps.iter().map(|step| match step {
            Step::Into(role, name) => json!([role, name]),
            Step::Around(role) => json!([role, null]),
        });
        let found = self.client.execute(FIND, vec![steps.collect()]).await?;
        Ok(found.as_array().cloned().unwrap_or_default())
    }

    pub(super) fn element_of(&self, node: &Value) -> Option<Element> {
        let id = node["element"].as_object()?.values().next()?.as_str()?;
        Some(Element::from_element_id(self.client.clone(), id.to_owned().into()))
    }
}

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
