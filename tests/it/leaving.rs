//! An organisation leaves, or some of its mentors do.

use std::collections::BTreeSet;
use std::iter;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{Call, Fault, TestService, audit, simulated};
use referral_codes::commands::{CommandError, Maintenance, Report};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::audit_and_repair::table::{dump, restore};
use crate::linearizability::maintained::{run, upkeep};

async fn leave(service: &TestService, more: Value) -> Value {
    let mut command = json!({ "maintenance": "leave", "org_id": "o" });
    command.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!(run(service, &command).await.unwrap())
}

async fn end(service: &TestService) -> Value {
    leave(service, json!({ "action": "end" })).await
}

fn closed(mentor: &str) -> Call {
    Call::create(mentor, "o")
}

#[tokio::test(start_paused = true)]
async fn closed_organisation_gets_no_codes_and_its_codes_have_ended_as_by_delete() {
    let service = TestService::builder().in_process().build().await;
    let codes = [service.create("a", "o").await, service.create("b", "o").await];
    let rotated = service.rotate(&codes[1]).await;
    let foreign = service.create("c", "p").await;
    let ids = |codes: &[&Value]| codes.iter().map(|code| code["id"].clone()).collect::<Vec<_>>();
    let counted = leave(&service, json!({})).await;
    let expected = ids(&[&codes[0], &rotated]);
    let report = |action: &str| json!({ "maintenance": "leave", "org_id": "o", "action": action, "count": 2, "codes": expected, "failed": 0, "done": true });
    assert_eq!(counted, report("count"));
    assert_eq!(service.read(&codes[0]).await["status"], "active");

    service.clock.advance(Duration::from_secs(60));
    assert_eq!(end(&service).await, report("end"));
    let ended = service.invalidate(&codes[0]).await;
    assert_eq!(ended["invalidated_at"], service.clock.text());
    assert_eq!(service.read(&rotated).await["status"], "invalidated");
    assert_eq!(service.read(&foreign).await["status"], "active");
    service.send(closed("a")).await.expect_problem(403, "org_closed");
    service.send(closed("new")).await.expect_problem(403, "org_closed");
    let expired = closed("new").with("expires_at", "2020-01-01T00:00:00Z");
    service.send(expired).await.expect_problem(403, "org_closed");
    service.send(closed("c")).await.expect_problem(409, "mentor_in_other_org");
    service.create("a", "p").await;
    audit(&service).await.unwrap();

    let again = end(&service).await;
    assert_eq!((&again["count"], &again["done"]), (&json!(0), &json!(true)));
    leave(&service, json!({ "action": "reopen" })).await;
    service.create("new", "o").await;
    // The upkeep finds it open, and has nothing more to do.
    upkeep(&service).await;
}

/// What a call does that needs no new code, in an organisation whose codes have not ended yet.
#[tokio::test(start_paused = true)]
async fn closed_organisation_s_active_codes_are_answered_and_not_rotated() {
    let service = TestService::builder().in_process().build().await;
    let code = service.create("a", "o").await;
    let successor = service.rotate(&code).await;
    service.store.leaving(&service.sources()).close(&"o".parse().unwrap(), 50).await.unwrap();
    let other = service.other_process().await;
    assert_eq!(other.send(closed("a")).await.expect(200)["id"], successor["id"]);
    assert_eq!(other.rotate(&code).await["id"], successor["id"], "a repeated PUT");
    other.send(Call::rotate(&successor)).await.expect_problem(403, "org_closed");
    other.invalidate(&successor).await;
    other.send(closed("a")).await.expect_problem(403, "org_closed");
    // The process that has made codes for it remembers it as open for a minute, and no longer.
    service.create("b", "o").await;
    service.clock.advance(Duration::from_secs(60));
    service.send(closed("d")).await.expect_problem(403, "org_closed");
}

