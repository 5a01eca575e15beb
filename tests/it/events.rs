//! The events that other systems get: what each kind of change leaves in the table's stream, through the filters of the
//! template's pipe, and through the function that it calls.
//!
//! The engine has streams, so the records are its own. `quamina` matches the patterns.

use std::collections::BTreeSet;
use std::time::Duration;

use dev::{BASE, Call, Fault, Function, InProcessEngine, Program, TestService, template};
use lambda_http::lambda_runtime::{Context, Diagnostic, LambdaEvent};
use quamina::Quamina;
use referral_codes::lambda;
use referral_codes::limits::FORGOTTEN_FOR_GOOD_AFTER;
use serde_json::{Value, json};

use crate::audit_and_repair::table::{dump, repair_all, restore};
use crate::linearizability::maintained::{run, upkeep};

/// A service whose table has a stream, as with `EventBusName`.
struct Streaming {
    service: TestService,
    engine: InProcessEngine,
}

impl Streaming {
    async fn new() -> Self {
        Self::of(TestService::builder()).await
    }

    async fn of(builder: dev::TestServiceBuilder) -> Self {
        let engine = InProcessEngine::new();
        let service = builder.in_process_over(&engine).build().await;
        let stream = &template::template()["Resources"]["Table"]["Properties"]["StreamSpecification"];
        let yaml_serde::Value::Tagged(stream) = stream else { panic!("the stream depends on nothing") };
        let mut stream: Value = serde_json::to_value(&stream.value[1]).unwrap();
        stream["StreamEnabled"] = json!(true);
        let streaming = Self { service, engine };
        let table = &streaming.service.table;
        streaming.ask("UpdateTable", &json!({ "TableName": table, "StreamSpecification": stream }));
        streaming
    }

