//! The local server as a user runs it: a process, real HTTP, a database file that survives restarts and kills.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use dev::{BASE, Call, LocalServer, create_body, path};
use serde_json::{Value, json};

fn over(folder: &Path) -> LocalServer {
    LocalServer::start(LocalServer::program(), &["--data", folder.to_str().unwrap()])
}

async fn create(local: &LocalServer, status: u64) -> Value {
    local.send(Call::create("usr_1", "org_1")).await.expect(status)
}

#[tokio::test]
async fn endpoints_all_answer_over_http_as_from_api_gateway() {
    let local = LocalServer::in_memory();
    let code = create(&local, 201).await;
    assert_eq!(local.send(Call::read(&code)).await.expect(200), code);
    assert_eq!(local.send(Call::url(&code)).await.expect(200)["code"], code["code"]);
    let successor = local.send(Call::rotate(&code)).await.expect(200);
    assert_eq!(successor["previous_code"], code["code"]);
    assert_eq!(local.send(Call::invalidate(&successor)).await.expect(200)["status"], "invalidated");
    let page = local.send(Call::get(&format!("{BASE}?limit=1&page=2"))).await.expect(200);
    assert_eq!(page["pagination"], json!({ "page": 2, "limit": 1, "total": 2 }));

    let client = reqwest::Client::new();
    let url = format!("{}{BASE}", local.url());
    let post = || client.post(&url);
    let typed = |media_type: &str| post().header("content-type", media_type).body("a=b");
    for (request, status) in [
        (post().body(create_body("usr_2", "org_1").to_string()), 201),
        (typed("application/x-www-form-urlencoded"), 415),
        (post().body(vec![0xff, 0xfe]), 400),
        (client.get(format!("{url}/rc_8f3a21bc%3Fx")), 404),
        (client.get(format!("{url}/%2e%2e")), 404),
        (client.get(format!("{url}/rc_8f3a21bc%20")), 404),
        (client.get(format!("{url}/%ff")), 404),
        (client.get(format!("{url}?page=%20")), 400),
        (client.patch(&url), 405),
    ] {
        let shown = format!("{request:?}");
        assert_eq!(request.send().await.unwrap().status(), status, "{shown}");
    }
    for path in [BASE, &path(&code)] {
        let (get, body) = exchange(&local, "GET", path);
        assert!(get.contains(&format!("content-length: {}", body.len())), "{get:?}");
        assert_eq!(exchange(&local, "HEAD", path), (get, String::new()), "{path}");
    }
    let (head, body) = exchange(&local, "OPTIONS", BASE);
    assert_eq!((head[0].as_str(), body.as_str()), ("HTTP/1.1 204 No Content", ""));
    assert!(head.contains(&"allow: GET, HEAD, OPTIONS, POST".to_owned()), "{head:?}");
}

/// The head and the body of a response, as they come over the connection, where a wrong `Content-Length` is seen.
fn exchange(local: &LocalServer, method: &str, path: &str) -> (Vec<String>, String) {
    let address = local.url().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    // The time of day can differ between two responses.
    let mut lines: Vec<_> = head.lines().filter(|line| !line.starts_with("date:")).map(str::to_owned).collect();
    lines.sort();
    (lines, body.to_owned())
}

