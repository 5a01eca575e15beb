//! The page, the script, the style sheet and the icon of the console, compiled into the program as `build.rs` makes them.

use std::sync::LazyLock;

use super::CACHE_CONTROL;
use crate::http::static_file::{Compressed, StaticFile};

macro_rules! built {
    ($name:literal) => {
        (
            include_str!(concat!(env!("OUT_DIR"), "/", $name)),
            Compressed::new(
                include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".br")),
                include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")),
            ),
        )
    };
}

/// The files that the page loads. RFC 9239 has the type of a script.
static FILES: LazyLock<[(&str, StaticFile); 3]> = LazyLock::new(|| {
    [
        ("console.js", file(built!("console.js"), "text/javascript; charset=utf-8")),
        ("console.css", file(built!("console.css"), "text/css; charset=utf-8")),
        ("icon.svg", file(built!("icon.svg"), "image/svg+xml")),
    ]
});

const PAGE: (&str, Compressed) = built!("index.html");

/// The page, which ends with the settings that its scripts depend on.
pub(super) fn page(settings: &str) -> StaticFile {
    let (text, compressed) = PAGE;
    let whole = StaticFile::new(format!("{text}{settings}"), "text/html; charset=utf-8", CACHE_CONTROL);
    whole.compressed(compressed.with_end(settings))
}

pub(super) fn named(name: &str) -> Option<&'static StaticFile> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, file)| file)
}

fn file((text, compressed): (&'static str, Compressed), content_type: &'static str) -> StaticFile {
    StaticFile::new(text, content_type, CACHE_CONTROL).compressed(compressed)
}
