//! `template.yaml` compared with the code: the same routes, keys, indexes and settings, and only the permissions in
//! use, of each function its own.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{Call, TestService, template};
use fancy_regex::Regex;
use referral_codes::commands::{Command, Maintenance, Report};
use referral_codes::http::{Permission, ROUTES};
use referral_codes::limits::{
    CALL_DEADLINE, FUNCTION_TIMEOUT, MAINTENANCE_MARGIN, MAINTENANCE_TIMEOUT, MAX_COUNTING_TIME, UPKEEP_PAUSE,
};
use referral_codes::store::{BY_CREATION, BY_ORG};
use serde_json::json;
use yaml_serde::Value;

use crate::listing::page_index::key;
use crate::maintenance::commands::delete_claim;
use crate::routes::paths::declared_paths;

fn function() -> Value {
    properties("Function")
}

fn maintenance_function() -> Value {
    properties("MaintenanceFunction")
}

fn properties(resource: &str) -> Value {
    template::template()["Resources"][resource]["Properties"].clone()
}

/// A printed link may be in capitals. `/r` is no short link, and shows people a page.
const SHORT_LINKS: [&str; 4] = ["ANY /r", "ANY /r/{proxy+}", "ANY /R", "ANY /R/{proxy+}"];

/// The routes that are open whatever `Access` is: those that the router serves to everybody, and preflights, which carry
/// no token. Short links have routes with any method, so that $default, which takes a token, gets none of them.
fn open_routes() -> BTreeSet<String> {
    let mut open = BTreeSet::from(["OPTIONS /{proxy+}".to_owned()]);
    for route in ROUTES.iter().filter(|route| route.permission == Permission::Open) {
        for path in declared_paths(route) {
            if path.starts_with("/r/") {
                open.extend(SHORT_LINKS.map(str::to_owned));
            } else {
                open.extend([format!("{} {path}", route.method), format!("HEAD {path}")]);
            }
        }
    }
    open
}

/// The properties of all resources of a type.
fn resources(kind: &str) -> Vec<Value> {
    let resources = template::template()["Resources"].as_mapping().unwrap().clone();
    resources
        .values()
        .filter(|resource| resource["Type"] == kind)
        .map(|resource| resource["Properties"].clone())
        .collect()
}

/// A value as YAML has it, with its tags: `!Ref Api`.
fn yaml(value: &Value) -> String {
    yaml_serde::to_string(value).unwrap().trim().to_owned()
}

/// The authorizer is on every route below the base path and on `$default`, and on no open one.
#[test]
fn template_routes_are_the_router_s_in_both_forms_and_a_default_and_guarded() {
    let mut guarded = BTreeSet::new();
    let mut open = BTreeSet::new();
    for route in resources("AWS::ApiGatewayV2::Route") {
        let key = route["RouteKey"].as_str().unwrap().to_owned();
        let target = yaml(&route["Target"]);
        assert!(target.contains("integrations/${Integration}"), "{key}: {target}");
        if route["AuthorizationType"] == "NONE" {
            assert!(route["AuthorizerId"].is_null(), "{key}");
            assert!(open.insert(key));
        } else {
            assert_eq!(yaml(&route["AuthorizationType"]), "!If\n- Guarded\n- JWT\n- NONE", "{key}");
            let authorizer = yaml(&route["AuthorizerId"]);
            assert_eq!(authorizer, "!If\n- Guarded\n- !Ref Authorizer\n- !Ref AWS::NoValue", "{key}");
            assert!(guarded.insert(key));
        }
    }
    let mut served = BTreeSet::from(["$default".to_owned()]);
    for route in ROUTES.iter().filter(|route| route.permission != Permission::Open) {
        served.extend(declared_paths(route).iter().map(|path| format!("{} {path}", route.method)));
    }
    assert_eq!(guarded, served);
    assert_eq!(open, open_routes());
}

