//! The script, the style sheet and the icon of the console, compiled into the program.
//!
//! A browser asks for all modules of a page at once, and each request is a call of the function. An account with Lambda's
//! initial quota of ten calls at a time would refuse some of them, and the page would not start. So the modules are served as
//! one script: one after the other, without their imports and exports. All their names are in one scope then, and each is
//! declared once.
//! <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>

use std::sync::LazyLock;

use super::CACHE_CONTROL;
use crate::http::static_file::StaticFile;

macro_rules! text_of {
    ($name:literal) => {
        include_str!(concat!("../../../templates/console/", $name))
    };
}

macro_rules! modules {
    ($($name:literal,)+) => {
        /// The name and the text of each. It comes after those that it imports.
        const MODULES: &[(&str, &str)] = &[$(($name, text_of!($name)),)+];
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
    let script: String = MODULES.iter().map(|(_, module)| without_imports_and_exports(module)).collect();
    [
        ("console.js", StaticFile::new(script, "text/javascript; charset=utf-8", CACHE_CONTROL)),
        ("console.css", StaticFile::new(text_of!("console.css"), "text/css; charset=utf-8", CACHE_CONTROL)),
        ("icon.svg", StaticFile::new(text_of!("icon.svg"), "image/svg+xml", CACHE_CONTROL)),
    ]
});

/// The file with this name.
pub(super) fn named(name: &str) -> Option<&'static StaticFile> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, file)| file)
}

/// A module whose imports end with a semicolon, and whose exports are declarations, each at the start of a line.
fn without_imports_and_exports(module: &str) -> String {
    let module = format!("\n{module}");
    let mut parts = module.split("\nimport ");
    let start = parts.next().unwrap_or_default().to_owned();
    let text = parts.filter_map(|part| Some(part.split_once(';')?.1)).fold(start, |text, rest| text + rest);
    text.replace("\nexport ", "\n")[1..].to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The name that a line declares, if it does so for its whole module.
    fn declared(line: &str) -> Option<&str> {
        let line = line.strip_prefix("async ").unwrap_or(line);
        let name = ["const ", "let ", "function ", "class "].into_iter().find_map(|kind| line.strip_prefix(kind))?;
        name.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next()
    }

    #[test]
    fn modules_import_names_of_modules_before_them_and_declare_each_name_once() {
        let (mut exported, mut names) = (BTreeMap::<&str, Vec<&str>>::new(), Vec::new());
        for (name, module) in MODULES {
            for import in module.split("import {").skip(1) {
                let (imported, rest) = import.split_once("} from \"./").expect("names of a module");
                let (from, _) = rest.split_once("\";\n").expect("an import ends its line");
                for import in imported.split(',').map(str::trim).filter(|import| !import.is_empty()) {
                    assert!(
                        exported.get(from).is_some_and(|names| names.contains(&import)),
                        "{name}: {import} of {from}"
                    );
                }
            }
            let exports = module.lines().filter_map(|line| line.strip_prefix("export "));
            exported
                .insert(name, exports.map(|line| declared(line).unwrap_or_else(|| panic!("{name}: {line}"))).collect());
            let plain = without_imports_and_exports(module);
            assert!(!plain.contains("import ") && !plain.contains("import("), "{name} has another import");
            assert!(!plain.contains("\nexport "), "{name} has another export");
            names.extend(plain.lines().filter_map(declared).map(str::to_owned));
        }
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert!(names.len() == all && names.iter().all(|name| !name.is_empty()), "{names:?}");
    }
}
