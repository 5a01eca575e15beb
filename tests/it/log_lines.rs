//! A line of the log is one line and one JSON object, whatever a client sends, and so is the line of a start that fails.

use std::process::Command;

use dev::metrics::Pattern;
use dev::{BASE, Call, Kind, Reply, TestService, request_id};
use serde_json::{Value, json};

use crate::lambda_binary::{function, in_lambda};

/// What would end a text, a line or an object, and begin another one.
const HOSTILE: [&str; 5] = [
    r#"x","status":200,"level":"INFO","outcome":"created"#,
    "x\r\n{\"message\":\"request completed\",\"status\":200}\n",
    "x\"}\n{\"status\":200,\"message\":\"request completed\",\"x\":\"",
    "\\\",\"status\":200,\"x\":\"\\",
    "x\u{0}\u{1b}[2J\u{85}\u{2028}${jndi:ldap://x}%22%0a",
];

/// Calls with this text in each place that a client or its identity provider writes.
fn calls(text: &str) -> Vec<Value> {
    let mut events = Vec::new();
    let claims = json!({ "scope": "codes:admin", "sub": "usr_1" });
    for kind in [Kind::HttpApi, Kind::RestApi] {
        let mut add = |call: Call, claims: &Value| events.push(call.kind(kind).claims(claims).event());
        add(Call::new("GET", &format!("{BASE}/{text}")), &claims);
        add(Call::new("GET", &format!("/r/{text}")), &claims);
        add(Call::new(text, BASE), &claims);
        let mut call = Call::get(BASE);
        call.query = format!("code={text}&{text}=1");
        add(call, &claims);
        for header in ["user-agent", "x-forwarded-for", "accept", "origin", "authorization", "x-amzn-trace-id", "host"]
        {
            add(Call::get(BASE).header(header, text), &claims);
        }
        add(Call::post(BASE, &json!({ "mentor_id": text, "org_id": text, "mentor_name": text })), &claims);
        add(Call::new("POST", BASE).body(text), &claims);
        for claim in ["sub", "scope", "org_id", "mentor_id", "iss"] {
            let mut claims = json!({ "scope": "codes:write", "sub": "usr_1", "org_id": "o", "mentor_id": "m" });
            claims[claim] = json!(text);
            add(Call::get(BASE), &claims);
        }
    }
    events
}

/// The object in a line. A name that stands in it twice makes it longer than the object is.
fn object(line: &str) -> Value {
    let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    assert_eq!(object.to_string().len(), line.len(), "a field stands twice: {line}");
    object
}

#[tokio::test]
async fn no_text_of_a_client_breaks_or_forges_a_line() {
    let service = TestService::on_a_socket().await;
    let program = function(&service).variable("ACCESS", "jwt").variable("MENTOR_CLAIM", "mentor_id");
    let function = program.variable("CORS_ORIGINS", "https://app.org.no").start().await;
    let mut statuses = Vec::new();
    for event in HOSTILE.iter().flat_map(|text| calls(text)) {
        statuses.push(Reply::read(&function.invoke(&event).await.expect("an answer")).status);
    }
    function.kill().await;
    let lines: Vec<_> = function.lines().iter().map(|line| object(line)).collect();
    // An event that no gateway sends, since it has a line break in a header, is refused as a whole.
    let answered = ["request completed", "event refused"];
    let (answers, others): (Vec<_>, Vec<_>) =
        lines.iter().partition(|line| answered.iter().any(|message| line["message"] == *message));
    assert_eq!(answers.len(), statuses.len());
    for ((line, status), nth) in answers.iter().zip(statuses).zip(1..) {
        assert_eq!((&line["status"], &line["request_id"]), (&json!(status), &json!(request_id(nth))), "{line}");
        assert_ne!(line["outcome"], "created", "{line}");
    }
    let completed = answers.iter().filter(|line| line["message"] == "request completed").count();
    assert!(completed >= 100, "most of the events are read: {completed}");
    assert!(others.iter().all(|line| line["message"] == "panic in request"), "{others:?}");
}

/// The patterns with which the runbook searches the function's log where it speaks of a function that does not start.
fn patterns_for_a_failed_start() -> Vec<Pattern> {
    let runbook = include_str!("../../docs/runbook.md");
    let sections = runbook.split("\n### ").filter(|section| section.contains("not start"));
    let patterns =
        sections.flat_map(str::lines).filter_map(|line| line.strip_prefix("lines LogGroupName '")?.strip_suffix('\''));
    // One asks for a field of a field, which our metric filters never do.
    patterns.filter_map(|pattern| Pattern::parse(pattern).ok()).collect()
}

#[test]
fn start_that_fails_is_one_line_that_the_runbook_finds() {
    let variables = |pairs: &[(&str, &str)]| -> Command {
        let mut command = in_lambda();
        command.envs(pairs.iter().copied());
        command
    };
    for (mut command, says) in [
        (
            variables(&[("CAMPAIGN", "verv"), ("CODE_VALID_DAYS", "so\non")]),
            vec!["TABLE_NAME is not set", "CAMPAIGN is \"verv\"", "CODE_VALID_DAYS is \"so\\non\""],
        ),
        (
            variables(&[("TABLE_NAME", "codes"), ("AWS_CA_BUNDLE", "/absent\".pem")]),
            vec!["AWS_CA_BUNDLE: cannot read /absent\".pem"],
        ),
    ] {
        let output = command.output().unwrap();
        assert!(!output.status.success());
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        let log = String::from_utf8(output.stdout).unwrap();
        let [line] = log.lines().collect::<Vec<_>>()[..] else { panic!("not one line: {log}") };
        let line = object(line);
        assert_eq!((&line["level"], &line["message"]), (&json!("ERROR"), &json!("start failed")), "{line}");
        let error = line["error"].as_str().unwrap();
        assert!(says.iter().all(|told| error.contains(told)), "{error}");
        assert!(patterns_for_a_failed_start().iter().any(|pattern| pattern.matches(&line)), "{line}");
    }
}
