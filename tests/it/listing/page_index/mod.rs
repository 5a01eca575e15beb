//! The page index: which marks lists make, what a list does while they are missing or wrong, and how the upkeep mends them.
//! `numbered_pages` compares the pages themselves with a model.

mod behind;
mod busy;
mod interleavings;
mod late_arrivals;
mod marks;
mod organisations;
mod rebuilds;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{CodeFixture, TestService};

type Item = HashMap<String, AttributeValue>;

fn text(item: &Item, name: &str) -> String {
    item[name].as_s().unwrap().clone()
}

/// The marks of a generation of a listing, as `1#all`: their positions and ULIDs.
async fn marks(service: &TestService, generation: &str) -> Vec<(u64, String)> {
    let query = service.client.query().table_name(&service.table).key_condition_expression("pk = :marks");
    let query = query.expression_attribute_values(":marks", AttributeValue::S(format!("marks#{generation}")));
    let answer = query.consistent_read(true).send().await.unwrap();
    answer.items().iter().map(|item| (text(item, "sk").parse().unwrap(), text(item, "ulid"))).collect()
}

/// The head of a listing: its generation and the position of its last mark.
async fn head(service: &TestService, listing: &str) -> Option<(u64, u64)> {
    let get = service.client.get_item().table_name(&service.table).consistent_read(true);
    let get = get.key("pk", AttributeValue::S(format!("head#{listing}"))).key("sk", AttributeValue::S("head".into()));
    let head = get.send().await.unwrap().item?;
    let number = |name: &str| head.get(name).map_or(0, |value| value.as_n().unwrap().parse().unwrap());
    Some((number("generation"), number("position")))
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
