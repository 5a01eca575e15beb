//! Commands of chromedriver that fantoccini does not have: the DevTools protocol, the logs, and an element's computed label.
//!
//! <https://chromedevtools.github.io/devtools-protocol/>

use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::{Method, Url};
use serde_json::{Value, json};

/// A command to a path below the session.
#[derive(Debug)]
pub struct Command {
    path: String,
    body: Option<Value>,
}

impl Command {
    /// A command of the DevTools protocol, such as `Emulation.setEmulatedMedia`.
    pub fn devtools(name: &str, parameters: &Value) -> Self {
        Self { path: "goog/cdp/execute".into(), body: Some(json!({ "cmd": name, "params": parameters })) }
    }

    /// Takes what has been logged since the last time: `browser` is the console, `performance` has every request.
    pub fn take_log(kind: &str) -> Self {
        Self { path: "se/log".into(), body: Some(json!({ "type": kind })) }
    }

    /// Asks for an element's name, as a screen reader tells it: <https://www.w3.org/TR/webdriver2/#get-computed-label>
    pub fn computed_label(element: &str) -> Self {
        Self { path: format!("element/{element}/computedlabel"), body: None }
    }
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        match &self.body {
            Some(body) => (Method::POST, Some(body.to_string())),
            None => (Method::GET, None),
        }
    }
}
