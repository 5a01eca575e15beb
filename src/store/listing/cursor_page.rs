//! A walk through a listing, step by step: one query a step, whatever the filter, wherever the step begins.
//!
//! A step begins behind the code that the last one ended with, so a code that exists throughout the walk is met exactly
//! once, whatever is made or ended meanwhile.

use ulid::Ulid;

use super::super::{Store, StoreError};
use super::query::Start;
use super::{Filter, Order};
use crate::limits::MAX_EXAMINED;
use crate::model::{ReferralCode, Timestamp};

/// The next step of a walk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CursorPageRequest {
    /// Through which codes.
    pub filter: Filter,
    /// From which end.
    pub order: Order,
    /// Behind which code the step begins; none for the first step.
    pub after: Option<Ulid>,
    /// How many codes at the most.
    pub limit: u32,
}

/// What a step brings. It may be fewer codes than asked for, even none, before the walk is over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CursorPage {
    /// The codes.
    pub codes: Vec<ReferralCode>,
    /// Behind which code the next step begins; none when the walk is over.
    pub next: Option<Ulid>,
}

impl Store {
    /// One step of a walk.
    ///
    /// # Errors
    /// When the table cannot be read, or holds a record that is none.
    pub async fn list_after(&self, request: &CursorPageRequest, now: Timestamp) -> Result<CursorPage, StoreError> {
        let CursorPageRequest { filter, order, after, limit } = request;
        if let Some(code) = &filter.code {
            let found = if after.is_none() { self.by_code(code).await? } else { None };
            return Ok(CursorPage {
                codes: found.into_iter().filter(|found| filter.fits(found, now)).collect(),
                next: None,
            });
        }
        let limit = *limit as usize;
        let look_at = if filter.asks_more_than_its_listing() { MAX_EXAMINED.max(limit) } else { limit };
        let start = after.map_or(Start::End, Start::After);
        // One more than is looked at tells whether there is a next step.
        let (read, _) = self.read_listing(&filter.narrowest(), *order, start, look_at + 1).await?;

        let mut codes = Vec::new();
        for (nth, code) in read.iter().enumerate() {
            if nth == look_at || codes.len() == limit {
                return Ok(CursorPage { codes, next: Some(read[nth - 1].ulid) });
            }
            if filter.fits(code, now) {
                codes.push(code.clone());
            }
        }
        Ok(CursorPage { codes, next: None })
    }
}
