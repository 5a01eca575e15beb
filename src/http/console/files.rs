//! The scripts, the style sheet and the icon of the console, compiled into the program.

use std::sync::LazyLock;

use super::CACHE_CONTROL;
use crate::http::static_file::StaticFile;

/// A file is named once, here.
macro_rules! files {
    ($($name:literal: $content_type:ident,)+) => {
        static FILES: LazyLock<Vec<(&str, StaticFile)>> = LazyLock::new(|| {
            vec![$((
                $name,
                StaticFile::new(
                    include_str!(concat!("../../../templates/console/", $name)),
                    $content_type,
                    CACHE_CONTROL,
                ),
            ),)+]
        });
    };
}

/// RFC 9239.
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

files! {
    "api.js": SCRIPT,
    "changes.js": SCRIPT,
    "clipboard.js": SCRIPT,
    "console.css": STYLE,
    "dialogs.js": SCRIPT,
    "dom.js": SCRIPT,
    "export.js": SCRIPT,
    "failure.js": SCRIPT,
    "history.js": SCRIPT,
    "icon.svg": PICTURE,
    "links.js": SCRIPT,
    "list.js": SCRIPT,
    "main.js": SCRIPT,
    "menu.js": SCRIPT,
    "row.js": SCRIPT,
    "state.js": SCRIPT,
    "token.js": SCRIPT,
}

/// The file with this name.
pub(super) fn named(name: &str) -> Option<&'static StaticFile> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, file)| file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the page loads has to be in the list, and what is in the folder too.
    #[test]
    fn files_are_those_of_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/console");
        let mut found: Vec<_> = std::fs::read_dir(folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .filter(|name| name != "index.html")
            .collect();
        found.sort_unstable();
        let mut listed: Vec<_> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }
}
