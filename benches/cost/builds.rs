//! The programs that are measured. The functions are built as they are deployed, since the profile of a benchmark is
//! another.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Cargo's directory for what it builds, shared with the rest: most of the baselines' crates are the service's.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Builds a package's program in the release profile, and puts it into `dir`, where a later build does not replace it.
pub fn release(package: &str, program: &str, dir: &Path) -> PathBuf {
    cargo(package, &["--release", "--bin", program]);
    kept(&target().join("release").join(program), dir)
}

/// The local server in the profile of the benchmarks, whose crates are built already.
pub fn local_server(dir: &Path) -> PathBuf {
    cargo(".", &["--profile", "bench", "--example", "local"]);
    kept(&target().join("release/examples/local"), dir)
}

fn cargo(package: &str, what: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(package);
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--locked", "--target-dir"]).arg(target()).args(what).current_dir(root);
    assert!(command.status().unwrap().success(), "{what:?} cannot be built");
}

fn kept(program: &Path, dir: &Path) -> PathBuf {
    let copy = dir.join(program.file_name().unwrap());
    std::fs::copy(program, &copy).unwrap();
    copy
}

pub fn size(program: &Path) -> u64 {
    std::fs::metadata(program).unwrap().len()
}

/// The size in a ZIP archive, but for the few bytes of its directory: gzip's method is the same.
pub fn zipped(program: &Path) -> u64 {
    let output = Command::new("gzip").args(["-9", "-c"]).arg(program).stderr(Stdio::inherit()).output();
    let output = output.expect("gzip is needed for the size of the archive");
    assert!(output.status.success(), "gzip failed at {}", program.display());
    output.stdout.len() as u64
}
