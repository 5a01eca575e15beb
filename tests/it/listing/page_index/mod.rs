//! The page index: which marks the upkeep makes and corrects, and what a list does while they are missing or wrong.
//! `numbered_pages` compares the pages themselves with a model.

mod behind;
mod busy;
mod figures;
mod interleavings;
mod late_arrivals;
mod organisations;
mod overlapping;
mod writes;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, CodeFixture, TestService};
use referral_codes::model::{Listing, Sources};
use referral_codes::store::Rebuild;
use serde_json::Value;

type Item = HashMap<String, AttributeValue>;

fn text(item: &Item, name: &str) -> String {
    item[name].as_s().unwrap().clone()
}

/// The marks of a listing: their positions and ULIDs.
async fn marks(service: &TestService, listing: &str) -> Vec<(u64, String)> {
    let query = service.client.query().table_name(&service.table).key_condition_expression("pk = :marks");
    let query = query.expression_attribute_values(":marks", AttributeValue::S(format!("marks#{listing}")));
    let answer = query.consistent_read(true).send().await.unwrap();
    answer.items().iter().map(|item| (text(item, "sk").parse().unwrap(), text(item, "ulid"))).collect()
}

fn key(pk: &str, sk: &str) -> Item {
    [("pk", pk), ("sk", sk)].map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned()))).into()
}

async fn item(service: &TestService, pk: &str, sk: &str) -> Option<Item> {
    let get = service.client.get_item().table_name(&service.table).consistent_read(true).set_key(Some(key(pk, sk)));
    get.send().await.unwrap().item
}

/// A number of a listing's head.
async fn of_head(service: &TestService, listing: &str, name: &str) -> Option<u64> {
    let head = item(service, &format!("head#{listing}"), "head").await?;
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

/// The same codes with the longest ids.
fn with_longest_ids(mut codes: Vec<CodeFixture>) -> Vec<CodeFixture> {
    for code in &mut codes {
        code.org = "o".repeat(128);
        code.mentor = format!("{:-<128}", code.mentor);
    }
    codes
}

/// So many codes that have settled, with their marks.
async fn settled_codes(count: usize) -> (TestService, Vec<CodeFixture>) {
    let service = TestService::builder().in_process().build().await;
    let codes = codes(0, count, service.clock.now(), Duration::from_millis(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    (service, codes)
}

async fn rebuild(service: &TestService, limit: Duration) -> Rebuild {
    rebuild_of(service, "all", limit).await
}

async fn rebuild_of(service: &TestService, listing: &str, limit: Duration) -> Rebuild {
    let sources = Sources::new(service.clock.reader(), || 0);
    let listing: Listing = listing.parse().unwrap();
    service.store.upkeep().rebuild(&listing, &sources.call_context(), limit).await.unwrap()
}

/// The ids on a page of 20, and the total.
async fn page(service: &TestService, page: usize) -> (Vec<String>, u64) {
    let answer = service.send(Call::get(&format!("{BASE}?page={page}"))).await.expect(200);
    let ids = answer["data"].as_array().unwrap().iter().map(|code: &Value| code["id"].as_str().unwrap().to_owned());
    (ids.collect(), answer["pagination"]["total"].as_u64().unwrap())
}

/// What the page must be, but for the code that `fill` copies.
fn expected(codes: &[CodeFixture], page: usize) -> Vec<String> {
    codes.iter().rev().skip((page - 1) * 20).take(20).map(CodeFixture::id).collect()
}
