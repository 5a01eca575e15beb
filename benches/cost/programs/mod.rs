//! What is measured: the service, the bare probe that it is compared with, and the table that both read.

pub mod build;
pub mod table;

use std::path::{Path, PathBuf};

use dev::Program;
use table::Table;

/// A read of a code.
pub const GET: &str = include_str!("../../../events/http-api/get.json");
/// The same behind a JWT authorizer; by a REST API; and behind the Cognito authorizer of one.
pub const GET_WITH_TOKEN: &str = include_str!("../../../events/http-api-jwt/get.json");
pub const REST_GET: &str = include_str!("../../../events/rest-api/get.json");
pub const REST_GET_WITH_TOKEN: &str = include_str!("../../../events/rest-api-cognito/get.json");
/// A get-or-create for a mentor who has a code.
pub const POST: &str = include_str!("../../../events/http-api/get-or-create.json");
/// A short link that leads to the sign-up page.
pub const REDIRECT: &str = include_str!("../../../events/http-api-open/short-link.json");
/// The first page of all codes.
pub const LIST: &str = include_str!("../../../events/http-api/list.json");
/// A rotation.
pub const ROTATE: &str = include_str!("../../../events/http-api/rotate.json");

/// A get-or-create for a mentor without a code.
pub fn create() -> String {
    POST.replace("usr_4491", "usr_none")
}

/// A read of a code that another process has made a moment ago: [`super::measure::call`] names another code each time.
pub fn get_of_fresh_code() -> String {
    GET.replace("rc_8f3a21bc", &format!("rc_{ANOTHER_CODE}"))
}

/// Stands in an event for the digits of an id that no event before has named.
pub const ANOTHER_CODE: &str = "ANOTHER_CODE";

/// The programs of every run, and the table.
pub struct Programs {
    pub service: PathBuf,
    pub probe: PathBuf,
    /// The bare probe with the service's allocator.
    pub probe_with_allocator: PathBuf,
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
            probe_with_allocator: build::release("benches/cost/probes", "get_with_allocator", dir),
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