    fn ask(&self, operation: &str, request: &Value) -> Value {
        let (status, body) = self.engine.request(operation, request.to_string().as_bytes());
        assert_eq!(status, 200, "{operation}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// All records of the stream, in their order.
    fn records(&self) -> Vec<Value> {
        let table = self.ask("DescribeTable", &json!({ "TableName": self.service.table }));
        let stream = &table["Table"]["LatestStreamArn"];
        let shards = self.ask("DescribeStream", &json!({ "StreamArn": stream }));
        let shard = &shards["StreamDescription"]["Shards"][0]["ShardId"];
        let from = json!({ "StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        let mut iterator = self.ask("GetShardIterator", &from)["ShardIterator"].clone();
        let mut records = Vec::new();
        loop {
            let answer = self.ask("GetRecords", &json!({ "ShardIterator": iterator }));
            let found = answer["Records"].as_array().unwrap();
            if found.is_empty() {
                return records;
            }
            records.extend(found.iter().cloned());
            iterator = answer["NextShardIterator"].clone();
        }
    }

    /// The events of the whole stream, as they arrive at the bus.
    async fn events(&self) -> Vec<Value> {
        through_the_pipe(&self.records()).await
    }
}

fn pipe() -> yaml_serde::Value {
    template::template()["Resources"]["EventPipe"]["Properties"].clone()
}

fn source() -> yaml_serde::Value {
    pipe()["SourceParameters"]["DynamoDBStreamParameters"].clone()
}

/// The patterns of the pipe. A record goes on if one of them matches it.
fn filters() -> Quamina<usize> {
    let mut filters = Quamina::new();
    for (nth, filter) in
        pipe()["SourceParameters"]["FilterCriteria"]["Filters"].as_sequence().unwrap().iter().enumerate()
    {
        filters.add_pattern(nth, filter["Pattern"].as_str().unwrap()).unwrap();
    }
    filters
}

/// Panics unless the event has the form in `docs/events.schema.json`, and no member that this does not name.
fn assert_documented(event: &Value) {
    let schema: Value = serde_json::from_str(include_str!("../../docs/events.schema.json")).unwrap();
    let known = schema["properties"].as_object().unwrap();
    let valid = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    assert!(valid.is_valid(event), "{:?}", valid.validate(event));
    assert!(event.as_object().unwrap().keys().all(|name| known.contains_key(name)), "{event}");
}

/// What the function answers to a batch.
async fn enriched(records: &[Value]) -> Result<Vec<Value>, Diagnostic> {
    let event = LambdaEvent::new(json!(records).to_string(), Context::default());
    let answer = lambda::Function::Events.handle(event).await?;
    Ok(serde_json::from_str(answer.get()).unwrap())
}

/// What a pipe does with records: the filters, batches for the function, and the events as they are put on the bus. The filters must let
/// through what the function makes events of, and nothing else.
async fn through_the_pipe(records: &[Value]) -> Vec<Value> {
    let (filters, mut passed) = (filters(), Vec::new());
    for record in records {
        let is_let_through = !filters.matches_for_event(record.to_string().as_bytes()).unwrap().is_empty();
        let made = enriched(std::slice::from_ref(record)).await.unwrap();
        assert_eq!(made.len(), usize::from(is_let_through), "the filters and the function disagree: {record} {made:?}");
        passed.extend(is_let_through.then(|| record.clone()));
    }
    let mut events = Vec::new();
    for batch in passed.chunks(usize::try_from(source()["BatchSize"].as_u64().unwrap()).unwrap()) {
        let made = enriched(batch).await.unwrap();
        assert!(made.len() <= 10, "a bus takes ten at once");
        for event in made {
            assert_documented(&event);
            events.push(event);
        }
    }
    events
}

/// The type and the code of each event.
fn told(events: &[Value]) -> Vec<(&str, &str)> {
    events.iter().map(|event| (event["type"].as_str().unwrap(), event["id"].as_str().unwrap())).collect()
}

fn id(code: &Value) -> &str {
    code["id"].as_str().unwrap()
}

#[tokio::test]
async fn every_change_of_a_code_is_told_once_and_nothing_else_is() {
    let streaming = Streaming::new().await;
    let service = &streaming.service;
    let first = service.create("usr_1", "org_1").await;
    service.send(Call::create("usr_1", "org_1")).await.expect(200);
    service.clock.advance(Duration::from_secs(60));
    let second = service.rotate(&first).await;
    service.rotate(&first).await;
    service.clock.advance(Duration::from_secs(60));
    service.invalidate(&second).await;
    service.invalidate(&second).await;
    let end = "2026-01-10T10:00:00Z";
    let third = service.send(Call::create("usr_1", "org_2").with("expires_at", end)).await.expect(201);
    service.clock.set("2026-01-11T00:00:00Z");
    assert_eq!(service.read(&third).await["status"], "expired");
    let fourth = service.create("usr_1", "org_2").await;
    upkeep(service).await;

    let events = streaming.events().await;
    let expected = json!([
        { "type": "code.created", "time": first["created_at"], "id": first["id"], "code": first["code"],
          "org_id": "org_1", "expires_at": null },
        { "type": "code.rotated", "time": second["rotated_at"], "id": second["id"], "code": second["code"],
          "org_id": "org_1", "expires_at": null, "previous_id": first["id"], "previous_code": first["code"] },
        { "type": "code.invalidated", "time": "2026-01-10T09:02:00Z", "id": second["id"], "code": second["code"],
          "org_id": "org_1", "expires_at": null },
        { "type": "code.created", "time": third["created_at"], "id": third["id"], "code": third["code"],
          "org_id": "org_2", "expires_at": end },
        { "type": "code.created", "time": fourth["created_at"], "id": fourth["id"], "code": fourth["code"],
          "org_id": "org_2", "expires_at": null, "previous_id": third["id"], "previous_code": third["code"] },
    ]);
    let mut without_ids = events.clone();
    let mut ids = BTreeSet::new();
    for event in &mut without_ids {
        let event = event.as_object_mut().unwrap();
        assert_eq!(event.remove("version"), Some(json!(1)));
        assert!(ids.insert(event.remove("event_id").unwrap().to_string()), "an event id tells of one thing");
    }
    assert_eq!(json!(without_ids), expected);
    assert_eq!(streaming.events().await, events, "a record that comes again makes the same event");
}

/// The request is sent again, because its answer was lost.
#[tokio::test(start_paused = true)]
async fn repeated_requests_to_the_table_are_told_once() {
    let streaming = Streaming::new().await;
    let service = &streaming.service;
    service.faults.fail_next("TransactWriteItems", [Fault::NoResponse]);
    let first = service.create("usr_1", "o").await;
    service.faults.fail_next("TransactWriteItems", [Fault::NoResponse]);
    let second = service.rotate(&first).await;
    service.faults.fail_next("TransactWriteItems", [Fault::NoResponse]);
    service.invalidate(&second).await;
    let events = streaming.events().await;
    let expected = [("code.created", id(&first)), ("code.rotated", id(&second)), ("code.invalidated", id(&second))];
    assert_eq!(told(&events), expected);
}

#[tokio::test]
async fn upkeep_and_pages_of_earlier_codes_are_not_told() {
    let streaming = Streaming::new().await;
    let service = &streaming.service;
    let mut code = service.create("usr_1", "o").await;
    for _ in 0..120 {
        service.clock.advance(Duration::from_secs(1));
        code = service.rotate(&code).await;
    }
    service.clock.advance(Duration::from_mins(10));
    assert!(service.upkeep().await.unwrap().wrong.is_empty());
    run(service, &json!({ "maintenance": "rebuild", "listing": "all" })).await.unwrap();
    let keys: BTreeSet<_> = dump(service).await.into_keys().map(|(pk, _)| pk).collect();
    assert!(keys.contains("marks#all"), "{keys:?}");
    assert_eq!(streaming.events().await.len(), 121);
}

/// A record that a repair puts back looks like a creation, of the same id. One that is lost for good tells nothing, and neither
/// does a deletion by hand.
#[tokio::test]
async fn repairs_tell_of_codes_that_end_and_repeat_those_that_come_back() {
    let streaming = Streaming::new().await;
    let service = &streaming.service;
    let (kept, stray) = (service.create("usr_1", "o").await, service.create("usr_2", "o").await);
    let with_both = dump(service).await;
    service.invalidate(&stray).await;
    let lost = service.rotate(&kept).await;
    let before = streaming.events().await;
    // The slot has seen the end of a code whose record is active. Another slot holds a code whose record is gone.
    let mut torn = dump(service).await;
    let record = |code: &Value| (format!("id#{}", id(code)), "record".to_owned());
    torn.insert(record(&stray), with_both[&record(&stray)].clone());
    torn.remove(&record(&lost));
    restore(service, &torn).await;
    let damaged = streaming.events().await;
    assert_eq!(damaged, before, "what was changed by hand");
    repair_all(service, 100).await.unwrap();
    let events = streaming.events().await;
    let mut repeated = events[before.len()..].to_vec();
    repeated.sort_by_key(|event| event["type"].to_string());
    assert_eq!(told(&repeated), [("code.invalidated", id(&stray)), ("code.rotated", id(&lost))]);
    assert!(repeated.iter().all(|event| before.contains(event)), "{repeated:?}");

    // Of this code nothing is left but what the other one says.
    let mut torn = dump(service).await;
    torn.remove(&record(&kept));
    restore(service, &torn).await;
    repair_all(service, 100).await.unwrap();
    assert!(dump(service).await[&record(&kept)].contains_key("lost_at"));
    assert_eq!(streaming.events().await, events);
}

/// Paused, because the command waits until no call makes a code for the organisation any more.
#[tokio::test(start_paused = true)]
async fn leaving_tells_of_each_code_that_ends() {
    let streaming = Streaming::new().await;
    let service = &streaming.service;
    let codes = [service.create("usr_1", "o").await, service.create("usr_2", "o").await];
    service.create("usr_3", "p").await;
    for action in ["count", "end", "end", "reopen"] {
        run(service, &json!({ "maintenance": "leave", "org_id": "o", "action": action })).await.unwrap();
    }
    let events = streaming.events().await;
    assert_eq!(events.len(), 5);
    let told: BTreeSet<_> = told(&events[3..]).into_iter().collect();
    assert_eq!(told, codes.iter().map(|code| ("code.invalidated", id(code))).collect());
}

/// Of one code, and of so many that they take several transactions and have pages.
#[tokio::test]
async fn forgetting_tells_of_the_active_code_s_end_alone_and_never_of_the_mentor() {
    for count in [1, 60] {
        let streaming = Streaming::new().await;
        let service = &streaming.service;
        let mut code = service.create("usr_forgotten", "o").await;
        for _ in 1..count {
            service.clock.advance(Duration::from_secs(1));
            code = service.rotate(&code).await;
        }
        let before = streaming.events().await;
        assert_eq!(before.len(), count);
        let forget = json!({ "maintenance": "forget", "mentor_id": "usr_forgotten" });
        run(service, &forget).await.unwrap();
        run(service, &forget).await.unwrap();
        let back = service.create("usr_forgotten", "o").await;
        service.clock.advance(FORGOTTEN_FOR_GOOD_AFTER + Duration::from_secs(1));
        upkeep(service).await;
        let events = streaming.events().await;
        assert_eq!(told(&events[count..]), [("code.invalidated", id(&code)), ("code.created", id(&back))]);
        let text = json!(events).to_string();
        assert!(!text.contains("usr_") && !text.contains("forgotten"), "{text}");
    }
}

/// The pipe halves a batch that fails until the record is alone, and gives that up.
#[tokio::test]
async fn record_of_a_later_format_fails_alone() {
    let streaming = Streaming::new().await;
    let code = streaming.service.create("usr_1", "o").await;
    let record =
        streaming.records().into_iter().find(|record| record["dynamodb"]["Keys"]["sk"]["S"] == "record").unwrap();
    let mut later = record.clone();
    later["dynamodb"]["NewImage"]["format"]["N"] = json!("2");
    let error = enriched(&[record.clone(), later]).await.unwrap_err();
    assert_eq!(error.error_type, "UnreadableRecords");
    assert!(error.error_message.contains(id(&code)) && error.error_message.contains("format 2"), "{error:?}");
    // What a later release adds to an item of this format is ignored.
    let mut added = record;
    added["dynamodb"]["NewImage"]["added"] = json!({ "M": { "flag": { "BOOL": true }, "none": { "NULL": true } } });
    assert_eq!(told(&enriched(&[added]).await.unwrap()), [("code.created", id(&code))]);
    for other in [json!({}), json!({ "Records": [] }), Call::get(BASE).event(), json!({ "maintenance": "audit" })] {
        let event = LambdaEvent::new(other.to_string(), Context::default());
        let error = lambda::Function::Events.handle(event).await.unwrap_err();
        assert_eq!(error.error_type, "UnreadableRecords", "{other}");
    }
}

/// The binary as the pipe's function: it needs no table, and its log says why a batch fails.
#[tokio::test]
async fn binary_makes_events_without_a_table() {
    let streaming = Streaming::new().await;
    streaming.service.create("usr_1", "o").await;
    let records = streaming.records();
    let program = Program::new(env!("CARGO_BIN_EXE_referral-codes")).variable("EVENTS", "on");
    let function: Function = program.start().await;
    let events = function.invoke(&json!(records)).await.expect("events");
    assert_eq!(events, json!(streaming.events().await));
    assert_eq!(function.invoke(&json!([])).await, Some(json!([])));
    assert_eq!(function.invoke(&Call::get(BASE).event()).await, None, "an HTTP request is answered");
    let log = crate::lambda_binary::log(&function).await;
    let lines: Vec<_> =
        log.iter().map(|line| (line["level"].as_str().unwrap(), line["message"].as_str().unwrap())).collect();
    assert_eq!(lines, [("ERROR", "records not read")], "{log:?}");
}

#[test]
fn example_of_the_page_has_the_form_that_the_page_names() {
    let page = include_str!("../../docs/events.md");
    let example = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    assert_documented(&example["detail"]);
    assert_eq!(example["detail-type"], example["detail"]["type"]);
}

/// Nothing of it is there by default, and every bound that keeps one record from holding up the others is set.
#[test]
fn pipe_is_off_by_default_bounded_and_encrypted() {
    let template = template::template();
    assert_eq!(template["Parameters"]["EventBusName"]["Default"], "");
    for name in ["EventFunction", "EventPipe", "EventPipeRole", "LostEvents"] {
        assert_eq!(template["Resources"][name]["Condition"], "SendsEvents", "{name}");
    }
    let source = source();
    assert!((1..=10).contains(&source["BatchSize"].as_u64().unwrap()), "a bus takes ten at once");
    assert!((1..1_000).contains(&source["MaximumRetryAttempts"].as_i64().unwrap()), "-1 is for ever");
    // Half of the stream's day is left to read what the queue points to.
    assert!((60..=43_200).contains(&source["MaximumRecordAgeInSeconds"].as_i64().unwrap()));
    assert_eq!(source["OnPartialBatchItemFailure"], "AUTOMATIC_BISECT");
    assert_eq!(source["StartingPosition"], "TRIM_HORIZON");
    assert!(yaml_serde::to_string(&source["DeadLetterConfig"]["Arn"]).unwrap().contains("LostEvents.Arn"));
    let queue = &template["Resources"]["LostEvents"]["Properties"];
    assert_eq!(queue["SqsManagedSseEnabled"], true);
    assert_eq!(pipe()["TargetParameters"]["EventBridgeEventBusParameters"]["DetailType"], "$.type");
    let function = &template["Resources"]["EventFunction"];
    assert_eq!(
        function["Metadata"]["BuildProperties"],
        template["Resources"]["Function"]["Metadata"]["BuildProperties"]
    );
    assert!(function["Properties"]["Policies"].is_null() && function["Properties"]["Events"].is_null());
    let variables = function["Properties"]["Environment"]["Variables"].as_mapping().unwrap();
    assert_eq!(variables.iter().collect::<Vec<_>>(), [(&"EVENTS".into(), &"on".into())]);
}
