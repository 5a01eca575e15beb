//! One script of the console's modules.
//!
//! A browser asks for all modules of a page at once, and each request is a call of the function. An account with Lambda's
//! initial quota of ten calls at a time would refuse some of them, and the page would not start. So the modules are served as
//! one file: each in a function of its own, with its exports as the result, after those that it imports.
//!
//! It reads the subset of the language that the modules keep to, and a test holds them to it: imports of names from other
//! modules at the start of lines, exports of declarations, no import in a circle.
//! <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>

use std::fmt::Write as _;

/// A file name and the module in it.
pub(super) type Module = (&'static str, &'static str);

/// The modules as one, in an order in which each comes after those that it imports.
pub(super) fn of(modules: &[Module]) -> String {
    let mut script = String::from("// The modules of templates/console, one after the other.\nconst modules = {};\n");
    for (name, text) in modules {
        let (body, exports) = body_and_exports(text);
        let exports = exports.join(", ");
        let _ = write!(script, "\nmodules[\"{name}\"] = (() => {{\n{body}return {{ {exports} }};\n}})();\n");
    }
    script
}

/// What stands in a module, with its imports taken from the modules before it, and the names that it exports.
fn body_and_exports(text: &str) -> (String, Vec<&str>) {
    let (mut body, mut exports) = (String::new(), Vec::new());
    let mut rest = text;
    while !rest.is_empty() {
        if rest.starts_with("import ") {
            let end = rest.find(';').expect("an import ends");
            let (names, module) = import(&rest[..end]);
            let _ = write!(body, "const {names} = modules[\"{module}\"];");
            rest = &rest[end + 1..];
            continue;
        }
        let end = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let line = &rest[..end];
        let declaration = line.strip_prefix("export ").unwrap_or(line);
        if declaration.len() < line.len() {
            exports.push(declared_name(declaration));
        }
        body.push_str(declaration);
        rest = &rest[end..];
    }
    (body, exports)
}

/// The names in their braces, and the module, of `import { … } from "./….js"`.
fn import(statement: &str) -> (&str, &str) {
    let (names, module) = statement["import ".len()..].split_once(" from \"./").expect("an import of names");
    (names, module.trim_end_matches('"'))
}

/// The name that a declaration declares.
fn declared_name(declaration: &str) -> &str {
    let words = declaration.split(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '$'));
    let mut names = words.filter(|word| !["", "async", "const", "function", "class"].contains(word));
    names.next().expect("a declaration has a name")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::http::console::files::MODULES;

    #[test]
    fn module_becomes_a_function_with_its_exports() {
        let one = ("one.js", "// First.\n\nexport const ONE = 1;\nexport async function two() {}\nlet three;\n");
        let other =
            ("other.js", "import { ONE, two } from \"./one.js\";\nimport {\n    x,\n} from \"./x.js\";\ntwo(ONE);\n");
        let script = of(&[one, other]);
        let (_, modules) = script.split_once("const modules = {};\n").expect("a beginning");
        assert_eq!(
            modules,
            "\nmodules[\"one.js\"] = (() => {\n// First.\n\nconst ONE = 1;\nasync function two() {}\nlet three;\nreturn { ONE, two };\n})();\n\
             \nmodules[\"other.js\"] = (() => {\nconst { ONE, two } = modules[\"one.js\"];\nconst {\n    x,\n} = modules[\"x.js\"];\ntwo(ONE);\nreturn {  };\n})();\n"
        );
    }

    /// Each module imports what the modules before it export, and in no other form than those above.
    #[test]
    fn modules_keep_to_what_is_read_here() {
        let mut known: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, module) in MODULES {
            let text = format!("\n{module}");
            for statement in text.split("\nimport ").skip(1) {
                let statement = format!("import {}", statement.split(';').next().expect("an import"));
                let (names, module) = import(&statement);
                let names = names.strip_prefix('{').and_then(|names| names.strip_suffix('}')).expect("names in braces");
                let exported = known.get(module).unwrap_or_else(|| panic!("{name} comes before {module}"));
                for imported in names.split(',').map(str::trim).filter(|imported| !imported.is_empty()) {
                    assert!(exported.contains(&imported), "{name}: {module} does not export {imported}");
                }
            }
            for line in text.lines().filter_map(|line| line.strip_prefix("export ")) {
                // One name, which stands first: `const { a, b } =` would need a better reader than this.
                let forms = ["const ", "function ", "async function ", "class "];
                let named = forms.iter().find_map(|form| line.strip_prefix(form));
                let is_one_name = named.is_some_and(|named| named.starts_with(|first: char| first.is_alphabetic()));
                assert!(is_one_name, "{name}: {line}");
            }
            let (body, exports) = body_and_exports(module);
            assert!(!body.contains("import ") && !body.contains("import("), "{name} has another import");
            assert!(!body.contains("\nexport "), "{name} has another export");
            known.insert(name, exports);
        }
    }
}
