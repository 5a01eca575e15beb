//! The local server, for what it serves beside the service: the documentation page.

use std::process::Command;
use std::sync::OnceLock;

use dev::LocalServer;

/// A process of the local server. Its program is in the same target directory as this test, and is built if it is absent.
pub fn local_server() -> LocalServer {
    static BUILT: OnceLock<std::path::PathBuf> = OnceLock::new();
    let program = BUILT.get_or_init(|| {
        let here = std::env::current_exe().unwrap();
        let program = here.parent().unwrap().parent().unwrap().join("examples/local");
        if !program.exists() {
            let built = Command::new(env!("CARGO")).args(["build", "--locked", "--example", "local"]).status().unwrap();
            assert!(built.success(), "cargo build --example local");
        }
        program
    });
    LocalServer::start(program, &["--memory"])
}
