//! The local server as a user runs it: a process, real HTTP, a database file that survives restarts and kills.

mod methods;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use dev::{BASE, LocalServer, Reply, create_body, openapi, rotate_body};
use serde_json::{Value, json};

/// The example's executable, in the same target directory as this test. `cargo test` builds it; `cargo test --test it` does
/// not.
fn executable() -> PathBuf {
    static BUILT: Once = Once::new();
    let here = std::env::current_exe().unwrap();
    let executable = here.parent().unwrap().parent().unwrap().join("examples/local");
    BUILT.call_once(|| {
        if !executable.exists() {
            let built = Command::new(env!("CARGO")).args(["build", "--example", "local"]).status().unwrap();
            assert!(built.success());
        }
    });
    executable
}

fn in_memory() -> LocalServer {
    LocalServer::start(&executable(), &["--memory"])
}

fn over(folder: &Path) -> LocalServer {
    LocalServer::start(&executable(), &["--data", folder.to_str().unwrap()])
}

async fn send(local: &LocalServer, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let name = method.to_owned();
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let request = reqwest::Client::new().request(method, format!("{}{BASE}{path}", local.url()));
    let path = format!("{BASE}{}", path.split('?').next().unwrap_or_default());
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()),
        None => request,
    };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    // The server adds the time.
    let headers = response.headers().iter().filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let reply = Reply { status: status.into(), headers, body: response.text().await.unwrap() };
    let described = openapi::check_reply(openapi::Request { method: &name, path: &path }, &reply);
    assert_eq!(described, Ok(()), "{name} {path}: {reply:?}");
    (status, reply.json())
}

#[tokio::test]
async fn endpoints_all_answer_over_http() {
    let local = in_memory();
    let (status, code) = send(&local, "POST", "", Some(create_body("usr_1", "org_1"))).await;
    assert_eq!(status, 201);
    let id = code["id"].as_str().unwrap();
    assert_eq!(send(&local, "GET", &format!("/{id}"), None).await, (200, code.clone()));
    assert_eq!(send(&local, "GET", &format!("/{id}/url"), None).await.1["code"], code["code"]);
    let (status, successor) = send(&local, "PUT", &format!("/{id}"), Some(rotate_body("usr_1"))).await;
    assert_eq!((status, &successor["previous_code"]), (200, &code["code"]));
    let id = successor["id"].as_str().unwrap();
    assert_eq!(send(&local, "DELETE", &format!("/{id}"), None).await.1["status"], "invalidated");
    assert_eq!(
        send(&local, "GET", "?limit=1&page=2", None).await.1["pagination"],
        json!({ "page": 2, "limit": 1, "total": 2 })
    );
}

#[tokio::test]
async fn headers_and_odd_paths_arrive_as_from_api_gateway() {
    let local = in_memory();
    let client = reqwest::Client::new();
    let url = format!("{}{BASE}", local.url());
    let made = client.post(&url).body(create_body("usr_1", "org_1").to_string()).send().await.unwrap();
    assert_eq!(made.status(), 201, "a body without a content type is JSON");
    let location = made.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with(BASE));
    assert_eq!(made.headers()["content-type"], "application/json");
    let form =
        client.post(&url).header("content-type", "application/x-www-form-urlencoded").body("a=b").send().await.unwrap();
    assert_eq!(form.status(), 415);
    assert_eq!(form.headers()["content-type"], "application/problem+json");
    let binary = client.post(&url).body(vec![0xff, 0xfe]).send().await.unwrap();
    assert_eq!(binary.status(), 400);
    for path in ["/rc_8f3a21bc%3Fx", "/%2e%2e", "/rc_8f3a21bc%20", "/%ff"] {
        assert_eq!(client.get(format!("{url}{path}")).send().await.unwrap().status(), 404, "{path}");
    }
    assert_eq!(client.get(format!("{url}?page=%20")).send().await.unwrap().status(), 400);
    assert_eq!(client.patch(&url).send().await.unwrap().headers()["allow"], "GET, HEAD, OPTIONS, POST");
}

