//! axe-core: checks a page against the rules of accessibility that a program can decide.
//!
//! <https://github.com/dequelabs/axe-core/blob/develop/doc/API.md>

use serde_json::Value;

use super::page::Page;
use crate::browser::{Theme, axe_source};

impl Page {
    /// The page as it is has no violation of any rule, in either theme.
    pub async fn expect_accessible(&self, what: &str) {
        for theme in [Theme::Light, Theme::Dark] {
            self.browser.theme(theme).await;
            let violations = self.violations().await;
            assert!(violations.is_empty(), "{what}, {theme:?}:\n{}", violations.join("\n"));
        }
        self.browser.theme(Theme::Light).await;
    }

    /// Each violation: the rule, what it asks for, and the elements that break it.
    async fn violations(&self) -> Vec<String> {
        if self.script("return typeof axe").await == "undefined" {
            self.script(&axe_source()).await;
        }
        // What fades in has its colours when it is there.
        let run =
            "const moving = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime < 5000);
            Promise.all(moving.map(({ finished }) => finished)).catch(() => {})
                .then(() => axe.run({ resultTypes: ['violations'] }))
                .then((result) => done(result), (error) => done(String(error)))";
        let result = self.script_with_callback(run).await;
        let rules = result["passes"].as_array().map_or(0, Vec::len);
        assert!(rules > 5, "axe has checked only {rules} rules: {result}");
        result["violations"].as_array().expect("violations").iter().map(describe).collect()
    }
}

fn describe(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    let nodes: Vec<_> = nodes.map(|node| format!("    {}\n    {}", node["html"], node["failureSummary"])).collect();
    format!("{}: {}\n{}", violation["id"], violation["help"], nodes.join("\n"))
}
