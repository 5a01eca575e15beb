//! Where a person finds things on a page: by the roles and names that ARIA gives them, as a screen reader does, in every engine
//! alike. axe-core computes them in the page: <https://www.w3.org/TR/accname-1.2/>
//!
//! (`WebDriver` tells role and name of one element at a time, and Chromium's own protocol loses its elements whenever a page
//! loads.)

use fantoccini::elements::Element;
use serde_json::{Value, json};

use super::{Browser, Missed, axe_source};

/// One step of the way to a thing.
#[derive(Clone)]
pub enum Step {
    /// To what has this role and this name, inside. An empty name stands for any.
    Into(&'static str, String),
    /// To the innermost that has this role, around.
    Around(&'static str),
}

/// A thing on a page.
pub struct Found {
    pub element: Element,
    /// What a screen reader tells of it, beside its name.
    pub description: String,
}

/// Follows the steps from the document. What lies behind an open dialog is out of reach.
const FIND: &str = r"
    const [steps] = arguments;
    if (typeof axe === 'undefined') return null;
    const { aria, dom, text } = axe.commons;
    axe.setup(document);
    try {
        const modal = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.documentElement;
        const reach = [modal, ...modal.querySelectorAll('*')];
        let found = [document.documentElement];
        for (const [role, name] of steps) {
            const there = reach.filter((element) => aria.getRole(element) === role &&
                dom.isVisibleToScreenReaders(element) && (!name || text.accessibleText(element) === name));
            found = found.flatMap((from) => name === null
                ? there.filter((element) => element !== from && element.contains(from)).slice(-1)
                : there.filter((element) => element !== from && from.contains(element)));
        }
        const described = (element) => (element.getAttribute('aria-describedby') ?? '').split(' ')
            .map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
        return [...new Set(found)].map((element) => [element, described(element)]);
    } finally {
        axe.teardown();
    }";

impl Browser {
    /// The things to which these steps lead.
    pub async fn find(&self, steps: &[Step]) -> Result<Vec<Found>, Missed> {
        let steps = steps.iter().map(|step| match step {
            Step::Into(role, name) => json!([role, name]),
            Step::Around(role) => json!([role, null]),
        });
        let steps: Value = steps.collect();
        let mut found = self.client.execute(FIND, vec![steps.clone()]).await?;
        if found.is_null() {
            self.client.execute(&axe_source(), vec![]).await?;
            found = self.client.execute(FIND, vec![steps]).await?;
        }
        let thing = |pair: &Value| {
            let id = pair[0].as_object()?.values().next()?.as_str()?.to_owned();
            let element = Element::from_element_id(self.client.clone(), id.into());
            Some(Found { element, description: pair[1].as_str()?.to_owned() })
        };
        Ok(found.as_array().ok_or("no page")?.iter().filter_map(thing).collect())
    }
}
