//! What the service costs in Lambda, cold and warm, beside functions that do as little as one can.
//!
//! `cargo bench --bench cost` builds the release binary and the baselines, runs each under an emulated Lambda Runtime
//! API against a table that always gives the same answers, over plain HTTP and over TLS, prints a table and writes
//! `docs/performance.svg`. `cargo bench --bench cost -- --guard` only compares the service with its limits, and fails
//! past one (`.ci/instructions`). `--service FILE` measures a binary that is there already, and
//! `--keep DIR` leaves callgrind's files there, for `callgrind_annotate`: `callgrind.out.1` is the start, `.2` the
//! first answer, `.4` a hundred warm requests.
//!
//! Instructions and bytes repeat; times are those of this machine, so it is their ratios that count.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a terminal"
)]

mod builds;
mod count;
mod function;
mod guard;
mod measure;
mod plot;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use function::Program;
use indicatif::{ProgressBar, ProgressStyle};
use measure::{Growth, Row};
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
    // The SDK's defaults read the system's roots, from where this variable says.
    let all_roots = dir.join("all-roots.pem");
    std::fs::write(&all_roots, table::with_native_roots(&programs.root)).unwrap();
    let mut defaults = programs.over_tls(&defaults);
    defaults.variables.push(("SSL_CERT_FILE", all_roots.display().to_string()));

    let (service, probe) = (&programs.service, &programs.probe);
    let subjects = [
        ("no-op", programs.plain(&noop), GET),
        ("one GetItem, plain HTTP", programs.plain(probe), GET),
        ("one GetItem, TLS", programs.over_tls(probe), GET),
        ("one GetItem, the SDK's defaults, TLS", defaults, GET),
        ("GET of a code, plain HTTP", programs.plain(service), GET),
        ("GET of a code, TLS", programs.over_tls(service), GET),
        ("POST of an existing code, TLS", programs.over_tls(service), POST),
    ];
    let bar = ProgressBar::new(measure::STEPS * subjects.len() as u64)
        .with_style(ProgressStyle::with_template("{msg:40} {bar:40} {eta}").unwrap().progress_chars("=> "));
    let mut rows = Vec::new();
    for (name, program, event) in subjects {
        rows.push(measure::row(name, &program, event, dir, &bar).await);
    }
    bar.finish_and_clear();
    print(&rows);
    print_ratios(&rows);
    println!("\n| events at once | requests a second | p99, ms |\n| ---: | ---: | ---: |");
    for at_once in [1, 2, 4, 8, 16] {
        let Growth { at_once, per_second, p99 } = measure::growth(&programs.over_tls(service), GET, at_once).await;
        println!("| {at_once} | {per_second:.0} | {:.2} |", p99.as_secs_f64() * 1e3);
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.svg");
    plot::draw(&rows, &rows[SERVICE], file).unwrap();
    println!("\nThe plot is in docs/performance.svg.");
}

/// Where in the table the service's GET over TLS stands, which the others are compared with.
const SERVICE: usize = 5;

fn print(rows: &[Row]) {
    println!(
        "| program | init, ms | first, ms | warm p50, µs | p90 | p99 | CPU, µs | memory, MB | binary, MB \
         | init + first, M instructions | warm, M |"
    );
    println!("| --- {}|", "| ---: ".repeat(10));
    for row in rows {
        let [p50, p90, p99] = row.warm.map(|time| time.as_micros());
        let millions =
            |figure: Option<u64>| figure.map_or("-".to_owned(), |count| format!("{:.2}", count as f64 / 1e6));
        println!(
            "| {} | {:.1} | {:.2} | {p50} | {p90} | {p99} | {} | {:.1} | {:.1} | {} | {} |",
            row.name,
            row.init.as_secs_f64() * 1e3,
            row.first.as_secs_f64() * 1e3,
            row.cpu.as_micros(),
            row.memory as f64 / 1e6,
            row.bytes as f64 / 1e6,
            millions(row.count.map(|count| count.cold())),
            millions(row.count.map(|count| count.warm)),
        );
    }
}

/// The service's GET over TLS, divided by each of the others.
fn print_ratios(rows: &[Row]) {
    println!(
        "\n| GET of a code over TLS, times | init + first, time | warm p50 | CPU | memory | binary | cold, instructions | warm |"
    );
    println!("| --- {}|", "| ---: ".repeat(7));
    let cold = |row: &Row| (row.init + row.first).as_secs_f64();
    let service = &rows[SERVICE];
    for (nth, row) in rows.iter().enumerate() {
        if nth == SERVICE {
            continue;
        }
        let counts = service.count.zip(row.count).map_or("- | -".to_owned(), |(service, other)| {
            let (cold, warm) = (service.cold() as f64 / other.cold() as f64, service.warm as f64 / other.warm as f64);
            format!("{cold:.3} | {warm:.3}")
        });
        println!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {counts} |",
            row.name,
            cold(service) / cold(row),
            service.warm[0].as_secs_f64() / row.warm[0].as_secs_f64(),
            service.cpu.as_secs_f64() / row.cpu.as_secs_f64(),
            service.memory as f64 / row.memory as f64,
            service.bytes as f64 / row.bytes as f64,
        );
    }
}
