//! The files of the console as they stand in `templates/console`: modules that fit together in one script, and words in two
//! languages.

use std::collections::{BTreeMap, BTreeSet};

use dev::{Call, TestService};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/console");

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{name}")).unwrap()
}

/// The name and the text of each module.
fn modules() -> Vec<(String, String)> {
    let names = std::fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name.split_once('.').is_some_and(|(_, end)| end == "js"))
        .map(|name| (name.clone(), file(&name)))
        .collect()
}

/// The name that a line declares, if it does so for its whole module.
fn declared(line: &str) -> Option<&str> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let name =
        ["const ", "let ", "function ", "function* ", "class "].into_iter().find_map(|kind| line.strip_prefix(kind))?;
    name.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next()
}

/// A visit takes few calls of the function if all modules are one file. Then all their names are in one scope.
#[tokio::test]
async fn script_has_every_module_after_those_that_it_imports_and_each_name_once() {
    let service = TestService::builder().setting("CONSOLE", "on").build().await;
    let script = "\n".to_owned() + &service.send(Call::get("/console/console.js")).await.body;
    for foreign in ["\nimport ", "import(", "\nexport ", "\n//", "\n/*", "\n\n"] {
        assert!(!script.contains(foreign), "the script has {foreign:?}");
    }
    let place = |line: &str| {
        let line = line.strip_prefix("export ").unwrap_or(line);
        script.find(&format!("\n{line}\n")).unwrap_or_else(|| panic!("the script has no {line}"))
    };
    let mut all = Vec::new();
    for (module, text) in modules() {
        let own: Vec<_> = text.lines().filter(|line| declared(line).is_some()).collect();
        let first = own.iter().map(|line| place(line)).min();
        for import in text.split("import {").skip(1) {
            let (imported, from) = import.split_once("} from \"./").expect("names of a module");
            let exporting = file(from.split_once('"').expect("a name").0);
            for import in imported.split(',').map(str::trim).filter(|import| !import.is_empty()) {
                let mut exports = exporting.lines().filter(|line| line.starts_with("export "));
                let export = exports.find(|line| declared(line) == Some(import));
                let export = export.unwrap_or_else(|| panic!("{module}: {import} is no export of {from}"));
                assert!(first.is_none_or(|first| place(export) < first), "{module} stands before {import}");
            }
        }
        all.extend(own.into_iter().filter_map(declared).map(str::to_owned));
    }
    all.sort_unstable();
    assert!(all.len() > 100 && all.windows(2).all(|pair| pair[0] != pair[1]), "{all:?}");
}

/// The lines of the dictionary as `(key, [English, Bokmål])`.
fn words() -> BTreeMap<String, [String; 2]> {
    let text = file("words.js");
    let (_, rest) = text.split_once("const WORDS = {").expect("a dictionary");
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
    let page = &file("index.html");
    let modules: String = modules().into_iter().filter(|(name, _)| name != "words.js").map(|(_, text)| text).collect();
    let asked = ["text(\"", "parts(\""].iter().flat_map(|call| between(&modules, call, "\""));
    let shown =
        ["data-text=\"", "data-label=\"", "data-placeholder=\""].into_iter().flat_map(|mark| between(page, mark, "\""));
    let unknown: Vec<_> = asked.chain(shown).filter(|key| key.contains('.') && !words.contains_key(*key)).collect();
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
    let page = file("index.html");
    let (start, rest) = page.split_once("<noscript>").expect("words without a script");
    let (_, end) = rest.split_once("<dialog").expect("dialogs");
    let own = [start.split_once("<svg").expect("a picture").1, end]
        .into_iter()
        .flat_map(|part| part.split('>').skip(1))
        .filter_map(|text| text.split('<').next())
        .filter(|text| text.chars().any(char::is_alphabetic));
    assert_eq!(own.collect::<Vec<_>>(), Vec::<&str>::new());
    let style = file("console.css");
    let of_style = between(&style, "content: \"", "\"").filter(|text| !text.is_empty());
    assert_eq!(of_style.collect::<Vec<_>>(), Vec::<&str>::new());
    for (name, module) in modules().into_iter().filter(|(name, _)| name != "words.js") {
        let code: String = module.lines().filter(|line| !is_comment(line)).collect();
        let is_sentence =
            |text: &&str| text.starts_with(char::is_uppercase) && text.contains(' ') && !text.contains(['(', ';', '$']);
        let own: Vec<_> = ["\"", "`"].iter().flat_map(|quote| code.split(quote)).filter(is_sentence).collect();
        assert_eq!(own, Vec::<&str>::new(), "{name}");
    }
}

fn is_comment(line: &str) -> bool {
    ["//", "*", "/*"].iter().any(|start| line.trim_start().starts_with(start))
}