/// A create reads the slot, and then that the organisation is closed. In between another process has made the code.
#[test]
fn refusal_of_a_closed_organisation_is_never_older_than_its_read_of_the_slot() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let slow = service.other_process().await;
        slow.faults.latency(Duration::from_millis(10));
        let task = tokio::spawn(async move { slow.send(closed("a")).await });
        sleep(Duration::from_millis(15)).await;
        let made = service.create("a", "o").await;
        service.store.leaving(&service.sources()).close(&"o".parse().unwrap(), 50).await.unwrap();
        assert_eq!(task.await.unwrap().expect(200)["id"], made["id"]);
    });
}

#[tokio::test(start_paused = true)]
async fn codes_end_at_the_rate_that_the_command_sets_and_go_on_from_its_cursor() {
    let service = TestService::builder().in_process().build().await;
    let mut left = BTreeSet::new();
    for nth in 0..30 {
        service.clock.advance(Duration::from_secs(1));
        left.insert(service.create(&format!("m{nth}"), "o").await["id"].as_str().unwrap().to_owned());
    }
    service.clock.advance(Duration::from_secs(60));
    let maintenance = Maintenance::new(service.store.clone(), service.sources());
    let mut command = json!({ "maintenance": "leave", "org_id": "o", "action": "end", "per_second": 2 });
    let mut runs = 0;
    loop {
        runs += 1;
        let started = Instant::now();
        // The first run waits until the organisation is closed for all processes.
        let time = Duration::from_secs(if runs == 1 { 84 } else { 4 });
        let report = json!(maintenance.run(&command.to_string(), time, "test").await.unwrap());
        let seconds = started.elapsed().as_secs_f64() - if runs == 1 { 80.0 } else { 0.0 };
        let ended = report["codes"].as_array().unwrap();
        assert!(seconds < 4.5 && ended.len() <= 10, "{seconds}: {report}");
        for id in ended {
            assert!(left.remove(id.as_str().unwrap()), "ended twice: {id}");
        }
        if report["done"] == true {
            break;
        }
        command["after"] = report["next"].clone();
        // The table's clock stands still.
        service.clock.advance(Duration::from_secs(80));
    }
    assert!(left.is_empty() && (4..12).contains(&runs), "{left:?} after {runs}");
}

#[tokio::test(start_paused = true)]
async fn mentors_leave_and_the_organisation_stays_open() {
    let service = TestService::builder().in_process().build().await;
    let [stays, goes] = [service.create("stays", "o").await, service.create("goes", "o").await];
    let foreign = service.create("moved", "p").await;
    let mentors = json!({ "mentors": ["goes", "moved", "unknown"] });
    assert_eq!(leave(&service, mentors.clone()).await["codes"], json!([goes["id"]]));
    let mut ending = mentors;
    ending["action"] = json!("end");
    assert_eq!(leave(&service, ending).await["codes"], json!([goes["id"]]));
    assert_eq!(service.read(&goes).await["status"], "invalidated");
    for code in [stays, foreign] {
        assert_eq!(service.read(&code).await["status"], "active");
    }
    service.create("goes", "o").await;
}

/// A create whose request arrives after all codes have ended makes an active one: the upkeep ends it, when it can be the last.
#[test]
fn code_that_a_late_request_makes_is_ended_by_the_upkeep() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let slow = service.other_process().await;
        let only_the_first_arrives = iter::once(Fault::MINUTES_LATE).chain(iter::repeat(Fault::RequestLost));
        slow.faults.fail_next("TransactWriteItems", only_the_first_arrives);
        slow.send(closed("late")).await.expect_problem(503, "unavailable");
        assert_eq!(end(&service).await["count"], 0);
        sleep(Duration::from_secs(13 * 60)).await;
        let active = async || service.list("?org_id=o&status=active").await["pagination"]["total"].clone();
        service.clock.advance(Duration::from_secs(13 * 60));
        upkeep(&service).await;
        assert_eq!(active().await, 1);
        service.clock.advance(Duration::from_secs(40 * 60));
        upkeep(&service).await;
        assert_eq!(active().await, 0);
    });
}

