//! What is measured: the service, the bare probe that it is compared with, and the table that both read.

pub mod build;
pub mod table;

use std::path::{Path, PathBuf};

use dev::Program;
use table::Table;

/// A read of a code.
pub const GET: &str = include_str!("../../../events/http-api/get.json");
/// A get-or-create for a mentor who has a code.
pub const POST: &str = include_str!("../../../events/http-api/get-or-create.json");

/// The programs of every run, and the table.
pub struct Programs {
    pub service: PathBuf,
    pub probe: PathBuf,
    /// The root certificate of the table over TLS.
    pub root: PathBuf,
    table: Table,
}

impl Programs {
    /// Builds the programs that are not given, and starts the table. All files go to `dir`.
    pub async fn new(service: Option<PathBuf>, probe: Option<PathBuf>, dir: &Path) -> Self {
        let root = dir.join("root.pem");
        Self {
            service: service.unwrap_or_else(|| build::release(".", "referral-codes", dir)),
            probe: probe.unwrap_or_else(|| build::release("benches/cost/probes", "get", dir)),
            table: table::serve(&root).await,
            root,
        }
    }

    /// A program that reads the table over plain HTTP.
    pub fn plain(&self, path: &Path) -> Program {
        function(path).variable("AWS_ENDPOINT_URL_DYNAMODB", &self.table.plain)
    }

    /// A program that reads the table over TLS.
    pub fn over_tls(&self, path: &Path) -> Program {
        let root = self.root.display().to_string();
        function(path).variable("AWS_ENDPOINT_URL_DYNAMODB", &self.table.tls).variable("AWS_CA_BUNDLE", &root)
    }
}

/// A program with credentials of the length that Lambda's have, since each request is signed with them.
fn function(path: &Path) -> Program {
    Program::new(path)
        .without_stdout()
        .variable("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE")
        .variable("AWS_SESSION_TOKEN", &"IQoJb3JpZ2luX2VjEXAMPLE".repeat(16))
        .variable("TABLE_NAME", "codes")
}
