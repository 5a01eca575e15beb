//! The items of a code, as the service writes them: those of one code that it really wrote, with another code's values in
//! the place of that code's.
//!
//! So the items follow the store's format without a second description of it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::Item;
use super::capacity::item_size;
use super::codes::Numbered;
use crate::lambda::Call;
use crate::service::TestService;
use crate::{BASE, create_body};

/// The items of one code.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) record: Template,
    pub(super) claim: Template,
    pub(super) slot: Template,
}

/// One item with gaps for the values of a code.
#[derive(Debug)]
pub(super) struct Template {
    attributes: Vec<(String, Filler)>,
    /// The size of the item with all gaps empty.
    fixed_size: usize,
    /// How often each value occurs.
    occurrences: [usize; 5],
}

/// An attribute's value.
#[derive(Debug)]
enum Filler {
    Text(Vec<Piece>),
    Map(Vec<(String, Filler)>),
    Other(Value),
}

#[derive(Debug)]
enum Piece {
    Literal(String),
    Gap(usize),
}

/// What differs from code to code: ULID, id, code string, mentor and organisation.
type Values = [String; 5];

impl Pattern {
    pub(super) async fn written_by_the_service() -> Self {
        let service = Box::pin(TestService::builder().in_process().ids(&["8f3a21bc"]).build()).await;
        let created = service.send(Call::post(BASE, &create_body("usr_4491", "org_002"))).await.expect(201);
        let [id, code, mentor, org] =
            ["id", "code", "mentor_id", "org_id"].map(|name| created[name].as_str().unwrap().to_owned());
        let read = async |pk: String, sk: &str| {
            let key = [("pk", pk.as_str()), ("sk", sk)]
                .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
            let request = service.client.get_item().table_name(&service.table).set_key(Some(HashMap::from(key)));
            let found = Box::pin(request.send()).await.unwrap().item.expect("the service has written it");
            found.iter().map(|(name, value)| (name.clone(), as_json(value))).collect::<Item>()
        };
        let record = read(format!("id#{id}"), "record").await;
        let claim = read(format!("code#{code}"), "claim").await;
        let slot = read(format!("mentor#{mentor}"), "slot").await;
        let values = [super::text(&record, "ulid").unwrap().to_owned(), id, code, mentor, org];
        let [record, claim, slot] = [record, claim, slot].map(|item| Template::new(item, &values));
        Self { record, claim, slot }
    }
}

impl Template {
    fn new(item: Item, values: &Values) -> Self {
        let attributes = fillers(item, values);
        let empty = filled(&attributes, &Values::default());
        let fixed_size = item_size(&empty);
        // With one value one byte longer, the item is as much longer as the value occurs in it.
        let occurrences = std::array::from_fn(|nth| {
            let mut values = Values::default();
            values[nth].push('x');
            item_size(&filled(&attributes, &values)) - fixed_size
        });
        Self { attributes, fixed_size, occurrences }
    }

    /// The item of the code with this number.
    pub(super) fn item(&self, codes: &Numbered, number: u64) -> Item {
        filled(&self.attributes, &values(codes, number))
    }

    /// The size of that item, without making it.
    pub(super) fn size(&self, codes: &Numbered, number: u64) -> usize {
        let lengths = codes.lengths(number);
        self.fixed_size + self.occurrences.iter().zip(lengths).map(|(times, length)| times * length).sum::<usize>()
    }
}

fn values(codes: &Numbered, number: u64) -> Values {
    [
        codes.ulid(number).to_string(),
        Numbered::id(number),
        Numbered::code(number),
        codes.mentor(number),
        codes.org(number),
    ]
}

fn fillers(item: Item, values: &Values) -> Vec<(String, Filler)> {
    let filler = |value: Value| match (value.get("S"), value.get("M")) {
        (Some(Value::String(text)), _) => Filler::Text(pieces(text, values)),
        (_, Some(Value::Object(map))) => Filler::Map(fillers(map.clone(), values)),
        _ => Filler::Other(value),
    };
    item.into_iter().map(|(name, value)| (name, filler(value))).collect()
}

/// Splits a text at the first value that it contains, and its parts at the others.
fn pieces(text: &str, values: &Values) -> Vec<Piece> {
    let found = values.iter().enumerate().find_map(|(nth, value)| Some((nth, text.split_once(value.as_str())?)));
    match found {
        Some((nth, (before, after))) => {
            let mut all = pieces(before, values);
            all.push(Piece::Gap(nth));
            all.extend(pieces(after, values));
            all
        }
        None if text.is_empty() => Vec::new(),
        None => vec![Piece::Literal(text.to_owned())],
    }
}

fn filled(attributes: &[(String, Filler)], values: &Values) -> Item {
    let value = |filler: &Filler| match filler {
        Filler::Text(pieces) => {
            let text = pieces.iter().map(|piece| match piece {
                Piece::Literal(literal) => literal.as_str(),
                Piece::Gap(nth) => values[*nth].as_str(),
            });
            json!({ "S": text.collect::<String>() })
        }
        Filler::Map(map) => json!({ "M": filled(map, values) }),
        Filler::Other(value) => value.clone(),
    };
    attributes.iter().map(|(name, filler)| (name.clone(), value(filler))).collect()
}

/// The SDK's attribute in DynamoDB's JSON.
fn as_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(as_json).collect::<Vec<_>>() }),
        AttributeValue::M(map) => {
            json!({ "M": map.iter().map(|(name, value)| (name.clone(), as_json(value))).collect::<Item>() })
        }
        other => panic!("the items of a code had no such attribute so far: {other:?}"),
    }
}
