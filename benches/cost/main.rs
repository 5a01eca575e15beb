//! What the service costs in Lambda, cold and warm, beside functions that do as little as one can.
//!
//! `cargo bench --bench cost` builds the release binary and the baselines, runs each under an emulated Lambda Runtime
//! API against a table that always gives the same answers, over plain HTTP and over TLS, prints a table and writes
//! `docs/performance.svg`; the last part of both is the local server under load. `cargo bench --bench cost -- --guard` only compares the service with its limits, and fails
//! past one (`.ci/instructions`). `--service FILE` measures a binary that is there already, and
//! `--keep DIR` leaves callgrind's files there, for `callgrind_annotate`: `callgrind.out.1` is the start, `.2` the
//! first answer, `.4` a hundred warm requests.
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
mod guard;
mod measure;
mod plot;
mod report;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use function::Program;
use indicatif::{ProgressBar, ProgressStyle};
use measure::Subject;
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

fn argument(option: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != option).nth(1)
}

/// A program that is there already, named on the command line.
fn built(option: &str) -> Option<PathBuf> {
    argument(option).map(PathBuf::from)
}

#[tokio::main]
async fn main() -> ExitCode {
    let temporary = tempfile::tempdir().unwrap();
    let dir = argument("--keep").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let root = dir.join("root.pem");
    let programs = Programs {
        service: built("--service").unwrap_or_else(|| builds::release(".", "referral-codes", &dir)),
        probe: built("--probe").unwrap_or_else(|| builds::release("benches/cost/probes", "get", &dir)),
        table: table::serve(&root).await,
        root,
    };
    if std::env::args().any(|argument| argument == "--guard") {
        let kept = guard::check(&programs, &dir).await;
        return if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    compare(&programs, &dir).await;
    ExitCode::SUCCESS
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
    let bar = ProgressBar::new((measure::STEPS * subjects.len()) as u64)
        .with_style(ProgressStyle::with_template("{msg:40} {bar:40} {eta}").unwrap().progress_chars("=> "));
    let rows = measure::rows(&subjects, dir, &bar).await;
    bar.finish_and_clear();
    report::costs(&rows);
    report::ratios(&rows, SERVICE);
    report::ratios(&rows, BARE);
    let process = growth::of_a_process(&programs.over_tls(service), GET).await;
    let [reads, writes] = growth::of_the_local_server(&local).await;
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
