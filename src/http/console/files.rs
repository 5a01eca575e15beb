//! The script, the style sheet and the icon of the console, compiled into the program.

use std::sync::LazyLock;

use super::CACHE_CONTROL;
use super::script::{self, Module};
use crate::http::static_file::StaticFile;

macro_rules! text_of {
    ($name:literal) => {
        include_str!(concat!("../../../templates/console/", $name))
    };
}

macro_rules! modules {
    ($($name:literal,)+) => {
        /// Each comes after those that it imports.
        pub(super) const MODULES: &[Module] = &[$(($name, text_of!($name)),)+];
    };
}

modules! {
    "token.js",
    "api.js",
    "dom.js",
    "dialogs.js",
    "clipboard.js",
    "failure.js",
    "history.js",
    "links.js",
    "changes.js",
    "state.js",
    "export.js",
    "pages.js",
    "menu.js",
    "row.js",
    "list.js",
    "signin.js",
    "main.js",
}

/// The files that the page loads. RFC 9239 has the type of a script.
static FILES: LazyLock<[(&str, StaticFile); 3]> = LazyLock::new(|| {
    [
        ("console.js", StaticFile::new(script::of(MODULES), "text/javascript; charset=utf-8", CACHE_CONTROL)),
        ("console.css", StaticFile::new(text_of!("console.css"), "text/css; charset=utf-8", CACHE_CONTROL)),
        ("icon.svg", StaticFile::new(text_of!("icon.svg"), "image/svg+xml", CACHE_CONTROL)),
    ]
});

/// The file with this name.
pub(super) fn named(name: &str) -> Option<&'static StaticFile> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, file)| file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is in the folder is in the program.
    #[test]
    fn files_are_those_of_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/console");
        let mut found: Vec<_> = std::fs::read_dir(folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        found.sort_unstable();
        let modules = MODULES.iter().map(|(name, _)| *name);
        let mut listed: Vec<_> = modules.chain(["index.html", "console.css", "icon.svg"]).collect();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }
}