/// A close and a reopening arrive a second time, minutes later. Meanwhile the organisation was opened, or closed, again.
#[test]
fn late_duplicate_changes_nothing_any_more() {
    for [first, second] in [["end", "reopen"], ["reopen", "end"]] {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            if first == "reopen" {
                end(&service).await;
            }
            let operator = service.other_process().await;
            let mut is_first = true;
            operator.faults.plan(move |recorded| {
                let is_write = matches!(recorded.operation.as_str(), "TransactWriteItems" | "UpdateItem");
                (is_write && std::mem::take(&mut is_first)).then_some(Fault::MINUTES_LATE)
            });
            leave(&operator, json!({ "action": first })).await;
            leave(&service, json!({ "action": second })).await;
            sleep(Duration::from_secs(13 * 60)).await;
            let expected = if second == "end" { 403 } else { 201 };
            assert_eq!(service.send(closed("a")).await.status, expected, "{first}, {second}");
        });
    }
}

/// While an organisation is being closed, an upkeep finds it open: it forgets no organisation that is closed in the end.
#[test]
fn upkeep_beside_a_closing_keeps_the_note_to_look_again() {
    for (step, upkeep_is_slow) in (0..7).flat_map(|step| [(step, true), (step, false)]) {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            leave(&service, json!({ "action": "end" })).await;
            leave(&service, json!({ "action": "reopen" })).await;
            let slow = service.other_process().await;
            slow.faults.latency(Duration::from_millis(100));
            let mut commands =
                [json!({ "maintenance": "upkeep" }), json!({ "maintenance": "leave", "org_id": "o", "action": "end" })];
            if !upkeep_is_slow {
                commands.reverse();
            }
            let [of_slow, other] = commands;
            let task = tokio::spawn(async move { run(&slow, &of_slow).await });
            // Between two requests of the slow one.
            sleep(Duration::from_millis(200 * step + 10)).await;
            run(&service, &other).await.unwrap();
            task.await.unwrap().unwrap();
            service.send(closed("a")).await.expect_problem(403, "org_closed");
            let noted = dump(&service).await.contains_key(&("pending#all".to_owned(), "leave#o".to_owned()));
            assert!(noted, "{step}, {upkeep_is_slow}");
        });
    }
}

/// Codes that are made after the organisation was opened again do not end by a run that was on its way.
#[test]
fn reopening_stops_a_run() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let mut codes = Vec::new();
        for mentor in ["a", "b", "c"] {
            codes.push(service.create(mentor, "o").await);
            service.clock.advance(Duration::from_secs(1));
        }
        let operator = service.other_process().await;
        let ending = json!({ "maintenance": "leave", "org_id": "o", "action": "end", "per_second": 1 });
        let task = tokio::spawn(async move { json!(run(&operator, &ending).await.unwrap()) });
        sleep(Duration::from_millis(81_500)).await;
        leave(&service, json!({ "action": "reopen" })).await;
        let back = service.create("a", "o").await;
        let report = task.await.unwrap();
        assert_eq!(
            (&report["count"], &report["done"], report.get("next")),
            (&json!(2), &json!(false), None),
            "{report}"
        );
        for code in [&back, &codes[2]] {
            assert_eq!(service.read(code).await["status"], "active");
        }
        service.clock.advance(Duration::from_secs(60 * 60));
        upkeep(&service).await;
        assert_eq!(service.read(&back).await["status"], "active");
    });
}

/// The organisation's item of one of two cannot be read. The upkeep says so, and looks at the other one.
#[tokio::test(start_paused = true)]
async fn organisation_that_cannot_be_read_keeps_no_other() {
    let service = TestService::builder().in_process().build().await;
    for org in ["o", "p"] {
        leave(&service, json!({ "org_id": org, "action": "end" })).await;
    }
    let mut items = dump(&service).await;
    let flag = items.get_mut(&("org#o".to_owned(), "organisation".to_owned())).unwrap();
    flag.insert("closed_at".into(), AttributeValue::S("long ago".into()));
    restore(&service, &items).await;
    service.clock.advance(Duration::from_secs(46 * 60));
    let command = json!({ "maintenance": "upkeep" });
    let CommandError::Failed(error) = run(&service, &command).await.unwrap_err() else { panic!("it failed") };
    assert!(error.to_string().contains("org#o/organisation"), "{error}");
    let noted = ["o", "p"].map(|org| ("pending#all".to_owned(), format!("leave#{org}")));
    let items = dump(&service).await;
    assert_eq!(noted.map(|note| items.contains_key(&note)), [true, false]);
}