/// The throttle of writes is on every route that writes, and on `$default`, which leads to them all.
#[test]
fn template_throttles_writes_and_the_default_route_tighter() {
    let stage = &resources("AWS::ApiGatewayV2::Stage")[0];
    let settings = stage["RouteSettings"].as_mapping().unwrap();
    let (mut tight, mut links) = (BTreeSet::new(), BTreeSet::new());
    for (key, limits) in settings {
        match yaml(&limits["ThrottlingRateLimit"]).as_str() {
            "!Ref WriteThrottleRate" => assert!(tight.insert(key.as_str().unwrap().to_owned())),
            other => {
                assert_eq!(other, "!Ref ShortLinkThrottleRate", "{key:?}");
                assert!(links.insert(key.as_str().unwrap()));
            }
        }
    }
    let mut writes = BTreeSet::from(["$default".to_owned()]);
    for route in ROUTES.iter().filter(|route| route.permission == Permission::Write) {
        writes.extend(declared_paths(route).iter().map(|path| format!("{} {path}", route.method)));
    }
    assert_eq!((tight, links), (writes, SHORT_LINKS.into()));
}

/// API Gateway puts values into the line without escapes. So each stands alone in its text, and is one that the gateway makes:
/// an id, a time, a number, an address, a key of a route of this template, or a word of a list. What a client writes could
/// break or forge a line: the path, which an HTTP API decodes, a header, a claim, a message about a token.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html>
#[test]
fn template_access_log_is_json_of_what_no_client_writes() {
    const MADE_BY_THE_GATEWAY: [&str; 9] = [
        "requestTime",
        "requestId",
        "identity.sourceIp",
        "httpMethod",
        "routeKey",
        "status",
        "responseLength",
        "responseLatency",
        "error.responseType",
    ];
    let stage = &resources("AWS::ApiGatewayV2::Stage")[0];
    let line: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(stage["AccessLogSettings"]["Format"].as_str().unwrap()).unwrap();
    let variables = line.values().map(|value| value.as_str().unwrap().strip_prefix("$context.").unwrap());
    assert_eq!(variables.collect::<BTreeSet<_>>(), MADE_BY_THE_GATEWAY.into());
    assert_eq!(line["source_ip"], "$context.identity.sourceIp");
    assert_eq!(line["gateway_request_id"], "$context.requestId");
}

#[test]
fn template_indexes_are_those_that_the_listings_read() {
    let indexes = properties("Table")["GlobalSecondaryIndexes"].as_sequence().unwrap().clone();
    let listed: Vec<_> = indexes.iter().map(|index| index["IndexName"].as_str().unwrap()).collect();
    assert_eq!(listed, [BY_CREATION, BY_ORG]);
}

#[test]
fn call_deadline_is_well_before_the_function_s_timeout() {
    assert_eq!(function()["Timeout"].as_u64(), Some(FUNCTION_TIMEOUT.as_secs()));
    assert!(CALL_DEADLINE.as_secs() + 5 <= FUNCTION_TIMEOUT.as_secs(), "{CALL_DEADLINE:?} in {FUNCTION_TIMEOUT:?}");
}

/// The variables of the function behind the API are those of the settings: `parameters` has that test.
#[test]
fn maintenance_function_has_two_variables_of_the_other_and_its_switch() {
    let variables = |function: Value| function["Environment"]["Variables"].as_mapping().unwrap().clone();
    let (api, mut maintenance) = (variables(function()), variables(maintenance_function()));
    assert_eq!(maintenance.remove("MAINTENANCE").unwrap().as_str(), Some("on"));
    let names: BTreeSet<_> = maintenance.keys().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names, ["TABLE_NAME", "LISTING_SETTLE_SECONDS"].into());
    assert!(maintenance.iter().all(|(name, value)| api[name] == *value), "{maintenance:?}");
}

/// How the template names the table in use: the restored one, if there is one, and else the stack's own.
const TABLE_IN_USE: &str = "!If\n- UsesRestoredTable\n- !Ref RestoredTableName\n- !Ref Table";

