//! The default run: every program is measured, and compared with the service.

use std::path::Path;

use dev::Program;
use indicatif::{ProgressBar, ProgressStyle};

use super::measure::times::{self, Subject};
use super::programs::{
    GET, GET_WITH_TOKEN, LIST, POST, Programs, REDIRECT, REST_GET, REST_GET_WITH_TOKEN, ROTATE, build, create,
    get_of_fresh_code, table,
};
use super::tables;

/// Where the service's GET over TLS is among the subjects, and the bare probe.
const SERVICE: usize = 6;
const BARE: usize = 2;

pub async fn run(programs: &Programs, dir: &Path) {
    let noop = build::release("benches/cost/probes", "noop", dir);
    let defaults = build::release("benches/cost/defaults", "cost-defaults", dir);
    // The SDK's defaults read the system's roots, from the file in this variable.
    let all_roots = dir.join("all-roots.pem");
    std::fs::write(&all_roots, table::with_native_roots(&programs.root)).unwrap();
    let defaults = programs.over_tls(&defaults).variable("SSL_CERT_FILE", &all_roots.display().to_string());

    let (service, probe) = (&programs.service, &programs.probe);
    let subject = |name, program: Program, event: &str| {
        let warms_up = program.path() == service;
        Subject { name, program, event: event.to_owned(), warms_up }
    };
    let over_tls = |name, event: &str| subject(name, programs.over_tls(service), event);
    let with_tokens = |name, event: &str| subject(name, programs.over_tls(service).variable("ACCESS", "jwt"), event);
    let subjects = [
        subject("no-op", programs.plain(&noop), GET),
        subject("one GetItem, plain HTTP", programs.plain(probe), GET),
        subject("one GetItem, TLS", programs.over_tls(probe), GET),
        subject("one GetItem, our allocator, TLS", programs.over_tls(&programs.probe_with_allocator), GET),
        subject("one GetItem, the SDK's defaults, TLS", defaults, GET),
        subject("GET of a code, plain HTTP", programs.plain(service), GET),
        over_tls("GET of a code, TLS", GET),
        with_tokens("... behind a JWT authorizer", GET_WITH_TOKEN),
        over_tls("... by a REST API", REST_GET),
        with_tokens("... by a REST API, behind an authorizer", REST_GET_WITH_TOKEN),
        over_tls("GET of a code made a moment ago", &get_of_fresh_code()),
        over_tls("redirect of a short link", REDIRECT),
        over_tls("POST of an existing code", POST),
        over_tls("POST of a new code", &create()),
        over_tls("PUT", ROTATE),
        over_tls("list, page 1", LIST),
    ];
    let bar = ProgressBar::new((times::STEPS * subjects.len()) as u64)
        .with_style(ProgressStyle::with_template("{msg:40} {bar:40} {eta}").unwrap().progress_chars("=> "));
    let rows = times::measure(&subjects, dir, &bar).await;
    bar.finish_and_clear();

    tables::costs(&rows);
    tables::ratios(&rows, SERVICE);
    tables::ratios(&rows, BARE);
}