/// The upkeep goes on at the rate of the last `end`. It looks again 46 minutes after the first.
#[tokio::test(start_paused = true)]
async fn end_of_a_closed_organisation_sets_the_rate_and_keeps_the_time() {
    let service = TestService::builder().in_process().build().await;
    let mut flags = Vec::new();
    for rate in [7, 3] {
        leave(&service, json!({ "action": "end", "per_second": rate })).await;
        let flag = dump(&service).await.remove(&("org#o".to_owned(), "organisation".to_owned())).unwrap();
        flags.push(["per_second", "closed_at"].map(|name| flag[name].as_n().unwrap().clone()));
        service.clock.advance(Duration::from_secs(60));
    }
    assert_eq!((&flags[0][0][..], &flags[1][0][..]), ("7", "3"));
    assert_eq!(flags[0][1], flags[1][1]);
}

/// One code whose items contradict each other does not keep the others.
#[tokio::test(start_paused = true)]
async fn code_that_cannot_be_ended_is_counted_and_the_others_end() {
    let service = TestService::builder().in_process().build().await;
    service.create("a", "o").await;
    service.create("b", "o").await;
    let delete = service.client.delete_item().table_name(&service.table);
    let key = |text: &str| AttributeValue::S(text.into());
    delete.key("pk", key("mentor#a")).key("sk", key("slot")).send().await.unwrap();
    let Report::Leave { count: 1, failed, done: false, .. } =
        run(&service, &json!({ "maintenance": "leave", "org_id": "o", "action": "end" })).await.unwrap()
    else {
        panic!("one ends");
    };
    assert_eq!(failed, 1);
}

/// The mentor rotates between the run's look at the slot and its end of the code.
#[test]
fn rotation_beside_a_mentor_s_leaving_leaves_no_active_code() {
    for step in 0..5 {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            let code = service.create("a", "o").await;
            let operator = service.other_process().await;
            operator.faults.latency(Duration::from_millis(100));
            let ending = json!({ "action": "end", "mentors": ["a"] });
            let task = tokio::spawn(async move { leave(&operator, ending).await });
            // Between two requests of the operator.
            sleep(Duration::from_millis(200 * step + 10)).await;
            service.send(Call::rotate(&code)).await;
            let report = task.await.unwrap();
            assert_eq!((&report["count"], &report["done"]), (&json!(1), &json!(true)), "{step}: {report}");
            let active = service.list("?mentor_id=a&status=active").await;
            assert_eq!(active["pagination"]["total"], 0, "{step}: {report}");
        });
    }
}

/// The mentor gets a new code as soon as one has ended, so each pass ends one.
#[test]
fn all_passes_of_a_run_keep_to_one_rate() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        service.create("a", "o").await;
        let operator = service.other_process().await;
        operator.faults.latency(Duration::from_millis(10));
        let ending = json!({ "action": "end", "mentors": ["a"], "per_second": 1 });
        let task = tokio::spawn(async move { leave(&operator, ending).await });
        for _ in 0..300 {
            service.send(Call::create("a", "o")).await;
            sleep(Duration::from_millis(10)).await;
        }
        let report = task.await.unwrap();
        assert!((3..=5).contains(&report["count"].as_u64().unwrap()) && report["done"] == true, "{report}");
    });
}

/// The table fails in the second pass. The report has what the first one has ended, so an operator knows.
#[tokio::test(start_paused = true)]
async fn codes_that_have_ended_are_reported_though_the_table_fails_then() {
    let service = TestService::builder().in_process().build().await;
    for mentor in ["a", "b"] {
        service.create(mentor, "o").await;
    }
    let (operator, mut queries) = (service.other_process().await, 0);
    operator.faults.plan(move |recorded| {
        queries += usize::from(recorded.operation == "Query");
        (recorded.operation == "Query" && queries > 1).then_some(Fault::Refused(400, "AccessDeniedException"))
    });
    let report = end(&operator).await;
    assert_eq!((&report["count"], &report["done"]), (&json!(2), &json!(false)), "{report}");
}
