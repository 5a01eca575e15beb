//! Queries of a listing's index, by ULID.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use ulid::Ulid;

use super::super::item::{self, LISTING, LISTING_ALL, ORG_ID, string};
use super::super::{Store, StoreError};
use super::{BY_CREATION, BY_ORG, Listing, Order};
use crate::model::ReferralCode;

/// Where a query begins, in the order in which it reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Start {
    /// At the end of the listing from which the order reads.
    End,
    /// At this code.
    At(Ulid),
    /// After this code.
    After(Ulid),
}

impl Store {
    /// Up to `most` codes of a listing, and whether there are more.
    pub(super) async fn read_listing(
        &self,
        listing: &Listing,
        order: Order,
        mut start: Start,
        most: usize,
    ) -> Result<(Vec<ReferralCode>, bool), StoreError> {
        let mut codes = Vec::new();
        loop {
            let limit = i32::try_from(most - codes.len()).unwrap_or(i32::MAX);
            let answer = Box::pin(self.index_query(listing, order, start).limit(limit).send()).await?;
            for found in answer.items() {
                codes.push(item::referral_code(found)?);
            }
            let more = answer.last_evaluated_key.is_some();
            match codes.last() {
                Some(last) if more && codes.len() < most => start = Start::After(last.ulid),
                _ => return Ok((codes, more)),
            }
        }
    }

    /// A query of a listing's index from `start` on.
    pub(super) fn index_query(&self, listing: &Listing, order: Order, start: Start) -> QueryFluentBuilder {
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
        let query = self.table.query().index_name(index);
        let query = query.scan_index_forward(order == Order::OldestFirst).key_condition_expression(condition);
        let query = query.expression_attribute_names("#partition", partition);
        let query = query.expression_attribute_values(":partition", string(value));
        match start {
            Start::End => query,
            Start::At(ulid) | Start::After(ulid) => {
                query.expression_attribute_values(":from", string(ulid.to_string()))
            }
        }
    }
}
