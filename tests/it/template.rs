//! `template.yaml` compared with the code: the same routes, keys, indexes and settings, and only the permissions in use.

use std::collections::BTreeSet;

use dev::{BASE, Call, TestService, create_body, rotate_body, template};
use referral_codes::http::ROUTES;
use referral_codes::limits::{CALL_DEADLINE, FUNCTION_TIMEOUT};
use referral_codes::store::{BY_CREATION, BY_ORG};
use serde_json::json;
use yaml_serde::Value;

fn function() -> Value {
    template::template()["Resources"]["Function"]["Properties"].clone()
}

#[test]
fn template_routes_are_the_router_s_in_both_forms_and_a_default() {
    let events = function()["Events"].as_mapping().unwrap().clone();
    let mut declared = BTreeSet::new();
    for event in events.values() {
        assert_eq!(event["Type"], "HttpApi");
        let route = &event["Properties"];
        declared.insert(match (route["Method"].as_str(), route["Path"].as_str()) {
            (Some(method), Some(path)) => format!("{method} {path}"),
            (None, None) => "$default".to_owned(),
            other => panic!("a route needs a method and a path, or neither: {other:?}"),
        });
    }
    let mut served = BTreeSet::from(["$default".to_owned()]);
    for route in ROUTES {
        served.extend(route.declared_paths().iter().map(|path| format!("{} {path}", route.method)));
    }
    assert_eq!(declared, served);
}

/// The router serves each route of the table of routes.
#[tokio::test]
async fn router_serves_the_routes_that_it_lists() {
    let service = TestService::new().await;
    for route in ROUTES {
        for path in route.declared_paths() {
            let path = path.replace("{id}", "rc_8f3a21bc").replace("{code}", "JAN-VERV-8F3A");
            let reply = service.send(Call::new(route.method, &path)).await;
            let is_served = reply.status != 405 && !reply.body.contains("\"code\":\"route_not_found\"");
            assert!(is_served, "{route:?}: {reply:?}");
        }
    }
}

#[test]
fn template_indexes_are_those_that_the_listings_read() {
    let table = template::table_definition();
    let indexes = &table.global_secondary_indexes;
    let listed = indexes.iter().map(|index| index.index_name.as_str());
    assert_eq!(listed.collect::<Vec<_>>(), [BY_CREATION, BY_ORG]);
    let named: BTreeSet<_> =
        table.attribute_definitions.iter().map(|attribute| attribute.attribute_name.as_str()).collect();
    let keys = table.key_schema.iter().chain(indexes.iter().flat_map(|index| &index.key_schema));
    assert_eq!(named, keys.map(|key| key.attribute_name.as_str()).collect());
}

#[test]
fn call_deadline_is_well_before_the_function_s_timeout() {
    assert_eq!(function()["Timeout"].as_u64(), Some(FUNCTION_TIMEOUT.as_secs()));
    assert!(CALL_DEADLINE.as_secs() + 5 <= FUNCTION_TIMEOUT.as_secs(), "{CALL_DEADLINE:?} in {FUNCTION_TIMEOUT:?}");
}

#[test]
fn template_has_a_parameter_for_every_setting() {
    let template = template::template();
    let variables = function()["Environment"]["Variables"].as_mapping().unwrap().clone();
    let names: BTreeSet<_> = variables.keys().map(|name| name.as_str().unwrap().to_owned()).collect();
    let expected = [
        "TABLE_NAME",
        "JOIN_URL_BASE",
        "SHORT_URL_BASE",
        "CAMPAIGN",
        "CODE_VALID_DAYS",
        "LISTING_SETTLE_SECONDS",
        "ROTATED_GRACE_DAYS",
        "AWS_CA_BUNDLE",
    ];
    assert_eq!(names, expected.map(str::to_owned).into());
    for (name, value) in variables {
        let Value::Tagged(reference) = value else { panic!("{name:?} is no reference to a parameter") };
        let target = reference.value.as_str().unwrap().to_owned();
        assert!(target == "Table" || !template["Parameters"][target.as_str()].is_null(), "{name:?} refers to {target}");
    }
}

/// Makes every kind of request, and compares the permissions in use with those of the policy. A transaction needs the
/// permission of each write in it:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>
#[tokio::test]
async fn template_policy_allows_what_the_code_does_and_nothing_else() {
    let service = TestService::new().await;
    let until = json!({ "mentor_id": "m", "org_id": "o", "expires_at": "2026-01-10T10:00:00Z" });
    service.send(Call::post(BASE, &until)).await.expect(201);
    service.clock.set("2026-01-10T10:00:00Z");
    let first = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let path = format!("{BASE}/{}", first["id"].as_str().unwrap());
    let second = service.send(Call::put(&path, &rotate_body("m"))).await.expect(200);
    service.send(Call::delete(&format!("{BASE}/{}", second["id"].as_str().unwrap()))).await.expect(200);
    service.send(Call::get(&path)).await.expect(200);
    service.send(Call::get(BASE)).await.expect(200);
    service.send(Call::get(&format!("{BASE}?mentor_id=m"))).await.expect(200);

    let mut used = BTreeSet::new();
    for recorded in service.faults.take() {
        let target = match recorded.request["IndexName"].as_str() {
            Some(_) => "${Table.Arn}/index/*".to_owned(),
            None => "Table.Arn".to_owned(),
        };
        match recorded.request["TransactItems"].as_array() {
            None => used.extend([(format!("dynamodb:{}", recorded.operation), target)]),
            Some(writes) => used.extend(writes.iter().map(|write| {
                let kind = write.as_object().unwrap().keys().next().unwrap();
                let action =
                    if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
                (format!("dynamodb:{action}"), target.clone())
            })),
        }
    }

    let mut allowed = BTreeSet::new();
    for statement in function()["Policies"][0]["Statement"].as_sequence().unwrap() {
        let Value::Tagged(resource) = &statement["Resource"] else {
            panic!("the resource is no reference: {statement:?}")
        };
        let actions = statement["Action"].as_sequence().cloned().unwrap_or_else(|| vec![statement["Action"].clone()]);
        for action in actions {
            allowed.insert((action.as_str().unwrap().to_owned(), resource.value.as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(used, allowed);
}
