//! Builds the programs, and tells their sizes. The functions are built in the release profile, as they are deployed, and
//! not in the profile of benchmarks.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Cargo's target directory, shared with the service's own builds: most of the baselines' crates are the same.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Builds a package's program in the release profile, and copies it to `dir`, where a later build does not replace it.
pub fn release(package: &str, program: &str, dir: &Path) -> PathBuf {
    cargo(package, &["--release", "--bin", program]);
    copied(&target().join("release").join(program), dir)
}

fn cargo(package: &str, arguments: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(package);
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--locked", "--target-dir"]).arg(target()).args(arguments).current_dir(root);
    assert!(command.status().unwrap().success(), "cannot build {package}: {arguments:?}");
}

fn copied(program: &Path, dir: &Path) -> PathBuf {
    let copy = dir.join(program.file_name().unwrap());
    std::fs::copy(program, &copy).unwrap();
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
