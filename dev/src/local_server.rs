//! A process of the local server (`cargo run --example local`), as a user starts it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A running local server on a free port; it is killed when dropped.
pub struct LocalServer {
    child: Child,
    url: String,
}

impl LocalServer {
    /// Starts the program with these arguments, and reads its address from the first line that it prints.
    pub fn start(program: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        let mut child = command.args(["--port", "0"]).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let greeting = lines.next().expect("a first line").unwrap();
        let url = greeting.split(' ').nth(2).unwrap().to_owned();
        // A full pipe would stop the server.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    /// Where it serves the API, without the base path.
    pub fn url(&self) -> &str {
        &self.url
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
