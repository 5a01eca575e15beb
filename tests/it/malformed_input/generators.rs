//! Generators of strings, JSON, calls and events, so close to valid ones that many pass the first checks.

use std::path::Path;

use dev::Kind;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

pub fn kind() -> impl Strategy<Value = Kind> {
    select(Kind::ALL.to_vec())
}

/// One of these words.
fn words(words: &'static str) -> impl Strategy<Value = String> + Clone {
    select(words.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

/// Any characters; those with a meaning in a URL, in JSON or in a header are more frequent.
pub fn text() -> impl Strategy<Value = String> {
    let meaningful = "%?#&=/\\.:;,@[]{}\"'<>| \0\t\r\n\u{7f}\u{80}\u{85}\u{ad}\u{202e}\u{feff}\u{ffff}";
    let character = prop_oneof![
        4 => proptest::char::range(' ', '~'),
        2 => select(meaningful.chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    let known = words("rc_8f3a21bc rc_ usr_4491 org_002 url rotate % %zz %00 .. null 2027-01-31T12:00:00Z");
    prop_oneof![
        3 => vec(character, 0..24).prop_map(|characters| characters.into_iter().collect()),
        1 => known,
        1 => number(),
    ]
}

/// Numbers as text, also very large ones.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<u64>().prop_map(|number| number.to_string()),
        any::<i128>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string())
    ]
}

/// Times, and strings that look like times.
pub fn time() -> impl Strategy<Value = String> {
    let digits =
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,12})?([Zz]|[+-][0-9]{2}:[0-9]{2})";
    let real =
        (2026..=9999_u32, 1..=12_u32, 1..=28_u32, 0..=24_u32, 0..=60_u32, "(Z|[+-](0[0-9]|1[0-9]|2[0-3]):[0-5][0-9])");
    prop_oneof![
        digits,
        real.prop_map(|(year, month, day, hour, minute, zone)| format!(
            "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00{zone}"
        )),
    ]
}

/// Names of fields of a body.
pub fn field() -> impl Strategy<Value = String> {
    prop_oneof![words("mentor_id org_id mentor_name expires_at action"), text()]
}

/// JSON of any shape; the names of fields of events are more frequent.
pub fn json_value() -> impl Strategy<Value = Value> {
    let names = words(
        "version routeKey rawPath rawQueryString cookies headers multiValueHeaders body path \
         queryStringParameters multiValueQueryStringParameters pathParameters stageVariables httpMethod \
         isBase64Encoded requestContext http method elb stage resourcePath identity authorizer domainName \
         timeEpoch host content-type x-forwarded-proto",
    );
    let name = prop_oneof![3 => names, 1 => text()];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(name.clone(), inner, 0..8).prop_map(|map| json!(map))
        ]
    })
}

/// All events of the folder `events`.
pub fn fixtures() -> Vec<Value> {
    let mut fixtures = Vec::new();
    for folder in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("events")).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            fixtures.push(serde_json::from_str(&std::fs::read_to_string(file.unwrap().path()).unwrap()).unwrap());
        }
    }
    assert!(fixtures.len() > 40);
    fixtures
}

/// A change of one value in an event.
#[derive(Clone, Debug)]
pub enum Mutation {
    Replace(Value),
    Remove,
    WrapInList,
}

/// A mutation, and where in the event it happens.
pub fn mutation() -> impl Strategy<Value = (Index, Mutation)> {
    let mutation = prop_oneof![
        json_value().prop_map(Mutation::Replace),
        text().prop_map(|text| Mutation::Replace(text.into())),
        Just(Mutation::Remove),
        Just(Mutation::WrapInList),
    ];
    (any::<Index>(), mutation)
}

pub fn mutate(event: &mut Value, place: Index, mutation: &Mutation) {
    let places = places(event, "");
    let place = place.get(&places);
    let found = event.pointer_mut(place).unwrap();
    match (mutation, found) {
        (Mutation::Replace(value), found) => *found = value.clone(),
        (Mutation::WrapInList, found) => *found = json!([found.take()]),
        (Mutation::Remove, _) => {
            let (parent, name) = place.rsplit_once('/').unwrap_or_default();
            if let Some(Value::Object(parent)) = event.pointer_mut(parent) {
                parent.remove(&name.replace("~1", "/").replace("~0", "~"));
            }
        }
    }
}

/// The JSON pointers of a value and of all values in it.
fn places(value: &Value, here: &str) -> Vec<String> {
    let mut found = vec![here.to_owned()];
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                found.extend(places(value, &format!("{here}/{}", name.replace('~', "~0").replace('/', "~1"))));
            }
        }
        Value::Array(values) => {
            for (nth, value) in values.iter().enumerate() {
                found.extend(places(value, &format!("{here}/{nth}")));
            }
        }
        _ => {}
    }
    found
}
