//! The listing: every code, newest first, in numbered pages with a total.
//!
//! It reads the index `by-creation`, in which the ULID orders all records, and never scans. One walk from the newest
//! to the oldest code counts what comes before the page, reads the page, and counts what comes after it, so the page
//! and the total are of one sweep. Its cost grows with the number of codes; the index is eventually consistent, as
//! every global secondary index is.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::{AttributeValue, Select};

use super::item::{self, CREATION_INDEX, LISTING_ALL, string};
use super::{Store, StoreError};
use crate::model::ReferralCode;

/// Which page of the listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageRequest {
    /// From 1.
    pub page: u64,
    /// How many codes a page has.
    pub limit: u32,
}

/// A page of the listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// The codes on it, newest first.
    pub codes: Vec<ReferralCode>,
    /// How many codes there are on all pages.
    pub total: u64,
}

/// The codes of the listing.
const ALL_CODES: &str = "listing = :all";

type Position = Option<HashMap<String, AttributeValue>>;

impl Store {
    /// A page of all codes, newest first; empty past the end.
    ///
    /// # Errors
    /// When the table cannot be read, or holds a record that is none.
    pub async fn list(&self, request: PageRequest) -> Result<Page, StoreError> {
        let before = request.page.saturating_sub(1).saturating_mul(u64::from(request.limit));
        let (skipped, mut position) = self.count(None, before).await?;
        let mut page = Page { codes: Vec::new(), total: skipped };
        if before > 0 && position.is_none() {
            return Ok(page);
        }
        loop {
            let wanted = request.limit as usize - page.codes.len();
            if wanted == 0 {
                break;
            }
            let answer = self.query(position, Select::AllProjectedAttributes, wanted as u64).await?;
            for found in answer.items() {
                page.codes.push(item::referral_code(found)?);
            }
            position = answer.last_evaluated_key;
            if position.is_none() {
                page.total += page.codes.len() as u64;
                return Ok(page);
            }
        }
        let (after, _) = self.count(position, u64::MAX).await?;
        page.total += page.codes.len() as u64 + after;
        Ok(page)
    }

    /// Counts at most `most` codes from a position on, and tells where that ended: nowhere, when there are no more.
    async fn count(&self, mut position: Position, most: u64) -> Result<(u64, Position), StoreError> {
        let mut counted = 0;
        while counted < most {
            let answer = self.query(position, Select::Count, most - counted).await?;
            counted += u64::try_from(answer.count).unwrap_or_default();
            position = answer.last_evaluated_key;
            if position.is_none() {
                break;
            }
        }
        Ok((counted, position))
    }

    async fn query(&self, from: Position, select: Select, most: u64) -> Result<QueryOutput, StoreError> {
        let query = self.client.query().table_name(&self.table).index_name(CREATION_INDEX).scan_index_forward(false);
        let query = query.key_condition_expression(ALL_CODES).expression_attribute_values(":all", string(LISTING_ALL));
        let limit = i32::try_from(most).ok();
        Ok(query.select(select).set_limit(limit).set_exclusive_start_key(from).send().await?)
    }
}
