//! The programs that are measured, each built as it is deployed: the profile of a benchmark is another.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Cargo's directory for what it builds, shared with the rest: most of the baselines' crates are the service's.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Builds a package's program in the release profile, and puts it into `dir`, where a later build does not replace it.
pub fn release(package: &str, program: &str, dir: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(package);
    let status = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--release", "--bin", program, "--target-dir"])
        .arg(target())
        .current_dir(root)
        .status()
        .unwrap();
    assert!(status.success(), "{program} cannot be built");
    let copy = dir.join(program);
    std::fs::copy(target().join("release").join(program), &copy).unwrap();
    copy
}

pub fn size(program: &Path) -> u64 {
    std::fs::metadata(program).unwrap().len()
}

/// The size in a ZIP archive, but for the few bytes of its directory; none where there is no gzip, whose method it is.
pub fn zipped(program: &Path) -> Option<u64> {
    let output = Command::new("gzip").args(["-9", "-c"]).arg(program).stderr(Stdio::inherit()).output().ok()?;
    output.status.success().then_some(output.stdout.len() as u64)
}