/// Whatever names the stack's own table in another way would stay with it when the functions are led to a restored table.
#[test]
fn template_names_the_table_in_use_everywhere_but_in_one_output() {
    let mut template = template::template().clone();
    let own = template["Outputs"].as_mapping_mut().unwrap().remove("OwnTableName").unwrap();
    assert_eq!(yaml(&own["Value"]), "!Ref Table");
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/template.yaml")).unwrap();
    let in_use = "!If [UsesRestoredTable, !Ref RestoredTableName, !Ref Table]";
    // A comment says the expression, too.
    let uses = text.matches(in_use).count() - 1;
    // A stream has a name of its own, which only its table knows.
    let stream = "/${RestoredTableName}/stream/${RestoredStreamLabel}\n";
    assert_eq!(text.matches(stream).count(), 2);
    let text =
        Regex::new(r"- UsesRestoredTable\n.*/stream/.*\n +- !GetAtt Table.StreamArn\n").unwrap().replace_all(&text, "");
    let text = text.replace(in_use, "").replace("Value: !Ref Table\n", "");
    for other in ["!Ref Table\n", "!Ref Table]", "!Ref Table ", "${Table}", "${Table.", "!GetAtt Table.", "[Table, "] {
        assert!(!text.contains(other), "{other}: name the table by {in_use}");
    }
    assert!(uses >= 10, "two variables, four statements, an output, alarms and the dashboard: {uses}");
}

#[test]
fn maintenance_function_is_the_same_program_without_a_route() {
    let resources = &template::template()["Resources"];
    for property in ["BuildMethod", "BuildProperties"] {
        let build = |function: &str| resources[function]["Metadata"][property].clone();
        assert_eq!(build("MaintenanceFunction"), build("Function"), "{property}");
    }
    let (api, maintenance) = (function(), maintenance_function());
    for property in ["CodeUri", "Handler", "Runtime", "Architectures"] {
        assert_eq!(maintenance[property], api[property], "{property}");
    }
    assert!(maintenance["FunctionUrlConfig"].is_null() && maintenance["Role"].is_null());
    let types: Vec<_> =
        maintenance["Events"].as_mapping().unwrap().values().map(|event| event["Type"].clone()).collect();
    assert_eq!(types, ["ScheduleV2"]);
}

#[test]
fn release_has_one_version() {
    let version = env!("CARGO_PKG_VERSION");
    for function in [function(), maintenance_function(), properties("EventFunction")] {
        assert_eq!(function["Tags"]["version"], version);
    }
    assert!(include_str!("../../docs/openapi.yaml").contains(&format!("\n  version: {version}\n")));
}

#[test]
fn schedule_sends_an_upkeep_and_repeats_it_seldom() {
    let function = maintenance_function();
    let schedule = &function["Events"]["Upkeep"]["Properties"];
    assert_eq!(Command::parse(schedule["Input"].as_str().unwrap()), Ok(Command::Upkeep {}));
    let retries = &schedule["RetryPolicy"];
    assert!(retries["MaximumRetryAttempts"].as_u64().unwrap() <= 2, "{retries:?}");
    assert!(retries["MaximumEventAgeInSeconds"].as_u64().unwrap() <= 60, "{retries:?}");
    let retries = &function["EventInvokeConfig"];
    assert!(retries["MaximumRetryAttempts"].as_u64().unwrap() <= 1, "{retries:?}");
    let Value::Tagged(reference) = &schedule["ScheduleExpression"] else { panic!("no parameter: {schedule:?}") };
    let template = template::template();
    let parameter = &template["Parameters"][reference.value.as_str().unwrap()];
    assert_eq!(parameter["Default"], "rate(1 minute)");
    let next = std::time::Duration::from_mins(1) + UPKEEP_PAUSE;
    assert!(MAX_COUNTING_TIME >= next, "an upkeep counts until the next one does");
    // Every interval that the pattern allows is a third of the time of the alarm on missing upkeeps, or less.
    let pattern = parameter["AllowedPattern"].as_str().unwrap();
    assert_eq!(pattern, r"^rate\((1 minute|[2-5] minutes)\)$");
    let alarm = properties("UpkeepMissing");
    let seconds = alarm["Period"].as_u64().unwrap() * alarm["EvaluationPeriods"].as_u64().unwrap();
    assert!(seconds >= 3 * 5 * 60 && alarm["DatapointsToAlarm"].is_null(), "{alarm:?}");
}

#[test]
fn command_stops_before_the_maintenance_function_s_timeout() {
    assert_eq!(maintenance_function()["Timeout"].as_u64(), Some(MAINTENANCE_TIMEOUT.as_secs()));
    assert!(MAINTENANCE_MARGIN < MAINTENANCE_TIMEOUT);
}

