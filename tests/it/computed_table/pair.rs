//! A computed table, and an engine that holds the same items.

use std::time::Duration;

use dev::{Call, ComputedCodes, ComputedTable, InProcessEngine, TestService};
use serde_json::{Map, Value, json};

use super::requests::{Step, query_all};

/// Of the codes with a number that is a multiple of this, the engine has all items; of the others, only the records.
pub const COMPLETE: usize = 20;

/// The same items, computed and stored, and the real service over each.
pub struct Pair {
    pub computed: ComputedTable,
    engine: InProcessEngine,
    over_computed: TestService,
    over_engine: TestService,
    /// The values of each code's record, in the order of the numbers.
    known: Vec<Value>,
}

impl Pair {
    pub async fn new(codes: ComputedCodes) -> Self {
        let computed = ComputedTable::new(codes).await;
        let engine = InProcessEngine::new();
        let ids = ["aaaa", "bbbb", "cccc", "dddd"];
        let over_computed = TestService::builder().computed(computed.clone()).ids(&ids).build().await;
        let over_engine = TestService::builder().engine(engine.clone()).ids(&ids).build().await;
        over_engine.clock.set_to(over_computed.clock.now());

        let records = query_all(&computed, Some("by-creation"), "listing", "all");
        assert_eq!(records.len() as u64, codes.count);
        let mut known = Vec::new();
        let mut items = records.clone();
        for (place, record) in records.iter().enumerate() {
            let values = record.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value["S"].clone()));
            let values: Value = values.collect::<Map<_, _>>().into();
            let has_all_items = (place + 1).is_multiple_of(COMPLETE);
            for (kind, name) in [("code", "code"), ("mentor", "mentor_id")].into_iter().filter(|_| has_all_items) {
                let pk = format!("{kind}#{}", values[name].as_str().unwrap());
                items.extend(query_all(&computed, None, "pk", &pk));
            }
            known.push(values);
        }
        for pk in partitions_of_listings(&known, codes.orgs) {
            items.extend(query_all(&computed, None, "pk", &pk));
        }
        for batch in items.chunks(25) {
            let puts: Vec<_> = batch.iter().map(|item| json!({ "PutRequest": { "Item": item } })).collect();
            let request = json!({ "RequestItems": { &over_engine.table: puts } });
            let (status, answer) = engine.request("BatchWriteItem", request.to_string().as_bytes());
            assert_eq!(status, 200, "{answer}");
        }
        Self { computed, engine, over_computed, over_engine, known }
    }

    /// The values of the record of the code with this number; of the last one for any higher number.
    pub fn known(&self, number: usize) -> &Value {
        &self.known[number.min(self.known.len()) - 1]
    }

    pub fn last(&self) -> usize {
        self.known.len()
    }

    /// Sends a request to both, and those for the next pages if there are any.
    pub fn compare(&self, step: &Step) {
        let mut request = step.request(self);
        for _ in 0..step.pages() {
            let (status, ours) = self.answer_of_computed(step.operation(), &request);
            let (expected_status, mut expected) = self.answer_of_engine(step.operation(), &request);
            let next = ours["LastEvaluatedKey"].clone();
            if next.is_object() && expected["Count"] != request["Limit"] {
                // At 1 MB, the engine counts the item that it leaves out among those that it has read.
                expected["ScannedCount"] = json!(expected["ScannedCount"].as_u64().unwrap() - 1);
            }
            assert!(
                (status, &ours) == (expected_status, &expected),
                "{request}\n{status} {ours}\n{expected_status} {expected}"
            );
            if !next.is_object() {
                return;
            }
            request["ExclusiveStartKey"] = next;
        }
    }

    fn answer_of_computed(&self, operation: &str, request: &Value) -> (u16, Value) {
        let request = request.to_string().replace(TABLE, &self.over_computed.table);
        let (status, answer) = self.computed.request(operation, request.as_bytes());
        (status, serde_json::from_str(&answer.replace(&self.over_computed.table, TABLE)).unwrap())
    }

    fn answer_of_engine(&self, operation: &str, request: &Value) -> (u16, Value) {
        let request = request.to_string().replace(TABLE, &self.over_engine.table);
        let (status, answer) = self.engine.request(operation, request.as_bytes());
        (status, serde_json::from_str(&answer.replace(&self.over_engine.table, TABLE)).unwrap())
    }

    /// Sends a call to the service over each, which answer the same.
    pub async fn call(&self, call: Call) -> Value {
        let ours = self.over_computed.send(call.clone()).await;
        let expected = self.over_engine.send(call.clone()).await;
        assert_eq!((ours.status, &ours.body), (expected.status, &expected.body), "{call:?}");
        ours.json()
    }

    /// Not for a table in which codes go on being made: the engine has only those of the start.
    pub fn advance(&self, by: Duration) {
        self.over_computed.clock.advance(by);
        self.over_engine.clock.advance(by);
    }
}

/// Stands in a request for the name of the table, which is another one in each of the two.
pub const TABLE: &str = "table-of-the-pair";

/// The partitions of all page indexes: marks and heads.
fn partitions_of_listings(known: &[Value], orgs: u64) -> Vec<String> {
    let orgs = known.iter().take(usize::try_from(orgs).unwrap()).map(|code| code["org_id"].as_str().unwrap());
    let listings = std::iter::once("all".to_owned()).chain(orgs.map(|org| format!("org#{org}")));
    listings.flat_map(|listing| [format!("marks#1#{listing}"), format!("head#{listing}")]).collect()
}
