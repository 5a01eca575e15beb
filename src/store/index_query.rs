//! Queries of the two indexes over records, by ULID: a listing is read in the order of creation. Never a Scan.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use ulid::Ulid;

use super::StoreError;
use super::dynamodb::Table;
use super::item::{self, LISTING, LISTING_ALL, ORG_ID, string};
use crate::model::{Listing, Order, ReferralCode};

/// The index of all records.
pub const BY_CREATION: &str = "by-creation";
/// The index of an organisation's records.
pub const BY_ORG: &str = "by-org";

/// Where a query begins, in the order in which it reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Start {
    /// At the end of the listing from which the order reads.
    End,
    At(Ulid),
    After(Ulid),
}

pub(super) async fn read_codes(
    table: &Table,
    listing: &Listing,
    order: Order,
    mut start: Start,
    most: usize,
) -> Result<Vec<ReferralCode>, StoreError> {
    let mut codes = Vec::new();
    loop {
        let limit = i32::try_from(most - codes.len()).unwrap_or(i32::MAX);
        let answer = Box::pin(query(table, listing, order, start).limit(limit).send()).await?;
        for found in answer.items() {
            codes.push(item::referral_code(found)?);
        }
        match codes.last() {
            Some(last) if answer.last_evaluated_key.is_some() && codes.len() < most => start = Start::After(last.ulid),
            _ => return Ok(codes),
        }
    }
}

/// A query of a listing's index from `start` on.
pub(super) fn query(table: &Table, listing: &Listing, order: Order, start: Start) -> QueryFluentBuilder {
    let (index, partition, value) = match listing {
        Listing::All => (BY_CREATION, LISTING, LISTING_ALL),
        Listing::Org(org) => (BY_ORG, ORG_ID, org.as_str()),
    };
    let condition = match (start, order) {
        (Start::End, _) => "#partition = :partition",
        (Start::At(_), Order::NewestFirst) => "#partition = :partition AND ulid <= :from",
        (Start::At(_), Order::OldestFirst) => "#partition = :partition AND ulid >= :from",
        (Start::After(_), Order::NewestFirst) => "#partition = :partition AND ulid < :from",
        (Start::After(_), Order::OldestFirst) => "#partition = :partition AND ulid > :from",
    };
    let query = table.query().index_name(index);
    let query = query.scan_index_forward(order == Order::OldestFirst).key_condition_expression(condition);
    let query = query.expression_attribute_names("#partition", partition);
    let query = query.expression_attribute_values(":partition", string(value));
    match start {
        Start::End => query,
        Start::At(ulid) | Start::After(ulid) => query.expression_attribute_values(":from", string(ulid.to_string())),
    }
}