/// Makes every kind of request, and compares the permissions in use with those of the policy. A transaction needs the
/// permission of each write in it:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>
#[tokio::test]
async fn template_policy_allows_what_the_code_does_and_nothing_else() {
    let service = TestService::new().await;
    service.send(Call::create("m", "o").with("expires_at", "2026-01-10T10:00:00Z")).await.expect(201);
    service.clock.set("2026-01-10T10:00:00Z");
    let first = service.create("m", "o").await;
    let second = service.rotate(&first).await;
    service.invalidate(&second).await;
    service.read(&first).await;
    for query in ["", "?mentor_id=m"] {
        service.list(query).await;
    }
    assert_eq!(service.send(Call::get(&format!("/r/{}", first["code"].as_str().unwrap()))).await.status, 410);

    assert_eq!(permissions_in_use(&service), permissions_of(&function()));
}

/// Runs every command on a table for which a repair reads, checks, writes and deletes items.
#[tokio::test]
async fn template_policy_allows_what_the_maintenance_does_and_nothing_else() {
    let service = TestService::new().await;
    service.store.warm_up().await;
    let code = service.create("m", "o").await;
    service.faults.take();
    service.store.warm_up().await;
    delete_claim(&service, &code).await;
    // A page of earlier codes that the slot does not count, and a page mark.
    let page = (key("mentor#m", "slot#00007"), "earlier", AttributeValue::L(Vec::new()));
    let ulid = AttributeValue::S("01KEKV5N80HY7K2GXTA1S6B4QZ".into());
    for (mut item, name, value) in [page, (key("marks#all", "00000000000000000100"), "ulid", ulid)] {
        item.extend([("format".to_owned(), AttributeValue::N("1".into())), (name.to_owned(), value)]);
        service.client.put_item().table_name(&service.table).set_item(Some(item)).send().await.unwrap();
    }
    let maintenance = Maintenance::new(service.store.clone(), service.sources());
    for command in ["audit", "repair", "upkeep"] {
        let event = json!({ "maintenance": command }).to_string();
        let report = maintenance.run(&event, MAINTENANCE_TIMEOUT, "test").await.unwrap();
        if let Report::Repair { repaired, .. } = report {
            assert_eq!(repaired, 2, "the page and the claim: {report:?}");
        }
    }
    maintenance.run(r#"{"maintenance":"rebuild","listing":"all"}"#, MAINTENANCE_TIMEOUT, "test").await.unwrap();
    let used = permissions_in_use(&service);
    assert_eq!(used, permissions_of(&maintenance_function()));
}

/// The permissions that the requests of a service have needed, each with what follows the table's name in the ARN.
fn permissions_in_use(service: &TestService) -> BTreeSet<(String, String)> {
    let mut used = BTreeSet::new();
    for recorded in service.faults.take() {
        let target = match recorded.request["IndexName"].as_str() {
            Some(_) => "/index/*".to_owned(),
            None => String::new(),
        };
        match recorded.request["TransactItems"].as_array() {
            None => used.extend([(format!("dynamodb:{}", recorded.operation), target)]),
            Some(parts) => used.extend(parts.iter().map(|part| {
                let kind = part.as_object().unwrap().keys().next().unwrap();
                let action =
                    if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
                (format!("dynamodb:{action}"), target.clone())
            })),
        }
    }
    used
}

/// The permissions that a function's policy gives, each with what follows the table's name in the ARN.
fn permissions_of(function: &Value) -> BTreeSet<(String, String)> {
    const ARN: &str = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${TableName}";
    let mut allowed = BTreeSet::new();
    for statement in function["Policies"][0]["Statement"].as_sequence().unwrap() {
        let Value::Tagged(resource) = &statement["Resource"] else {
            panic!("the resource is no reference: {statement:?}")
        };
        assert_eq!(
            (resource.tag.to_string().as_str(), yaml(&resource.value[1]["TableName"]).as_str()),
            ("!Sub", TABLE_IN_USE)
        );
        let of_table = resource.value[0].as_str().and_then(|arn| arn.strip_prefix(ARN)).expect("the ARN of the table");
        let actions = statement["Action"].as_sequence().cloned().unwrap_or_else(|| vec![statement["Action"].clone()]);
        for action in actions {
            allowed.insert((action.as_str().unwrap().to_owned(), of_table.to_owned()));
        }
    }
    allowed
}
