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
    "words.js",
    "token.js",
    "api.js",
    "dom.js",
    "dialogs.js",
    "clipboard.js",
    "state.js",
    "find.js",
    "failure.js",
    "links.js",
    "history.js",
    "changes.js",
    "details.js",
    "export.js",
    "query.js",
    "pages.js",
    "bar.js",
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
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The name that a line declares, if it does so for its whole module.
    fn declared(line: &str) -> Option<&str> {
        let line = line.strip_prefix("async ").unwrap_or(line);
        let name = ["const ", "let ", "function ", "function* ", "class "]
            .into_iter()
            .find_map(|kind| line.strip_prefix(kind))?;
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

    /// The lines of the dictionary as `(key, [English, Bokmål])`.
    fn words() -> BTreeMap<String, [String; 2]> {
        let (_, rest) = text_of!("words.js").split_once("const WORDS = {").expect("a dictionary");
        let (entries, _) = rest.split_once("\n};").expect("its end");
        let entries: String =
            entries.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join(" ");
        let literals: Vec<_> = entries.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        let words: BTreeMap<_, _> =
            literals.chunks(3).map(|entry| (entry[0].clone(), [entry[1].clone(), entry[2].clone()])).collect();
        assert_eq!(words.len() * 3, literals.len(), "a key occurs once, with two texts");
        words
    }

    /// What stands between two marks.
    fn between<'t>(text: &'t str, from: &'t str, to: &'t str) -> impl Iterator<Item = &'t str> {
        text.split(from).skip(1).filter_map(move |rest| Some(rest.split_once(to)?.0))
    }

    #[test]
    fn every_word_is_used_and_exists_in_both_languages_with_the_same_values() {
        let words = words();
        for (key, [english, bokmal]) in &words {
            let values = |text: &str| between(text, "{", "}").map(str::to_owned).collect::<BTreeSet<_>>();
            assert!(!english.is_empty() && !bokmal.is_empty() && values(english) == values(bokmal), "{key}");
            let has_forms = english.contains('|');
            assert_eq!(has_forms, bokmal.contains('|'), "{key}: the forms for 1 and for others");
            assert!(!has_forms || english.contains("{count}"), "{key}");
        }
        let page = text_of!("index.html");
        let (modules, calls): (String, _) = (
            MODULES.iter().filter(|(name, _)| *name != "words.js").map(|(_, module)| *module).collect(),
            ["text(\"", "parts(\""],
        );
        let asked = calls.iter().flat_map(|call| between(&modules, call, "\""));
        let shown = ["data-text=\"", "data-label=\"", "data-placeholder=\""]
            .into_iter()
            .flat_map(|mark| between(page, mark, "\""));
        let unknown: Vec<_> = asked.chain(shown).filter(|key| !words.contains_key(*key)).collect();
        assert_eq!(unknown, Vec::<&str>::new(), "not in the dictionary");
        // A key that is put together, as `status.${status}` is, uses all of its kind.
        let kinds: Vec<_> = between(&modules, "(`", "${").filter(|kind| kind.ends_with('.')).collect();
        let is_used = |key: &String| {
            let quoted = format!("\"{key}\"");
            modules.contains(&quoted) || page.contains(&quoted) || kinds.iter().any(|kind| key.starts_with(kind))
        };
        let unused: Vec<_> = words.keys().filter(|key| !is_used(key)).collect();
        assert_eq!(unused, Vec::<&String>::new(), "in the dictionary only");
    }

    /// But for what is shown while no script runs, and the title until it does.
    #[test]
    fn page_and_modules_have_no_words_of_their_own() {
        let page = text_of!("index.html");
        let (start, rest) = page.split_once("<noscript>").expect("words without a script");
        let (_, end) = rest.split_once("<dialog").expect("dialogs");
        let own = [start.split_once("<svg").expect("a picture").1, end]
            .into_iter()
            .flat_map(|part| part.split('>').skip(1))
            .filter_map(|text| text.split('<').next())
            .filter(|text| text.chars().any(char::is_alphabetic));
        assert_eq!(own.collect::<Vec<_>>(), Vec::<&str>::new());
        let of_style = between(text_of!("console.css"), "content: \"", "\"").filter(|text| !text.is_empty());
        assert_eq!(of_style.collect::<Vec<_>>(), Vec::<&str>::new());
        for (name, module) in MODULES.iter().filter(|(name, _)| *name != "words.js") {
            let code: String = module.lines().filter(|line| !is_comment(line)).collect();
            let is_sentence = |text: &&str| {
                text.starts_with(char::is_uppercase) && text.contains(' ') && !text.contains(['(', ';', '$'])
            };
            let own: Vec<_> = ["\"", "`"].iter().flat_map(|quote| code.split(quote)).filter(is_sentence).collect();
            assert_eq!(own, Vec::<&str>::new(), "{name}");
        }
    }

    fn is_comment(line: &str) -> bool {
        ["//", "*", "/*"].iter().any(|start| line.trim_start().starts_with(start))
    }
}
