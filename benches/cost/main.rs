//! What the service costs in Lambda, cold and warm, compared with a function that does as little as possible.
//!
//! `cargo bench --bench cost` builds the release binary and the bare probe, and runs both under an emulated Lambda Runtime API
//! (`dev::Function`) against a table with constant answers, over TLS. It prints a table. With `--check` it only compares
//! the service with its limits, and fails if one is exceeded (`.ci/cost-limits`). `--help` lists the other options.
//!
//! Instructions and bytes are the same in each run. Times depend on this machine, so only their ratios count.
//!
//! # The map
//!
//! ```text
//! limits        the run with --check: the limits, and the figures that CI compares with them
//! times         the other run: times, CPU and memory of every call
//! instructions  as callgrind counts them
//! programs      what is measured: the builds, and the calls to each
//! table         what they read
//! probes/       the source of the bare probe: a workspace of its own, with its own Cargo.lock
//! ```

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::large_futures,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a terminal"
)]

mod instructions;
mod limits;
mod programs;
mod table;
mod times;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use lexopt::prelude::*;
use programs::Programs;

const HELP: &str = "\
What the service costs in Lambda, cold and warm, compared with a function that does as little as possible.

Usage: cargo bench --bench cost -- [options]

  --check           only compare the service with its limits, and fail if one is exceeded
  --deployed FILE   with --check: compare the size of this binary with the limits too
  --profile-dir DIR keep callgrind's files in this folder, for callgrind_annotate: callgrind.out.1 is the start, .2 the
                    first answer, .4 a hundred warm requests
  -h, --help        print this

Without --check it takes some minutes besides the builds. Valgrind counts the instructions.
";

#[tokio::main]
async fn main() -> Result<ExitCode, lexopt::Error> {
    let (mut checks, mut deployed, mut profile_dir) = (false, None::<PathBuf>, None::<PathBuf>);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            // Cargo passes it to every benchmark.
            Long("bench") => {}
            Long("check") => checks = true,
            Long("deployed") => deployed = Some(arguments.value()?.into()),
            Long("profile-dir") => profile_dir = Some(arguments.value()?.into()),
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected()),
        }
    }
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Err("valgrind counts the instructions: install it (on Debian, apt-get install valgrind)".into());
    }
    let temporary = tempfile::tempdir().unwrap();
    let dir = profile_dir.unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&dir).unwrap();
    let programs = Programs::build(&dir).await;
    if checks && !limits::check(&programs, deployed.as_deref(), &dir).await {
        return Ok(ExitCode::FAILURE);
    }
    if !checks {
        times::compare(&programs, &dir).await;
    }
    Ok(ExitCode::SUCCESS)
}
