//! A process of the local server (`cargo run --example local`), as a user starts it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

use reqwest::{Client, Method};

use crate::lambda::{Call, Reply};
use crate::openapi;

/// A running local server on a free port; it is killed when dropped.
pub struct LocalServer {
    child: Child,
    url: String,
    /// What it has printed before the first request, to the first empty line.
    pub greeting: Vec<String>,
}

impl LocalServer {
    /// The example's program, in the same target directory as the test that asks. `cargo test` builds it; a run of one test
    /// target does not, and Cargo tells tests of no example's path.
    pub fn program() -> &'static Path {
        static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
        PROGRAM.get_or_init(|| {
            let here = std::env::current_exe().unwrap();
            let program = here.parent().unwrap().parent().unwrap().join("examples/local");
            if !program.exists() {
                let build = Command::new(env!("CARGO")).args(["build", "--locked", "--example", "local"]).status();
                assert!(build.unwrap().success(), "cargo build --example local");
            }
            program
        })
    }

    /// Starts the program with these arguments, and reads its address from what it prints.
    pub fn start(program: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        let mut child = command.args(["--port", "0"]).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let greeting: Vec<_> = lines.by_ref().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
        let url = greeting.first().expect("a first line").split(' ').nth(2).unwrap().to_owned();
        // A full pipe would stop the server.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url, greeting }
    }

    /// A server that keeps its table in memory.
    pub fn in_memory() -> Self {
        Self::start(Self::program(), &["--memory"])
    }

    /// Where it serves the API, without the base path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends a call over a connection of its own. The answer must be one that the description of the API has.
    pub async fn send(&self, call: Call) -> Reply {
        let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
        let method = Method::from_bytes(call.method.as_bytes()).unwrap();
        let mut request = Client::new().request(method, format!("{}{}{query}", self.url, call.path));
        if let Some(body) = call.body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16().into();
        // The server adds the time.
        let headers = response.headers().iter().filter(|(name, _)| *name != "date");
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let reply = Reply { status, headers, body: response.text().await.unwrap(), encoded: None };
        let described = openapi::check_reply(openapi::Request { method: &call.method, path: &call.path }, &reply);
        assert_eq!(described, Ok(()), "{} {}: {reply:?}", call.method, call.path);
        reply
    }

    /// Sends a signal, such as `-INT`.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Waits until the process has ended.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
