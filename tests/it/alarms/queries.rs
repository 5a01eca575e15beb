//! The queries for CloudWatch Logs Insights in `docs/queries`: each names fields that are in the lines, and has the form that
//! the runbook copies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::traces;

/// Fields that Lambda writes in its own lines (`platform.report`), and those that Logs Insights adds.
/// <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report>
const OF_AWS: &str = "@timestamp @message @logStream type record.metrics.durationMs record.metrics.billedDurationMs \
                      record.metrics.initDurationMs record.metrics.maxMemoryUsedMB record.metrics.memorySizeMB";

/// What is no field: commands, functions and words of the language that the queries use.
const WORDS: &str = "fields filter stats sort limit by as and or in like desc asc count sum avg max min pct bin strcontains \
                     ispresent not floor m h d";

fn is_one_of(words: &str, word: &str) -> bool {
    words.split(' ').any(|each| each == word)
}

fn queries() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/queries");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let text = |path: &Path| std::fs::read_to_string(path).unwrap();
    files.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), text(&path))).collect()
}

/// The words of a query outside of its texts and comments, without the names that it gives by `as`.
fn words(query: &str) -> BTreeSet<String> {
    let mut code = String::new();
    for line in query.lines().filter(|line| !line.trim_start().starts_with('#')) {
        // What stands in quotes is every second part.
        code.extend(line.split('"').step_by(2).flat_map(|part| [part, " "]));
        code.push('\n');
    }
    let is_part = |c: char| c.is_alphanumeric() || "@_.".contains(c);
    let words: Vec<_> = code.split(|c| !is_part(c)).filter(|word| !word.is_empty()).collect();
    let given: BTreeSet<_> = words.windows(2).filter(|pair| pair[0] == "as").map(|pair| pair[1]).collect();
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    words.iter().filter(|word| !given.contains(*word) && !is_number(word)).map(|word| (*word).to_owned()).collect()
}

/// The fields of all recorded lines, by log group.
async fn fields_in_lines() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut fields: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for line in traces::recorded().await.values().flat_map(|trace| &trace.lines) {
        let names = line.fields.as_object().into_iter().flat_map(serde_json::Map::keys);
        fields.entry(line.group).or_default().extend(names.cloned());
    }
    fields.get_mut("FunctionLogs").unwrap().extend(only_from_the_gateway());
    // Of a panic, of a repair, and of a leaving and the codes that it could not end.
    fields.get_mut("FunctionLogs").unwrap().insert("panic".to_owned());
    fields.get_mut("MaintenanceLogs").unwrap().extend(["left", "failed", "code_id"].map(String::from));
    fields
}

/// Fields of the request's line that only an event with a token, or from API Gateway itself, fills. `access::request_log` has their test.
fn only_from_the_gateway() -> [String; 4] {
    ["gateway_request_id", "subject", "org_id", "source_ip"].map(String::from)
}

#[tokio::test(start_paused = true)]
async fn queries_name_fields_that_the_lines_have() {
    let fields = fields_in_lines().await;
    let queries = queries();
    assert!(queries.len() >= 8, "{queries:?}");
    for (name, query) in queries {
        let mut lines = query.lines();
        let purpose =
            lines.next().unwrap().strip_prefix("# ").unwrap_or_else(|| panic!("{name} begins with its question"));
        assert!(purpose.ends_with('?'), "{name}: {purpose}");
        let group =
            lines.next().unwrap().strip_prefix("# Log group: ").unwrap_or_else(|| panic!("{name}: which group?"));
        let group = match group {
            "LogGroupName" => "FunctionLogs",
            "MaintenanceLogGroupName" => "MaintenanceLogs",
            "AccessLogGroupName" => "AccessLogs",
            other => panic!("{name}: no output of the stack is called {other}"),
        };
        for word in words(&query) {
            let is_known = is_one_of(OF_AWS, &word) || is_one_of(WORDS, &word);
            assert!(is_known || fields[group].contains(&word), "{name}: no line of {group} has the field {word}");
        }
    }
}

/// A table of the purpose of each query, in the page for operators.
#[test]
fn page_for_operators_lists_every_query() {
    for name in queries().keys() {
        assert!(super::OPERATION.contains(&format!("(queries/{name})")), "docs/operation.md does not list {name}");
    }
}

#[test]
fn words_of_a_query_are_its_fields() {
    let words =
        words("# of what?\nfields a, @b | filter c.d = \"e f\" and g > 5 | stats count(*) as h by bin(5m) | sort h");
    let fields: Vec<_> = words.iter().filter(|word| !is_one_of(WORDS, word)).collect();
    assert_eq!(fields, ["@b", "a", "c.d", "g"]);
}
