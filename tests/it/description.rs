//! `docs/openapi.yaml` and the service agree. Every answer of every test is held to the file (`dev::openapi`); here, every
//! answer that the file has is given once, each problem that it has by its code, and the file has the routes of the router.

use std::collections::BTreeSet;
use std::time::Duration;

use dev::openapi::{Description, Operation, PROBLEM, Request, check_reply};
use dev::{BASE, Call, Fault, Reply, TestService, rotate_body};
use referral_codes::http::{CATALOGUE, ROUTES};
use serde_json::{Value, json};

use crate::routes::paths::paths;

/// An operation, a status, and the code of a problem, or nothing for any other answer.
type Answer = (String, u64, String);

/// Sends calls, and keeps which operation gave which answer.
struct Caller {
    service: TestService,
    met: BTreeSet<Answer>,
}

impl Caller {
    fn new(service: TestService) -> Self {
        Self { service, met: BTreeSet::new() }
    }

    async fn send(&mut self, call: Call, status: u64) -> Value {
        let operations = Description::get().operations(&call.path).unwrap();
        let operation = operations.iter().find(|operation| operation.method == call.method).unwrap();
        let reply = self.service.send(call).await;
        assert_eq!(reply.status, status, "{}: {reply:?}", operation.name);
        let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let problem = if status >= 400 { body["code"].as_str().unwrap_or_default() } else { "" };
        self.met.insert((operation.name.clone(), status, problem.to_owned()));
        body
    }

    /// The answers to a body that cannot be read as what the operation takes.
    async fn send_bodies(&mut self, method: &str, path: &str) {
        let call = || Call::new(method, path).header("content-type", "application/json");
        self.send(call(), 400).await;
        self.send(call().body(&"x".repeat(17_000)), 413).await;
        self.send(Call::new(method, path).header("content-type", "text/plain").body("{}"), 415).await;
        self.send(call().body("{}"), 422).await;
    }

    async fn send_below_base(&mut self, base: &str, mentor: &str) {
        let create = |org| Call { path: base.to_owned(), ..Call::create(mentor, org) };
        let first = self.send(create("o"), 201).await;
        self.send(create("o"), 200).await;
        self.send(create("p"), 409).await;
        self.send_bodies("POST", base).await;
        self.send(Call::get(base), 200).await;
        self.send(Call::get(&format!("{base}?cursor=&limit=1")), 200).await;
        self.send(Call::get(base).header("accept", "text/csv"), 200).await;
        self.send(Call::get(&format!("{base}?page=0&limit=0&code=x")), 400).await;

        let unknown = format!("{base}/rc_00000000");
        let path = |code: &Value| format!("{base}/{}", code["id"].as_str().unwrap());
        let rotate = |path: &str, mentor: &str| Call::put(path, &rotate_body(mentor));
        self.send_bodies("PUT", &path(&first)).await;
        let second = self.send(rotate(&path(&first), mentor), 200).await;
        self.send(rotate(&path(&second), "another"), 403).await;
        let third = self.send(rotate(&path(&second), mentor), 200).await;
        self.send(rotate(&path(&first), mentor), 409).await;
        self.send(rotate(&unknown, mentor), 404).await;

        for (below, status) in [("", 200), ("/url", 200)] {
            self.send(Call::get(&format!("{}{below}", path(&third))), status).await;
            self.send(Call::get(&format!("{unknown}{below}")), 404).await;
        }
        self.send(Call::get(&path(&first)), 200).await;
        self.send(Call::get(&format!("{}/url", path(&first))), 410).await;
        self.send(Call::delete(&unknown), 404).await;
        self.send(Call::delete(&path(&first)), 409).await;
        self.send(Call::delete(&path(&third)), 200).await;

        let org = format!("closed-by-{mentor}");
        let of_closed = Call { path: base.to_owned(), ..Call::create(mentor, &org) };
        let code = self.send(of_closed.clone(), 201).await;
        let sources = self.service.sources();
        self.service.store.leaving(&sources).close(&org.parse().unwrap(), 50).await.unwrap();
        self.service.clock.advance(Duration::from_secs(60));
        self.send(rotate(&path(&code), mentor), 403).await;
        self.send(Call::delete(&path(&code)), 200).await;
        self.send(of_closed, 403).await;
    }

