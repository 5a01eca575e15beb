//! Makes what the console's page loads, so that the function spends no time of a caller on it: one script of all modules,
//! and each file compressed too. `src/http/console/files.rs` has the files.
//!
//! A browser asks for all modules of a page at once, and each request is a call of the function. An account with Lambda's
//! initial quota of ten calls at a time would refuse some of them, and the page would not start. So the modules are served as
//! one script: each after those that it imports, without imports, exports and comments. All their names are in one scope then,
//! and each is declared once.
//! <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;

const FOLDER: &str = "templates/console";

fn main() {
    println!("cargo::rerun-if-changed={FOLDER}");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets it"));
    for name in ["index.html", "icon.svg"] {
        write(&out, name, &read(name));
    }
    write(&out, "console.css", &without_comments(&read("console.css")));
    let mut modules = Vec::new();
    add_after_its_imports("main.js", &mut modules);
    write(&out, "console.js", &modules.iter().map(|(_, text)| text.as_str()).collect::<String>());
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(FOLDER).join(name)).unwrap_or_else(|error| panic!("{FOLDER}/{name}: {error}"))
}

/// Adds a module, by its name and its text, unless it is there. Its imports end with a semicolon, and its exports are
/// declarations; each begins a line.
fn add_after_its_imports(name: &str, modules: &mut Vec<(String, String)>) {
    if modules.iter().any(|(known, _)| known == name) {
        return;
    }
    let text = format!("\n{}", read(name));
    let mut parts = text.split("\nimport ");
    let mut own = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (import, rest) = part.split_once(';').unwrap_or_else(|| panic!("{name}: an import without its end"));
        let (_, from) = import.split_once("\"./").unwrap_or_else(|| panic!("{name}: import {import}"));
        add_after_its_imports(from.trim_end_matches('"'), modules);
        own += rest;
    }
    modules.push((name.to_owned(), without_comments(&own.replace("\nexport ", "\n"))));
}

/// Leaves out blank lines, indentation, and comments that have their lines for themselves.
fn without_comments(text: &str) -> String {
    let mut is_comment = false;
    let lines = text.lines().map(str::trim_start).filter(|line| {
        let was_comment = is_comment;
        is_comment = (was_comment || line.starts_with("/*")) && !line.ends_with("*/");
        !(was_comment || line.is_empty() || line.starts_with("/*") || line.starts_with("//"))
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Writes a file as it is, and compressed. Each stream ends with a block of its own, so that a text can be put before that.
fn write(out: &Path, name: &str, text: &str) {
    let bytes = text.as_bytes();
    let mut brotli = CompressorWriter::new(Vec::new(), 4096, 11, 20);
    brotli.write_all(bytes).and_then(|()| brotli.flush()).expect("memory takes all bytes");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).and_then(|()| gzip.flush()).expect("memory takes all bytes");
    let gzip = gzip.finish().expect("memory takes all bytes");
    for (end, content) in [("", bytes), (".br", &brotli.into_inner()), (".gz", &gzip)] {
        fs::write(out.join(format!("{name}{end}")), content).expect("Cargo's folder takes files");
    }
}
