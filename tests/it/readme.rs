//! The README, as a new user pastes it: its server starts, its block of commands runs, and both print what the page shows.

use std::collections::BTreeMap;
use std::process::Command;

use dev::LocalServer;

const README: &str = include_str!("../../README.md");

/// Ids, the code strings made of them, ports, times and request ids differ from run to run. Each is replaced by what it is and
/// by which one of them it is, so that what is the same in one text has to be the same in the other.
fn without_chance(text: &str) -> String {
    let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let is_word = |c: char| c.is_alphanumeric() || "_-:.".contains(c);
    let mut masked = String::new();
    for piece in text.split_inclusive(|c| !is_word(c)) {
        let word = piece.trim_end_matches(|c| !is_word(c));
        let digits = word.strip_prefix("rc_").map(|digits| digits[..4].to_uppercase());
        let kind = match word {
            _ if digits.is_some() => "id",
            _ if word.contains("-VERV-") => "code",
            _ if word.contains(':') && word.ends_with('Z') => "time",
            _ if word.starts_with("127.0.0.1:") => "address",
            _ if word.len() == 26 => "request",
            _ => "",
        };
        let suffix = digits.or_else(|| word.split_once("-VERV-").map(|(_, suffix)| suffix.to_owned()));
        let key = match (kind, suffix) {
            ("", _) => None,
            // Times may be the same or not.
            ("time" | "address" | "request", _) => Some((kind, String::new())),
            (_, suffix) => Some(("code", suffix.unwrap_or_default())),
        };
        match key {
            Some(key) => {
                let next = seen.len();
                let nth = *seen.entry(key).or_insert(next);
                masked.extend([format!("<{kind} {nth}>").as_str(), &piece[word.len()..]]);
            }
            None => masked += piece,
        }
    }
    masked
}

/// The block that follows this line.
fn block(start: &str) -> &'static str {
    let (_, rest) = README.split_once(start).unwrap_or_else(|| panic!("{start:?} is not in the README"));
    rest.split_once("\n```").unwrap().0.trim()
}

#[test]
fn readme_shows_what_its_commands_print() {
    let folder = tempfile::tempdir().unwrap();
    let command = README.lines().find_map(|line| line.trim().strip_prefix("cargo run --example local -- ")).unwrap();
    let data = folder.path().to_str().unwrap();
    let mut arguments: Vec<_> = command.split(' ').collect();
    arguments.extend(["--data", data]);
    let local = LocalServer::start(LocalServer::program(), &arguments);
    let printed = local.greeting.join("\n").replace(data, "data");
    let shown: Vec<_> = README.lines().skip_while(|line| !line.contains("Listening on")).map(str::trim).collect();
    let shown = shown.split(|line| line.is_empty()).next().unwrap().join("\n");
    assert_eq!(without_chance(&printed), without_chance(&shown));

    let commands = block("```sh\n").replace("http://127.0.0.1:3000", local.url());
    let output = Command::new("bash").args(["-euo", "pipefail", "-c", &commands]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(without_chance(printed.trim()), without_chance(block("```json\n")), "{:?}", output.stderr);
}