    /// What every operation below the base path answers under `ACCESS=jwt` to a caller who is not let in.
    async fn send_refused_tokens(&mut self) {
        let token = |scope: &str, org: &str| json!({ "sub": "s", "scope": scope, "org_id": org });
        let mut of_two_mentors = token("codes:write", "o");
        of_two_mentors["mentor_id"] = json!(["m", "n"]);
        for (operation, method, path) in requests().filter(|(_, _, path)| path.contains(BASE)) {
            let call = || Call::new(method, &path);
            self.send(call(), 401).await;
            for (claims, code) in [
                (token("openid", "o"), "insufficient_scope"),
                (token("codes:write", "no id"), "org_mismatch"),
                (of_two_mentors.clone(), "mentor_mismatch"),
            ] {
                assert_eq!(self.send(call().claims(&claims), 403).await["code"], code, "{}", operation.name);
            }
        }
    }

    async fn send_outside_base(&mut self) {
        let code = self.service.create("linked", "o").await;
        let ended = self.service.create("ended", "o").await;
        self.service.invalidate(&ended).await;
        let link = |code: &Value| format!("/r/{}", code["code"].as_str().unwrap());
        for accept in ["application/json", "text/html"] {
            let get = |path: &str| Call::get(path).header("accept", accept);
            self.send(get(&link(&code)), if accept == "text/html" { 302 } else { 200 }).await;
            self.send(get(&format!("{}.svg", link(&code))), 200).await;
            for picture in ["", ".svg"] {
                self.send(get(&format!("/r/JAN-VERV-0000{picture}")), 404).await;
                self.send(get(&format!("{}{picture}", link(&ended))), 410).await;
            }
        }
        for file in ["/openapi.yaml", "/console", "/console/console.js", "/console/console.css"] {
            let tag = self.service.send(Call::get(file)).await.headers["etag"].clone();
            self.send(Call::get(file), 200).await;
            self.send(Call::get(file).header("if-none-match", &tag), 304).await;
        }
        self.send(Call::get("/console/"), 308).await;
        self.send(Call::get("/console/absent.js"), 404).await;
    }

    /// What every operation answers to a request that is none, and when the table fails.
    async fn send_failures(&mut self) {
        for (operation, method, path) in requests() {
            let call =
                || Call::new(method, &path).json(&json!({ "mentor_id": "failing", "org_id": "o", "action": "rotate" }));
            self.send(Call { query: format!("x={}", "x".repeat(1 << 16)), ..call() }, 400).await;
            for (status, fault) in [(503, "ThrottlingException"), (500, "ResourceNotFoundException")] {
                if operation.responses.contains_key(&status) {
                    self.service.faults.plan(move |_| Some(Fault::Refused(400, fault)));
                    let problem = self.send(call(), status).await.to_string();
                    assert!(!problem.contains(fault), "the response shows internals: {problem}");
                    self.service.faults.clear_faults();
                }
            }
        }
    }
}

/// Each operation with its method and its path, of a code that is not there; below the base path in both forms.
fn requests() -> impl Iterator<Item = (&'static Operation, &'static str, String)> {
    Description::get().all().flat_map(|operation| {
        let (method, path) = operation.name.split_once(' ').unwrap();
        let path = path.replace("{id}", "rc_00000000").replace("{code}", "JAN-VERV-0000");
        let path = path.replace("{file}", "console.js");
        let doubled = path.starts_with(BASE).then(|| format!("{BASE}{path}"));
        std::iter::once(path).chain(doubled).map(move |path| (operation, method, path))
    })
}

#[tokio::test(start_paused = true)]
async fn every_answer_that_the_description_has_is_given() {
    let console = |switch| TestService::builder().in_process().setting("CONSOLE", switch);
    let mut caller = Caller::new(console("on").build().await);
    caller.send_below_base(BASE, "m").await;
    caller.send_below_base(&format!("{BASE}{BASE}"), "n").await;
    caller.send_outside_base().await;
    caller.send_failures().await;
    let mut without_console = Caller::new(console("off").build().await);
    without_console.send(Call::get("/console"), 404).await;
    caller.met.append(&mut without_console.met);
    let guarded = TestService::builder().in_process().setting("ACCESS", "jwt").setting("MENTOR_CLAIM", "mentor_id");
    let mut refused = Caller::new(guarded.build().await);
    refused.send_refused_tokens().await;
    caller.met.append(&mut refused.met);

    let described = Description::get().all().flat_map(|operation| {
        operation.responses.iter().flat_map(|(status, response)| {
            // A response that is not only a problem is also given as what else it is.
            let other = response.content.keys().any(|media_type| media_type != PROBLEM) || response.content.is_empty();
            let problems = response.problems.iter().map(String::as_str).chain(other.then_some(""));
            problems.map(|problem| (operation.name.clone(), *status, problem.to_owned()))
        })
    });
    let missing: Vec<_> = described.filter(|answer| !caller.met.contains(answer)).collect();
    assert!(missing.is_empty(), "described and never given: {missing:#?}");

    // No operation has the 405 of its path.
    let problems =
        caller.met.iter().map(|(_, status, problem)| (*status, problem.as_str())).chain([(405, "method_not_allowed")]);
    let catalogue = CATALOGUE.iter().map(|(status, code, _)| (u64::from(status.as_u16()), *code));
    let problems: BTreeSet<_> = problems.filter(|(_, problem)| !problem.is_empty()).collect();
    assert_eq!(problems, catalogue.collect());
}

