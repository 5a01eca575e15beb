//! What the service costs in Lambda, cold and warm, beside functions that do as little as one can.
//!
//! `cargo bench --bench cost` builds the release binary and the baselines, runs each under an emulated Lambda Runtime
//! API against a table that always gives the same answers, over plain HTTP and over TLS, and then the function and the
//! local server with many callers at once. It prints tables and writes `docs/performance.svg`. With `--check` it only
//! compares the service with its limits, and fails past one (`.ci/instructions`). `--help` tells the other options.
//!
//! Instructions and bytes repeat; times are those of this machine, so it is their ratios that count.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::large_futures,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a terminal"
)]

mod builds;
mod count;
mod function;
mod growth;
mod limits;
mod measure;
mod options;
mod plot;
mod report;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use function::Program;
use indicatif::{ProgressBar, ProgressStyle};
use measure::Subject;
use options::{HELP, Options};
use table::Table;

/// A read of a code.
const GET: &str = include_str!("../../events/http-api/get.json");
/// A get-or-create for a mentor who has a code.
const POST: &str = include_str!("../../events/http-api/get-or-create.json");

/// The programs, and where they find the table.
pub struct Programs {
    service: PathBuf,
    probe: PathBuf,
    table: Table,
    root: PathBuf,
}

impl Programs {
    fn plain(&self, path: &Path) -> Program {
        Program { path: path.to_owned(), variables: vec![("AWS_ENDPOINT_URL_DYNAMODB", self.table.plain.clone())] }
    }

    fn over_tls(&self, path: &Path) -> Program {
        let root = self.root.display().to_string();
        let variables = vec![("AWS_ENDPOINT_URL_DYNAMODB", self.table.tls.clone()), ("AWS_CA_BUNDLE", root)];
        Program { path: path.to_owned(), variables }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match Options::read() {
        Ok(None) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Ok(Some(options)) => run(options).await,
        Err(why) => {
            eprintln!("{why}. See --help.");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> ExitCode {
    let temporary = tempfile::tempdir().unwrap();
    let dir = options.profile_dir.unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&dir).unwrap();
    let root = dir.join("root.pem");
    let programs = Programs {
        service: options.service.unwrap_or_else(|| builds::release(".", "referral-codes", &dir)),
        probe: options.probe.unwrap_or_else(|| builds::release("benches/cost/probes", "get", &dir)),
        table: table::serve(&root).await,
        root,
    };
    if !options.check {
        compare(&programs, &dir).await;
        return ExitCode::SUCCESS;
    }
    if limits::check(&programs, options.deployed.as_deref(), &dir).await {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The whole table, and the plot.
async fn compare(programs: &Programs, dir: &Path) {
    let noop = builds::release("benches/cost/probes", "noop", dir);
    let defaults = builds::release("benches/cost/defaults", "cost-defaults", dir);
    let local = builds::local_server(dir);
    // The SDK's defaults read the system's roots, from where this variable says.
    let all_roots = dir.join("all-roots.pem");
    std::fs::write(&all_roots, table::with_native_roots(&programs.root)).unwrap();
    let mut defaults = programs.over_tls(&defaults);
    defaults.variables.push(("SSL_CERT_FILE", all_roots.display().to_string()));

    let (service, probe) = (&programs.service, &programs.probe);
    let subject = |name, program, event| Subject { name, program, event };
    let subjects = [
        subject("no-op", programs.plain(&noop), GET),
        subject("one GetItem, plain HTTP", programs.plain(probe), GET),
        subject("one GetItem, TLS", programs.over_tls(probe), GET),
        subject("one GetItem, the SDK's defaults, TLS", defaults, GET),
        subject("GET of a code, plain HTTP", programs.plain(service), GET),
        subject("GET of a code, TLS", programs.over_tls(service), GET),
        subject("POST of an existing code, TLS", programs.over_tls(service), POST),
    ];
    let bar = ProgressBar::new((measure::STEPS * subjects.len() + growth::STEPS) as u64)
        .with_style(ProgressStyle::with_template("{msg:40} {bar:40} {eta}").unwrap().progress_chars("=> "));
    let rows = measure::rows(&subjects, dir, &bar).await;
    let process = growth::of_a_process(&programs.over_tls(service), GET, &bar).await;
    let [reads, writes] = growth::of_the_local_server(&local, &bar).await;
    bar.finish_and_clear();
    report::costs(&rows);
    report::ratios(&rows, SERVICE);
    report::ratios(&rows, BARE);
    let growths = [
        ("function, GET of a code, TLS", process),
        ("local server, GET of a code", reads),
        ("local server, POST of a new code", writes),
    ];
    report::growths(&growths);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.svg");
    plot::draw(&rows, &rows[SERVICE], &growths, file).unwrap();
    println!("\nThe plot is in docs/performance.svg.");
}

/// Where in the table the service's GET over TLS stands, and the bare probe.
const SERVICE: usize = 5;
const BARE: usize = 2;
