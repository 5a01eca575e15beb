//! What is measured: the service and the bare probe, and the calls to each. All are built in the release profile, as they are
//! deployed, and not in the profile of benchmarks.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dev::Program;

use super::table::{self, Table};

/// A read of a code.
const GET: &str = include_str!("../../events/http-api/get.json");
/// The same behind a JWT authorizer; by a REST API; and behind the Cognito authorizer of one.
const GET_WITH_TOKEN: &str = include_str!("../../events/http-api-jwt/get.json");
const REST_GET: &str = include_str!("../../events/rest-api/get.json");
const REST_GET_WITH_TOKEN: &str = include_str!("../../events/rest-api-cognito/get.json");
/// A get-or-create for a mentor who has a code.
const POST: &str = include_str!("../../events/http-api/get-or-create.json");
/// A short link that leads to the sign-up page.
const REDIRECT: &str = include_str!("../../events/http-api-open/short-link.json");
const LIST: &str = include_str!("../../events/http-api/list.json");
const ROTATE: &str = include_str!("../../events/http-api/rotate.json");

/// Stands in an event for the digits of an id that no event before has named.
pub const ANOTHER_CODE: &str = "ANOTHER_CODE";

/// A program, and the event that is sent to it.
pub struct Subject {
    pub name: &'static str,
    pub program: Program,
    pub event: String,
    /// Whether it opens its connection before the first event.
    pub warms_up: bool,
}

pub struct Programs {
    pub service: PathBuf,
    /// The first [`super::limits::LIMITED`] are held to limits.
    pub subjects: Vec<Subject>,
    _table: Table,
}

impl Programs {
    /// Builds the programs, and starts the table. All files go to `dir`.
    pub async fn build(dir: &Path) -> Self {
        let root = dir.join("root.pem");
        let table = table::serve(&root).await;
        let service = release(".", "referral-codes", dir);
        let [bare, with_allocator] =
            ["get", "get_with_allocator"].map(|name| release("benches/cost/probes", name, dir));
        // Credentials of the length that Lambda's have, since each request is signed with them.
        let function = |path: &Path| {
            Program::new(path)
                .without_stdout()
                .variable("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE")
                .variable("AWS_SESSION_TOKEN", &"IQoJb3JpZ2luX2VjEXAMPLE".repeat(16))
                .variable("AWS_ENDPOINT_URL_DYNAMODB", &table.url)
                .variable("AWS_CA_BUNDLE", &root.display().to_string())
                .variable("TABLE_NAME", "codes")
        };
        let probe = |name, path: &Path| Subject { name, program: function(path), event: GET.into(), warms_up: false };
        let call =
            |name, event: &str| Subject { name, program: function(&service), event: event.to_owned(), warms_up: true };
        let with_token =
            |name, event: &str| Subject { program: function(&service).variable("ACCESS", "jwt"), ..call(name, event) };
        let subjects = vec![
            probe("bare probe", &bare),
            probe("bare probe with our allocator", &with_allocator),
            call("GET of a code", GET),
            call("POST of an existing code", POST),
            call("redirect of a short link", REDIRECT),
            call("GET by a REST API", REST_GET),
            with_token("GET behind a JWT authorizer", GET_WITH_TOKEN),
            with_token("GET by a REST API, behind an authorizer", REST_GET_WITH_TOKEN),
            call("GET of a code made a moment ago", &GET.replace("rc_8f3a21bc", &format!("rc_{ANOTHER_CODE}"))),
            call("POST of a new code", &POST.replace("usr_4491", "usr_none")),
            call("PUT", ROTATE),
            call("list, page 1", LIST),
        ];
        Self { service, subjects, _table: table }
    }
}

/// Builds a package's program, and copies it to `dir`, where a later build does not replace it. The target directory is the
/// service's own: most of the probe's crates are the same.
fn release(package: &str, program: &str, dir: &Path) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--locked", "--release", "--bin", program, "--target-dir"]).arg(target);
    let built = command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(package)).status();
    assert!(built.unwrap().success(), "cannot build {program} of {package}");
    let copy = dir.join(program);
    std::fs::copy(target.join("release").join(program), &copy).unwrap();
    copy
}

pub fn size(program: &Path) -> u64 {
    std::fs::metadata(program).unwrap().len()
}

/// The size in a ZIP archive, without the few bytes of its directory: gzip uses the same method.
pub fn zipped(program: &Path) -> u64 {
    let output = Command::new("gzip").args(["-9", "-c"]).arg(program).stderr(Stdio::inherit()).output();
    let output = output.expect("gzip is needed for the size of the archive");
    assert!(output.status.success(), "gzip failed at {}", program.display());
    output.stdout.len() as u64
}
