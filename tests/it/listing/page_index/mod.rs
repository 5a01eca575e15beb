//! The page index: which marks the upkeep makes and corrects, and what a list does while they are missing or wrong.
//! `interleavings` compares the pages themselves with a model.

mod behind;
mod busy;
mod figures;
mod interleavings;
mod late_arrivals;
mod writes;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{CodeFixture, TestService};
use referral_codes::store::Rebuild;

use super::ids;

pub type Item = HashMap<String, AttributeValue>;

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
/// Twice as long as a code must have settled.
const SETTLED: Duration = Duration::from_secs(120);

/// The marks of a listing: their positions and ULIDs.
async fn marks(service: &TestService, listing: &str) -> Vec<(u64, String)> {
    let query = service.client.query().table_name(&service.table).key_condition_expression("pk = :marks");
    let query = query.expression_attribute_values(":marks", AttributeValue::S(format!("marks#{listing}")));
    let answer = query.consistent_read(true).send().await.unwrap();
    let text = |item: &Item, name: &str| item[name].as_s().unwrap().clone();
    answer.items().iter().map(|item| (text(item, "sk").parse().unwrap(), text(item, "ulid"))).collect()
}

pub fn key(pk: &str, sk: &str) -> Item {
    [("pk", pk), ("sk", sk)].map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned()))).into()
}

/// The key of a mark of all codes.
fn mark_key(position: u64) -> Item {
    key("marks#all", &format!("{position:020}"))
}

pub async fn item(service: &TestService, key: Item) -> Option<Item> {
    let get = service.client.get_item().table_name(&service.table).consistent_read(true);
    get.set_key(Some(key)).send().await.unwrap().item
}

/// A number of a listing's head.
async fn of_head(service: &TestService, listing: &str, name: &str) -> Option<u64> {
    let head = item(service, key(&format!("head#{listing}"), "head")).await?;
    head.get(name).map(|value| value.as_n().unwrap().parse().unwrap())
}

/// The position of a listing's last mark.
async fn marked(service: &TestService, listing: &str) -> Option<u64> {
    of_head(service, listing, "position").await
}

/// The correct marks: the codes at every hundredth position. The first code is the one that `fill` copies.
fn correct_marks(codes: &[CodeFixture], settled: usize) -> Vec<(u64, String)> {
    (100..=settled + 1).step_by(100).map(|at| (at as u64, codes[at - 2].ulid.to_string())).collect()
}

/// Codes of one organisation, `spacing` apart, each of another mentor. The last one is made at `last`. Numbers from `first`
/// tell the mentors apart.
fn codes(first: usize, count: usize, last: SystemTime, spacing: Duration) -> Vec<CodeFixture> {
    let mut codes = CodeFixture::series(count, last, spacing, &["o"]);
    for (nth, code) in codes.iter_mut().enumerate() {
        code.mentor = format!("m{}", first + nth);
    }
    codes
}

/// The code of a mentor `late`, made so long ago.
fn late_by(service: &TestService, age: Duration, org: &str) -> CodeFixture {
    CodeFixture::at(service.clock.now() - age, org, "late")
}

/// Adds a code to the table, and to those that are known of it.
async fn add(service: &TestService, codes: &mut Vec<CodeFixture>, code: CodeFixture) {
    service.fill(std::slice::from_ref(&code)).await;
    codes.push(code);
    codes.sort();
}

/// A table of so many codes, `spacing` apart, that have settled, with their marks.
async fn settled_codes(count: usize, spacing: Duration) -> (TestService, Vec<CodeFixture>) {
    let service = TestService::builder().in_process().build().await;
    let codes = codes(0, count, service.clock.now(), spacing);
    service.fill(&codes).await;
    service.clock.advance(SETTLED);
    service.upkeep().await.unwrap();
    (service, codes)
}

/// A rebuild of a listing with so much time.
async fn rebuild(service: &TestService, listing: &str, limit: Duration) -> Rebuild {
    let upkeep = service.store.upkeep();
    upkeep.rebuild(&listing.parse().unwrap(), &service.sources().call_context(), limit).await.unwrap()
}

/// The ids on a page of 20, and the total.
async fn page(service: &TestService, page: usize) -> (Vec<String>, u64) {
    let answer = service.list(&format!("?page={page}")).await;
    (ids(&answer), answer["pagination"]["total"].as_u64().unwrap())
}

/// What the page must be, but for the code that `fill` copies.
fn expected(codes: &[CodeFixture], page: usize) -> Vec<String> {
    codes.iter().rev().skip((page - 1) * 20).take(20).map(CodeFixture::id).collect()
}