/// The console is on unless a setting turns it off. The documentation page has all that it loads, and allows no other host.
#[tokio::test]
async fn console_and_documentation_page_are_served() {
    let local = LocalServer::in_memory();
    let get = async |path: &str| {
        let response = reqwest::get(format!("{}{path}", local.url())).await.unwrap();
        let headers = response.headers().clone();
        let header = move |name: &str| headers[name].to_str().unwrap().to_owned();
        (response.status().as_u16(), header, response.text().await.unwrap())
    };
    let (status, header, _) = get("/console").await;
    assert_eq!((status, header("content-type").as_str()), (200, "text/html; charset=utf-8"));
    let (_, header, page) = get("/docs").await;
    assert!(header("content-security-policy").starts_with("default-src 'self' 'unsafe-inline';"));
    assert!(!page.contains("://") && page.contains(r#""url":"/docs/openapi.json""#), "{page}");
    let scripts: Vec<_> = page.split("<script src=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(scripts, ["/docs/scalar.js"]);
    let (_, header, script) = get(scripts[0]).await;
    assert_eq!(header("content-type"), "text/javascript; charset=utf-8");
    assert!(script.contains("createApiReference"));
    let description: Value = serde_json::from_str(&get("/docs/openapi.json").await.2).unwrap();
    assert!(description["paths"][BASE].is_object(), "{description}");
}

/// The server is killed in the middle of writes, several times. Every write that was answered is there afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn answered_writes_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut answered: Vec<Value> = Vec::new();
    for round in 0..3 {
        let local = over(folder.path());
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let url = format!("{}{BASE}", local.url());
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
        tokio::time::sleep(Duration::from_millis(400)).await;
        local.signal("-KILL");
        for writer in writers {
            answered.extend(writer.await.unwrap());
        }
    }
    assert!(answered.len() > 10, "only {} writes were answered", answered.len());
    let local = over(folder.path());
    for code in answered {
        assert_eq!(local.send(Call::read(&code)).await.expect(200), code);
    }
}

fn startup_error(arguments: &[&str]) -> String {
    let output = Command::new(LocalServer::program()).args(arguments).output().unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!message.contains("panicked") && message.lines().count() == 1, "{message}");
    message
}

#[test]
fn startup_errors_are_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let no_command = r#"Send one of {"maintenance":"upkeep"}"#;
    for (arguments, says) in [
        (&["--memory", "--port", &port][..], &*format!("Port {port} is in use")),
        (&["--port", "0", "--data", "/proc/nowhere"], "Cannot write in the folder /proc/nowhere"),
        (&["--port", "many"], "--help"),
        (&["--fast"], "--fast"),
        (&["audit", "--data", data], "There is no database in the folder"),
        (&["audit", "--memory"], "A command needs a database"),
        (&["audit", "--demo", "--data", data], "--demo belongs to the server"),
        (&["--after", "a b"], "--after belongs to"),
        (&["rebuild", "all", "now"], "now"),
        (&["drop", "--data", data], no_command),
        (&["rebuild", "--data", data], no_command),
        (&["audit", "all", "--data", data], no_command),
        (&["upkeep", "--after", "a b", "--data", data], no_command),
    ] {
        let message = startup_error(arguments);
        assert!(message.contains(says), "{arguments:?}: {message}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a command creates no database");
}

/// Runs a command over the database in this folder, and returns the line that it prints.
fn report(folder: &Path, command: &[&str]) -> Value {
    let program = LocalServer::program();
    let output = Command::new(program).args(["--data", folder.to_str().unwrap()]).args(command).output().unwrap();
    let (printed, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success() && printed.lines().count() == 1, "{command:?}: {printed}{errors}");
    serde_json::from_str(&printed).unwrap()
}

/// Ctrl-C ends a server. Commands maintain its database, and the next server answers with what is there.
#[tokio::test(flavor = "multi_thread")]
async fn commands_maintain_the_database_that_a_server_has_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut local = over(folder.path());
    let code = create(&local, 201).await;
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
    assert_eq!(create(&over(folder.path()), 200).await, code);
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
    // The server is not disturbed.
    create(&local, 201).await;
    local.signal("-KILL");
    drop(local);
    assert_eq!(report(folder.path(), &["audit"])["examined"], 3, "a killed server leaves no lock");
}

/// The same codes each time, in every state; of a database that has codes, none are added.
#[tokio::test]
async fn demo_fills_an_empty_table() {
    async fn codes(local: &LocalServer) -> Vec<Value> {
        let (mut codes, mut cursor) = (Vec::new(), Some(String::new()));
        while let Some(at) = cursor {
            let page = local.send(Call::get(&format!("{BASE}?limit=100&cursor={at}"))).await.expect(200);
            codes.extend(page["data"].as_array().unwrap().iter().cloned());
            cursor = page["pagination"]["next_cursor"].as_str().map(str::to_owned);
        }
        codes
    }
    let words = |codes: &[Value], member: &str| -> BTreeSet<String> {
        codes.iter().map(|code| code[member].as_str().unwrap().to_owned()).collect()
    };
    let folder = tempfile::tempdir().unwrap();
    let data = ["--demo", "--data", folder.path().to_str().unwrap()];
    let local = LocalServer::start(LocalServer::program(), &data);
    let made = codes(&local).await;
    assert_eq!((made.len(), words(&made, "org_id").len()), (200, 5));
    assert_eq!(words(&made, "status"), ["active", "expired", "invalidated", "rotated"].map(str::to_owned).into());
    local.signal("-KILL");
    drop(local);
    assert_eq!(codes(&LocalServer::start(LocalServer::program(), &data)).await, made);
    let again = codes(&LocalServer::start(LocalServer::program(), &["--demo", "--memory"])).await;
    assert_eq!(words(&again, "code"), words(&made, "code"));
}

#[test]
fn help_lists_every_option() {
    let output = Command::new(LocalServer::program()).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let commands = ["upkeep", "audit", "repair", "rebuild LISTING", "--after"];
    for option in ["--port", "--data", "--memory", "--demo", "--dynamodb-port", "--help"].into_iter().chain(commands) {
        assert!(help.contains(option), "{option}");
    }
}
