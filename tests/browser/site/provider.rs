//! A real provider of OpenID Connect: `oidc-provider` of npm, in a process of Node.js (`provider/provider.mjs`).

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use serde_json::{Value, json};

/// A running provider. It ends when dropped, with its standard input.
pub struct Provider {
    pub issuer: String,
    pub token_origin: String,
    child: Child,
    lines: Mutex<Lines<BufReader<ChildStdout>>>,
}

impl Provider {
    pub fn start() -> Self {
        let hint = "npm install oidc-provider, and set OIDC_PROVIDER to the folder node_modules";
        assert!(std::env::var_os("OIDC_PROVIDER").is_some(), "These tests need a provider: {hint}");
        let mut child = Command::new("node")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/provider/provider.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node.js starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let origins: Value = serde_json::from_str(&lines.next().expect(hint).unwrap()).unwrap();
        let [issuer, token_origin] = ["issuer", "tokenOrigin"].map(|name| origins[name].as_str().unwrap().to_owned());
        Self { issuer, token_origin, child, lines: Mutex::new(lines) }
    }

    /// Lets people sign in for the console at this URL, with tokens that are said to live for so long.
    pub fn serve(&mut self, console: &str, seconds: u32) {
        let settings = json!({ "console": console, "seconds": seconds });
        writeln!(self.child.stdin.as_mut().unwrap(), "{settings}").unwrap();
        assert_eq!(self.lines.get_mut().unwrap().next().unwrap().unwrap(), "ready");
    }

    /// The next access token that it gives, or has given. It prints notices of its own too.
    pub fn granted_token(&self) -> String {
        let mut lines = self.lines.lock().unwrap();
        lines.find_map(|line| line.unwrap().strip_prefix("token ").map(str::to_owned)).unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
