//! The pages for people: what they lead to is there.

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files in these folders with this ending.
fn files(folders: &[&str], ending: &str) -> Vec<PathBuf> {
    let paths = folders.iter().flat_map(|folder| std::fs::read_dir(root().join(folder)).unwrap());
    paths.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == ending)).collect()
}

/// The names of a page's headings, as links to them have them.
fn anchors(page: &Path) -> BTreeSet<String> {
    let anchor = |heading: &str| {
        let kept = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        kept.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
    };
    let text = read_to_string(page).unwrap();
    text.lines().filter(|line| line.starts_with('#')).map(anchor).collect()
}

#[test]
fn pages_name_files_and_headings_that_are_there() {
    let pages = files(&[".", "docs", "docs/adr"], "md");
    assert!(pages.len() > 20, "{pages:?}");
    for page in pages {
        let text = read_to_string(&page).unwrap();
        let links = text.split("](").skip(1).map(|rest| rest.split_once(')').unwrap().0);
        for link in links.filter(|link| !link.starts_with("https://")) {
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", page.display());
            assert!(place.is_empty() || anchors(&target).contains(place), "{}: {link}", page.display());
        }
        let is_path = |quoted: &&str| {
            ["src/", "tests/", "dev/", "benches/", "examples/", ".ci/"].iter().any(|folder| quoted.starts_with(folder))
                && !quoted.contains([' ', '*', '{', '\n'])
        };
        for path in text.split('`').filter(is_path) {
            assert!(root().join(path).exists(), "{}: {path}", page.display());
        }
    }
}

/// `docs/guarantee.md` names a test for each part of what is promised.
#[test]
fn tests_that_the_guarantee_names_are_there() {
    let page = read_to_string(root().join("docs/guarantee.md")).unwrap();
    let is_name = |name: &str| {
        name.matches('_').count() >= 3 && name.chars().all(|c| c.is_ascii_lowercase() || "_:0123456789".contains(c))
    };
    let names: Vec<_> = page.split('`').filter(|quoted| is_name(quoted)).collect();
    assert!(names.len() > 20, "{names:?}");
    let mut code = String::new();
    let mut folders = vec![root().join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                code += &read_to_string(path).unwrap();
            }
        }
    }
    for name in names {
        let function = name.rsplit("::").next().unwrap();
        assert!(code.contains(&format!("fn {function}(")), "no test is called {name}");
    }
}