#[test]
fn description_has_the_routes_of_the_router_and_no_others() {
    let described: BTreeSet<_> = Description::get().all().map(|operation| operation.name.clone()).collect();
    // The doubled form of a path comes second. The file tells of it in words only.
    let routes = ROUTES.iter().map(|route| format!("{} {}", route.method, paths(route)[0]));
    assert_eq!(described, routes.collect());
}

/// What the comparison finds: each is a way in which an answer could drift from the file, or from what it says in words only.
#[tokio::test]
async fn answer_that_differs_from_the_description_is_found() {
    let service = TestService::builder().ids(&["8f3a21bc"]).build().await;
    let old = service.create("m", "o").await;
    let new = service.rotate(&old).await;
    let (create, get_old, get_new) = (Call::create("n", "o"), Call::read(&old), Call::read(&new));
    let (list, by_cursor) = (Call::get(BASE), Call::get(&format!("{BASE}?cursor=")));
    let (unknown, old_url) = (Call::get(&format!("{BASE}/rc_00000000")), Call::url(&old));
    let check = async |call: &Call, change: &dyn Fn(&mut Reply)| {
        let mut reply = service.send(call.clone()).await;
        change(&mut reply);
        check_reply(Request { method: &call.method, path: &call.path }, &reply)
    };
    for (name, value) in [
        ("location", "/elsewhere"),
        ("x-powered-by", "x"),
        ("referrer-policy", "unsafe-url"),
        ("access-control-allow-origin", "app.org.no"),
        ("vary", "Cookie"),
        ("content-type", "text/plain"),
    ] {
        let set = |reply: &mut Reply| drop(reply.headers.insert(name.into(), value.into()));
        assert!(check(&create, &set).await.is_err(), "{name}: {value}");
    }
    for name in ["location", "x-content-type-options", "content-type"] {
        assert!(check(&create, &|reply| drop(reply.headers.remove(name))).await.is_err(), "no {name}");
    }
    assert!(check(&create, &|reply| reply.status = 202).await.is_err());
    assert!(check(&create, &|reply| reply.body.clear()).await.is_err());
    // Null stands for none.
    for (call, member, value) in [
        (&create, "/expires_at", Value::Null),
        (&create, "/secret", json!(1)),
        (&create, "/status", json!("rotated")),
        (&create, "/created_at", json!("2026-13-10T09:00:00Z")),
        (&create, "/successor_id", json!("rc_8f3a21bc")),
        (&create, "/previous_code", json!("JAN-VERV-8F3A")),
        (&list, "/pagination/next_cursor", json!("x")),
        (&by_cursor, "/pagination/total", json!(2)),
        (&get_old, "/invalidated_at", json!("2026-01-10T09:00:00Z")),
        (&get_old, "/successor_id", Value::Null),
        (&get_new, "/created_at", json!("2026-01-10T09:00:00+00:00")),
        (&Call::rotate(&old), "/previous_code", Value::Null),
        (&unknown, "/active_id", json!("rc_00000000")),
        (&unknown, "/type", json!("urn:problem-type:referral-codes:internal")),
        (&old_url, "/code_status", Value::Null),
        (&old_url, "/active_id", json!("rc_00000000")),
        (&Call::get(&format!("{BASE}?limit=0")), "/errors/0/pointer", json!("/limit")),
        (&Call::get("/elsewhere"), "/errors", json!([{ "detail": "x" }])),
    ] {
        assert_eq!(check(call, &|_| {}).await, Ok(()));
        let (parent, name) = member.rsplit_once('/').unwrap();
        let set = |reply: &mut Reply| {
            let mut body = reply.json();
            let object = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            match &value {
                Value::Null => drop(object.remove(name)),
                value => drop(object.insert(name.into(), value.clone())),
            }
            reply.body = body.to_string();
        };
        assert!(check(call, &set).await.is_err(), "{call:?} {member}: {value}");
    }
    for (method, path) in [("PATCH", BASE), ("POST", "/elsewhere")] {
        let reply = service.send(create.clone()).await;
        assert!(check_reply(Request { method, path }, &reply).is_err(), "the file does not have {method} {path}");
    }
}
