//! What the service costs in Lambda, cold and warm, compared with functions that do as little as possible.
//!
//! `cargo bench --bench cost` builds the release binary and the baselines, and runs each under an emulated Lambda Runtime
//! API (`dev::Function`) against a table with constant answers, over plain HTTP and over TLS. It prints
//! tables. With `--check` it only compares the service with its limits, and fails if one is exceeded (`.ci/cost-limits`).
//! `--help` lists the other options.
//!
//! Instructions and bytes are the same in each run. Times depend on this machine, so only their ratios count.
//!
//! # The map
//!
//! ```text
//! options       the command line
//! comparison    the default run: measures every program, and reports all of it
//! limits        the run with --check: the limits, and the figures that CI compares with them
//! programs/     what is measured: the builds, their sizes, and the table that they read
//! measure/      how: times, CPU and memory; instructions
//! tables        the results, in Markdown
//! probes/, defaults/    the sources of the baselines; each is a workspace of its own, with its own Cargo.lock
//! ```

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::large_futures,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a terminal"
)]

mod comparison;
mod limits;
mod measure;
mod options;
mod programs;
mod tables;

use std::process::ExitCode;

use options::{HELP, Options};
use programs::Programs;

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::read() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}. See --help.");
            return ExitCode::FAILURE;
        }
    };
    let temporary = tempfile::tempdir().unwrap();
    let dir = options.profile_dir.unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&dir).unwrap();
    let programs = Programs::new(options.service, options.probe, &dir).await;
    if !options.check {
        comparison::run(&programs, &dir).await;
        return ExitCode::SUCCESS;
    }
    if limits::check(&programs, options.deployed.as_deref(), &dir).await {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