/// The console is on unless a setting turns it off. The documentation page has all that it loads, and allows no other host.
#[tokio::test]
async fn console_and_documentation_page_are_served() {
    let local = in_memory();
    let get = async |path: &str| reqwest::get(format!("{}{path}", local.url())).await.unwrap();
    let console = get("/console").await;
    assert_eq!(
        (console.status().as_u16(), console.headers()["content-type"].as_bytes()),
        (200, &b"text/html; charset=utf-8"[..])
    );
    let page = get("/docs").await;
    assert!(
        page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self' 'unsafe-inline';")
    );
    let page = page.text().await.unwrap();
    assert!(!page.contains("://") && page.contains(r#""url":"/docs/openapi.json""#), "{page}");
    let scripts: Vec<_> = page.split("<script src=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(scripts, ["/docs/scalar.js"]);
    let script = get(scripts[0]).await;
    assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
    assert!(script.text().await.unwrap().contains("createApiReference"));
    let description: Value = serde_json::from_str(&get("/docs/openapi.json").await.text().await.unwrap()).unwrap();
    let paths: Vec<_> = description["paths"].as_object().unwrap().keys().collect();
    assert!(
        paths.iter().any(|path| *path == BASE) && !paths.iter().any(|path| path.matches(BASE).count() > 1),
        "{paths:?}"
    );
}

#[tokio::test]
async fn answered_writes_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut local = over(folder.path());
    let (_, code) = send(&local, "POST", "", Some(create_body("usr_1", "org_1"))).await;
    local.signal("-INT");
    assert!(local.wait().success(), "Ctrl-C must end the server cleanly");
    let local = over(folder.path());
    assert_eq!(send(&local, "POST", "", Some(create_body("usr_1", "org_1"))).await, (200, code));
}

/// The server is killed in the middle of writes, several times. Every write that was answered is there afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn answered_writes_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut answered: Vec<Value> = Vec::new();
    for round in 0..3 {
        let local = over(folder.path());
        let url = format!("{}{BASE}", local.url());
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let url = url.clone();
                tokio::spawn(async move {
                    let client = reqwest::Client::new();
                    let mut answered = Vec::new();
                    for nth in 0.. {
                        let body = create_body(&format!("usr_{round}_{writer}_{nth}"), "o").to_string();
                        let Ok(response) = client.post(&url).body(body).send().await else { break };
                        let Ok(text) = response.text().await else { break };
                        answered.push(serde_json::from_str(&text).unwrap());
                    }
                    answered
                })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        local.signal("-KILL");
        for writer in writers {
            answered.extend(writer.await.unwrap());
        }
    }
    assert!(answered.len() > 10, "only {} writes were answered", answered.len());
    let local = over(folder.path());
    for code in answered {
        let id = code["id"].as_str().unwrap();
        assert_eq!(send(&local, "GET", &format!("/{id}"), None).await, (200, code.clone()));
    }
}

fn startup_error(arguments: &[&str]) -> String {
    let output = Command::new(executable()).args(arguments).output().unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!message.contains("panicked") && message.lines().count() == 1, "{message}");
    message
}

#[test]
fn startup_errors_are_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert!(startup_error(&["--memory", "--port", &port]).contains(&format!("Port {port} is in use")));
    assert!(
        startup_error(&["--port", "0", "--data", "/proc/nowhere"])
            .starts_with("Cannot write in the folder /proc/nowhere")
    );
    assert!(startup_error(&["--port", "many"]).contains("--help"));
    assert!(startup_error(&["--fast"]).contains("--fast"));
}

/// Runs a command over the database in this folder, and returns the line that it prints.
fn report(folder: &Path, command: &[&str]) -> Value {
    let output = Command::new(executable()).args(["--data", folder.to_str().unwrap()]).args(command).output().unwrap();
    let (printed, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success() && printed.lines().count() == 1, "{command:?}: {printed}{errors}");
    serde_json::from_str(&printed).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_maintain_the_database_that_a_server_has_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut local = over(folder.path());
    let (_, code) = send(&local, "POST", "", Some(create_body("usr_1", "org_1"))).await;
    local.signal("-INT");
    assert!(local.wait().success(), "the upkeep in the background must not keep the server from its end");
    let sound = json!({ "maintenance": "audit", "examined": 3, "findings": [], "done": true });
    assert_eq!(report(folder.path(), &["audit"]), sound);
    let after = report(folder.path(), &["audit", "--after", "mentor#usr_1 slot"]);
    assert!(after["examined"].as_u64().unwrap() < 3, "{after}");
    assert_eq!(report(folder.path(), &["repair"])["repaired"], 0);
    assert_eq!(report(folder.path(), &["upkeep"])["done"], true);
    assert_eq!(report(folder.path(), &["rebuild", "all"])["listing"], "all");
    assert_eq!(report(folder.path(), &["rebuild", "org#org_1"])["listing"], "org#org_1");
    let local = over(folder.path());
    assert_eq!(send(&local, "POST", "", Some(create_body("usr_1", "org_1"))).await, (200, code));
}

#[tokio::test]
async fn database_is_used_by_one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let local = over(folder.path());
    for arguments in [&["audit", "--data", data][..], &["--port", "0", "--data", data]] {
        let message = startup_error(arguments);
        assert!(message.starts_with("Another process uses the database in the folder"), "{arguments:?}: {message}");
    }
    let (status, _) = send(&local, "POST", "", Some(create_body("usr_1", "org_1"))).await;
    assert_eq!(status, 201, "the server is not disturbed");
    local.signal("-KILL");
    drop(local);
    assert_eq!(report(folder.path(), &["audit"])["examined"], 3, "a killed server leaves no lock");
}

#[test]
fn command_that_cannot_be_carried_out_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    assert!(startup_error(&["audit", "--data", data]).starts_with("There is no database in the folder"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a command creates no database");
    assert!(startup_error(&["audit", "--memory"]).starts_with("A command needs a database"));
    assert!(startup_error(&["--after", "a b"]).starts_with("--after belongs to"));
    assert!(startup_error(&["rebuild", "all", "now"]).contains("now"));
    for command in [&["drop"][..], &["rebuild"], &["audit", "all"], &["upkeep", "--after", "a b"]] {
        let message = startup_error(&[command, &["--data", data]].concat());
        assert!(message.contains(r#"Send one of {"maintenance":"upkeep"}"#), "{command:?}: {message}");
    }
}

#[test]
fn help_lists_every_option() {
    let output = Command::new(executable()).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let commands = ["upkeep", "audit", "repair", "rebuild LISTING", "--after"];
    for option in ["--port", "--data", "--memory", "--dynamodb-port", "--help"].into_iter().chain(commands) {
        assert!(help.contains(option), "{option}");
    }
}
