//! The default run: every program is measured, alone and with many callers, and compared with the service.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::measure::throughput;
use super::measure::times::{self, Subject};
use super::programs::{GET, POST, Programs, build, table};
use super::tables;

/// Where the service's GET over TLS is among the subjects, and the bare probe.
const SERVICE: usize = 5;
const BARE: usize = 2;

pub async fn run(programs: &Programs, dir: &Path) {
    let noop = build::release("benches/cost/probes", "noop", dir);
    let defaults = build::release("benches/cost/defaults", "cost-defaults", dir);
    let local = build::local_server(dir);
    // The SDK's defaults read the system's roots, from the file in this variable.
    let all_roots = dir.join("all-roots.pem");
    std::fs::write(&all_roots, table::with_native_roots(&programs.root)).unwrap();
    let defaults = programs.over_tls(&defaults).variable("SSL_CERT_FILE", &all_roots.display().to_string());

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
    let bar = ProgressBar::new((times::STEPS * subjects.len() + throughput::STEPS) as u64)
        .with_style(ProgressStyle::with_template("{msg:40} {bar:40} {eta}").unwrap().progress_chars("=> "));
    let rows = times::measure(&subjects, dir, &bar).await;
    let process = throughput::of_a_process(&programs.over_tls(service), GET, &bar).await;
    let [reads, writes] = throughput::of_the_local_server(&local, &bar).await;
    bar.finish_and_clear();

    tables::costs(&rows);
    tables::ratios(&rows, SERVICE);
    tables::ratios(&rows, BARE);
    tables::throughputs(&[
        ("function, GET of a code, TLS", process),
        ("local server, GET of a code", reads),
        ("local server, POST of a new code", writes),
    ]);
}
