//! Random requests, of every form that a computed table serves.

use std::collections::BTreeMap;

use dev::ComputedTable;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::pair::{COMPLETE, Pair, TABLE};

/// One request; the codes in it are named by their numbers.
#[derive(Clone, Debug)]
pub enum Step {
    Query(Query),
    Get { kind: Kind, number: usize, projection: Option<&'static str>, consistent: bool },
    BatchGet { keys: Vec<(Kind, usize)>, projection: Option<&'static str>, consistent: bool },
    Write { kind: Kind, number: usize, write: Write, condition: Option<&'static str> },
}

#[derive(Clone, Debug)]
pub struct Query {
    partition: Partition,
    range: Option<(&'static str, [Bound; 2])>,
    forward: Option<bool>,
    limit: Option<usize>,
    reads: Reads,
    consistent: bool,
    pages: usize,
}

#[derive(Clone, Copy, Debug)]
enum Partition {
    All,
    OrgOf(usize),
    NoSuchOrg,
    Marks,
    MarksOfOrgOf(usize),
    ItemOf(Kind, usize),
}

/// The items of a code; the mark at a position, and the head of the page index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Record,
    Claim,
    Slot,
    Mark,
    Head,
}

/// A sort key, or one right before or after it.
#[derive(Clone, Copy, Debug)]
struct Bound {
    number: usize,
    ending: &'static str,
}

/// What a query returns.
#[derive(Clone, Copy, Debug)]
enum Reads {
    Items,
    Attributes(&'static str),
    Count,
}

#[derive(Clone, Copy, Debug)]
pub enum Write {
    Put,
    Update,
    Delete,
}

const NUMBERS: std::ops::RangeInclusive<usize> = 1..=10_040;

pub fn any_step() -> impl Strategy<Value = Step> {
    let projection =
        || prop::option::of(prop::sample::select(vec!["ulid", "pk, sk", "#status, ulid, no_such_attribute"]));
    let condition =
        prop::option::of(prop::sample::select(vec!["attribute_not_exists(pk)", "ulid = :ulid", "format < :format"]));
    let write = prop::sample::select(vec![Write::Put, Write::Update, Write::Delete]);
    let key = || (any_kind(), NUMBERS);
    let batch = prop::collection::hash_map(NUMBERS, any_kind(), 1..20);
    prop_oneof![
        8 => any_query().prop_map(Step::Query),
        2 => (key(), projection(), any::<bool>())
            .prop_map(|((kind, number), projection, consistent)| Step::Get { kind, number, projection, consistent }),
        2 => (batch, projection(), any::<bool>()).prop_map(|(keys, projection, consistent)| {
            let keys = keys.into_iter().map(|(number, kind)| (kind, number)).collect();
            Step::BatchGet { keys, projection, consistent }
        }),
        1 => (key(), write, condition)
            .prop_map(|((kind, number), write, condition)| Step::Write { kind, number, write, condition }),
    ]
}

fn any_query() -> impl Strategy<Value = Query> {
    let partition = prop_oneof![
        4 => Just(Partition::All),
        4 => NUMBERS.prop_map(Partition::OrgOf),
        1 => Just(Partition::NoSuchOrg),
        2 => Just(Partition::Marks),
        2 => NUMBERS.prop_map(Partition::MarksOfOrgOf),
        2 => (any_kind(), NUMBERS).prop_map(|(kind, number)| Partition::ItemOf(kind, number)),
    ];
    let bound = || (NUMBERS, prop::sample::select(vec!["", "", "-", "0"]));
    let bound = move || bound().prop_map(|(number, ending)| Bound { number, ending });
    let operator = prop::sample::select(vec!["=", "<", "<=", ">", ">=", "BETWEEN"]);
    let range = prop::option::of((operator, [bound(), bound()]));
    let limit = prop_oneof![4 => (1..60_usize).prop_map(Some), 1 => (60..4_000_usize).prop_map(Some), 1 => Just(None)];
    let reads = prop_oneof![
        2 => Just(Reads::Items),
        1 => Just(Reads::Attributes("ulid")),
        1 => Just(Reads::Attributes("pk,#status")),
        1 => Just(Reads::Count),
    ];
    (partition, range, any::<Option<bool>>(), limit, reads, any::<bool>(), 1..4_usize).prop_map(
        |(partition, range, forward, limit, reads, consistent, pages)| Query {
            partition,
            range,
            forward,
            limit,
            reads,
            consistent,
            pages,
        },
    )
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![Kind::Record, Kind::Claim, Kind::Slot, Kind::Mark, Kind::Head])
}

impl Step {
    pub fn operation(&self) -> &'static str {
        match self {
            Self::Query(_) => "Query",
            Self::Get { .. } => "GetItem",
            Self::BatchGet { .. } => "BatchGetItem",
            Self::Write { write: Write::Put, .. } => "PutItem",
            Self::Write { write: Write::Update, .. } => "UpdateItem",
            Self::Write { write: Write::Delete, .. } => "DeleteItem",
        }
    }

    /// How many pages of the answer are read.
    pub fn pages(&self) -> usize {
        if let Self::Query(query) = self { query.pages } else { 1 }
    }

    pub fn request(&self, pair: &Pair) -> Value {
        let projected = |mut request: Value, projection: Option<&str>| {
            if let Some(projection) = projection {
                project(&mut request, projection);
            }
            request
        };
        let mut request = match self {
            Self::Query(query) => query.request(pair),
            Self::Get { kind, number, projection, consistent } => {
                let request =
                    json!({ "TableName": TABLE, "Key": key(pair, *kind, *number), "ConsistentRead": consistent });
                projected(request, *projection)
            }
            Self::BatchGet { keys, projection, consistent } => {
                let keys = keys.iter().map(|(kind, number)| key(pair, *kind, *number));
                // A request that names a key twice is refused.
                let keys: BTreeMap<_, _> = keys.map(|key| (key.to_string(), key)).collect();
                let keys: Vec<_> = keys.into_values().collect();
                let of_table = projected(json!({ "Keys": keys, "ConsistentRead": consistent }), *projection);
                json!({ "RequestItems": { TABLE: of_table } })
            }
            Self::Write { kind, number, write, condition } => write.request(pair, *kind, *number, *condition),
        };
        request["ReturnConsumedCapacity"] = json!("TOTAL");
        request
    }
}

impl Query {
    fn request(&self, pair: &Pair) -> Value {
        let org = |number: usize| pair.known(number)["org_id"].as_str().unwrap();
        let (index, value) = match self.partition {
            Partition::All => (Some("by-creation"), "all".to_owned()),
            Partition::OrgOf(number) => (Some("by-org"), org(number).to_owned()),
            Partition::NoSuchOrg => (Some("by-org"), "org_of_nobody".to_owned()),
            Partition::Marks => (None, "marks#1#all".to_owned()),
            Partition::MarksOfOrgOf(number) => (None, format!("marks#1#org#{}", org(number))),
            Partition::ItemOf(kind, number) => (None, key(pair, kind, number)["pk"]["S"].as_str().unwrap().to_owned()),
        };
        let (partition, sort_key) = match index {
            None => ("pk", "sk"),
            Some("by-org") => ("org_id", "ulid"),
            Some(_) => ("listing", "ulid"),
        };
        let mut request = json!({
            "TableName": TABLE,
            "KeyConditionExpression": format!("#partition = :partition{}", self.condition(sort_key)),
            "ExpressionAttributeNames": { "#partition": partition },
            "ExpressionAttributeValues": { ":partition": { "S": value } },
        });
        if let Some((operator, bounds)) = &self.range {
            let mut bounds = bounds.map(|bound| self.sort_key(pair, bound));
            if *operator == "BETWEEN" {
                bounds.sort();
                request["ExpressionAttributeValues"][":to"] = json!({ "S": bounds[1] });
            }
            request["ExpressionAttributeValues"][":from"] = json!({ "S": bounds[0] });
        }
        if let Some(index) = index {
            request["IndexName"] = json!(index);
        } else {
            request["ConsistentRead"] = json!(self.consistent);
        }
        if let Some(forward) = self.forward {
            request["ScanIndexForward"] = json!(forward);
        }
        if let Some(limit) = self.limit {
            request["Limit"] = json!(limit);
        }
        match self.reads {
            Reads::Items => {}
            Reads::Attributes(projection) => project(&mut request, projection),
            Reads::Count => request["Select"] = json!("COUNT"),
        }
        request
    }

    fn condition(&self, sort_key: &str) -> String {
        match &self.range {
            None => String::new(),
            Some(("BETWEEN", _)) => format!(" AND {sort_key} BETWEEN :from AND :to"),
            Some((operator, _)) => format!(" AND {sort_key} {operator} :from"),
        }
    }

    fn sort_key(&self, pair: &Pair, Bound { number, ending }: Bound) -> String {
        let exact = match self.partition {
            Partition::All | Partition::OrgOf(_) | Partition::NoSuchOrg => {
                pair.known(number)["ulid"].as_str().unwrap().to_owned()
            }
            Partition::Marks | Partition::MarksOfOrgOf(_) => position(number),
            Partition::ItemOf(kind, number) => key(pair, kind, number)["sk"]["S"].as_str().unwrap().to_owned(),
        };
        // Without its last character a key sorts right before all that begin like it.
        if ending == "-" { exact[..exact.len() - 1].to_owned() } else { exact + ending }
    }
}

impl Write {
    fn request(self, pair: &Pair, kind: Kind, number: usize, condition: Option<&str>) -> Value {
        let key = key(pair, kind, number);
        let mut ulid = pair.known(number)["ulid"].as_str().unwrap().to_owned();
        if number > pair.last() {
            // Beside the last code, and no other code's.
            ulid.replace_range(24.., &format!("{:02}", number % 100));
        }
        let ulid = json!({ "S": ulid });
        let mut values = json!({});
        let mut request = match self {
            Self::Put => {
                let mut item = key;
                item["ulid"] = ulid.clone();
                item["format"] = json!({ "N": "1" });
                if kind == Kind::Record {
                    item["listing"] = json!({ "S": "all" });
                    item["org_id"] = json!({ "S": pair.known(number / 2 + 1)["org_id"] });
                }
                json!({ "TableName": TABLE, "Item": item })
            }
            Self::Update => {
                values = json!({ ":note": { "S": format!("written {number}") } });
                json!({ "TableName": TABLE, "Key": key, "UpdateExpression": "SET note = :note" })
            }
            Self::Delete => json!({ "TableName": TABLE, "Key": key }),
        };
        match condition {
            Some("ulid = :ulid") => values[":ulid"] = ulid,
            Some("format < :format") => values[":format"] = json!({ "N": "2" }),
            _ => {}
        }
        if let Some(condition) = condition {
            request["ConditionExpression"] = json!(condition);
        }
        if values != json!({}) {
            request["ExpressionAttributeValues"] = values;
        }
        request
    }
}

fn project(request: &mut Value, projection: &str) {
    request["ProjectionExpression"] = json!(projection);
    if projection.contains("#status") {
        request["ExpressionAttributeNames"]["#status"] = json!("status");
    }
}

/// The key of an item of a code. After the last code: of a record that is not there.
fn key(pair: &Pair, kind: Kind, number: usize) -> Value {
    let complete = number / COMPLETE * COMPLETE;
    let number = if matches!(kind, Kind::Claim | Kind::Slot) { complete.max(COMPLETE) } else { number };
    let value = |name: &str| pair.known(number)[name].as_str().unwrap();
    let (pk, sk) = match kind {
        Kind::Record => (format!("id#rc_{number:08x}"), "record".to_owned()),
        Kind::Claim => (format!("code#{}", value("code")), "claim".to_owned()),
        Kind::Slot => (format!("mentor#{}", value("mentor_id")), "slot".to_owned()),
        Kind::Mark => ("marks#1#all".to_owned(), position(number)),
        Kind::Head => ("head#all".to_owned(), "head".to_owned()),
    };
    json!({ "pk": { "S": pk }, "sk": { "S": sk } })
}

/// Most numbers are no position of a mark, so one is made from a part of them.
fn position(number: usize) -> String {
    format!("{:020}", if number.is_multiple_of(3) { number } else { number / 100 * 100 })
}

/// All items of a partition of a computed table.
pub fn query_all(table: &ComputedTable, index: Option<&str>, partition: &str, value: &str) -> Vec<Value> {
    let mut request = json!({
        "TableName": TABLE,
        "KeyConditionExpression": "#partition = :partition",
        "ExpressionAttributeNames": { "#partition": partition },
        "ExpressionAttributeValues": { ":partition": { "S": value } },
    });
    if let Some(index) = index {
        request["IndexName"] = json!(index);
    }
    let mut items = Vec::new();
    loop {
        let (status, answer) = table.request("Query", request.to_string().as_bytes());
        assert_eq!(status, 200, "{answer}");
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        items.append(answer["Items"].as_array_mut().unwrap());
        if answer["LastEvaluatedKey"].is_null() {
            return items;
        }
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"].clone();
    }
}
