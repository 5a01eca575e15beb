//! What has to be installed, and what to do if it is not.

use std::path::PathBuf;

/// Debian's name comes first; the others are those of other systems.
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

pub fn chromedriver() -> PathBuf {
    on_path(&["chromedriver"]).expect(
        "These tests need chromedriver on PATH, of the same version as Chromium: apt-get install chromium-driver",
    )
}

pub fn chromium() -> PathBuf {
    on_path(&CHROMIUM).expect("These tests need Chromium on PATH: apt-get install chromium")
}

/// The first of these names that is a file in a folder of `PATH`.
fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}
