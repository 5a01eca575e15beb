//! The browser's accessibility tree, where a screen reader finds what is on a page: by the `DevTools` protocol.
//!
//! <https://chromedevtools.github.io/devtools-protocol/tot/Accessibility/>

use fantoccini::elements::Element;
use serde_json::{Value, json};

use super::{Browser, Engine, Missed};

/// One step of the way to a node of the tree.
#[derive(Clone)]
pub enum Step {
    /// To what has this role and this name, inside. An empty name stands for any.
    Into(&'static str, String),
    /// To what has this role, around.
    Around(&'static str),
}

impl Browser {
    /// The nodes to which these steps lead from the document.
    pub async fn find(&self, steps: &[Step]) -> Result<Vec<Value>, Missed> {
        if self.engine != Engine::Chromium {
            return self.find_in_page(steps).await;
        }
        let document = self.try_devtools("DOM.getDocument", json!({ "depth": 0 })).await?;
        let mut from = vec![document["root"]["backendNodeId"].clone()];
        let mut found = Vec::new();
        for step in steps {
            found.clear();
            for node in &from {
                found.extend(self.follow(node, step).await?);
            }
            from = found.iter().map(|node| node["backendDOMNodeId"].clone()).collect();
        }
        Ok(found)
    }

    /// Where a step leads from a node. What the tree has as ignored, no person meets.
    async fn follow(&self, node: &Value, step: &Step) -> Result<Vec<Value>, Missed> {
        let mut parameters = json!({ "backendNodeId": node });
        let command = match step {
            Step::Into(role, name) => {
                parameters["role"] = (*role).into();
                if !name.is_empty() {
                    parameters["accessibleName"] = name.as_str().into();
                }
                "Accessibility.queryAXTree"
            }
            Step::Around(_) => "Accessibility.getPartialAXTree",
        };
        let answer = self.try_devtools(command, parameters).await?;
        let nodes = answer["nodes"].as_array().cloned().unwrap_or_default().into_iter();
        let nodes = nodes.filter(|found| found["ignored"] == false && found["backendDOMNodeId"] != *node);
        Ok(match step {
            Step::Into(..) => nodes.collect(),
            // The innermost comes first.
            Step::Around(role) => nodes.filter(|found| found["role"]["value"] == *role).take(1).collect(),
        })
    }

    /// The element of a node. The protocols know elements by different names, so the page hands it from one to the other.
    pub async fn element(&self, node: &Value) -> Result<Element, Missed> {
        if let Some(element) = self.element_of(node) {
            return Ok(element);
        }
        let node = json!({ "backendNodeId": node["backendDOMNodeId"] });
        let object = self.try_devtools("DOM.resolveNode", node).await?["object"]["objectId"].clone();
        let hand_over = json!({ "objectId": object, "functionDeclaration": "function() { window.handedOver = this }" });
        self.try_devtools("Runtime.callFunctionOn", hand_over).await?;
        let take = "const element = window.handedOver; delete window.handedOver; return element";
        let element = self.client.execute(take, vec![]).await?;
        let id = element.as_object().and_then(|reference| reference.values().next()).and_then(Value::as_str);
        Ok(Element::from_element_id(self.client.clone(), id.ok_or("no element")?.to_owned().into()))
    }
}
