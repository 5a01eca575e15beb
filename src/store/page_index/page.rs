//! A numbered page: which requests are sent together, and what the page is made of.
//!
//! Each `.await` on several requests is one round trip. [`PageIndex::page`] has them in their order.

use futures_util::future::{try_join, try_join_all, try_join4};

use super::super::dynamodb::Table;
use super::super::index_query::{Start, query, read_codes};
use super::super::{StoreError, item};
use super::items::{Head, Point, marks_between};
use super::memory::{Known, Memory, budget, newer};
use super::place::{Plan, Span, marks_for, plans, span, span_of_any};
use super::tail::Tail;
use crate::limits::{BUSY_CODES, LARGEST_INDEX_ENTRY, MAX_AGE_OF_TOTAL, MAX_PAGE_LIMIT};
use crate::model::{Listing, Order, Page, PageRequest, ReferralCode};

/// A page that ends within so many of the newest codes is read as they are: the newest codes, with the first ones skipped.
const NEAR: u32 = 2 * MAX_PAGE_LIMIT;

/// How many of the newest codes a process reads that knows nothing of a listing: they tell how large its entries are.
const SAMPLE: u64 = 20;

/// By how many codes a listing may have grown since it was last read, beyond what was expected, for a page to be found
/// without a further round trip. The marks of so many codes cost no read unit more.
const MARGIN: u64 = 2_000;

/// For how long since then, in milliseconds, the listing may have become faster without being noticed: for as many codes as
/// a listing may grow by that is not busy, marks are read in advance.
const MARGIN_MILLIS: u64 = 60_000;

/// The page index of a listing, as lists read it. It writes nothing.
pub(crate) struct PageIndex<'a> {
    pub(crate) table: &'a Table,
    pub(crate) listing: &'a Listing,
    pub(crate) memory: &'a Memory,
}

/// What was read of a listing before the page itself.
struct Read {
    mark: Option<Point>,
    /// The newest codes, newest first, as many as were asked for or as there are.
    newest: Newest,
    tail: Tail,
    /// The positions whose marks were read.
    guess: Span,
    marks: Vec<Point>,
    /// The size of an entry of the index, in bytes: the mean of some.
    entry_bytes: usize,
    /// How many codes the list had read before, in vain.
    in_vain: usize,
}

#[derive(Default)]
struct Newest {
    codes: Vec<ReferralCode>,
    are_all: bool,
    /// The mean size of their entries, in bytes.
    entry_bytes: Option<usize>,
}

impl PageIndex<'_> {
    /// A page of the listing at this time, in Unix milliseconds; empty past the end.
    pub(crate) async fn page(&self, request: &PageRequest, now: u64) -> Result<Page, StoreError> {
        let read = match self.memory.recall(self.listing, now) {
            None => self.read_cold(request, 0).await?,
            Some(known) => match self.read_warm(request, &known, now).await? {
                Ok(read) => read,
                Err(in_vain) => self.read_cold(request, in_vain).await?,
            },
        };
        let total = read.tail.end().max(self.memory.least_total(self.listing));
        let is_counted = read.tail.is_recent(now, MAX_AGE_OF_TOTAL);
        self.memory.remember(
            self.listing,
            Known {
                mark: read.mark,
                total,
                in_ten_seconds: read.tail.rate(now),
                entry_bytes: read.entry_bytes,
                seen_at: now,
            },
        );
        if !is_counted {
            tracing::warn!(listing = %self.listing, counted = total, "the page index is behind");
        }
        match read.newest.page(request, total) {
            Some(page) => Ok(page),
            None => self.page_from_points(request, &read, total, is_counted).await,
        }
    }

    /// All that a list needs, asked for at once from what the process remembers. If the last mark is farther on than a list
    /// may read, or was corrected: how many codes were read in vain.
    async fn read_warm(
        &self,
        request: &PageRequest,
        known: &Known,
        now: u64,
    ) -> Result<Result<Read, usize>, StoreError> {
        let newest = newest_needed(request);
        let grown = known.total + known.expected_growth(now);
        let margin = MARGIN + now.abs_diff(known.seen_at).min(MARGIN_MILLIS) * BUSY_CODES / 10_000;
        let guess = if newest > 0 { None } else { span_of_any(request, known.total, grown + margin) };
        let guess = marks_for(guess, known.mark.map_or(0, |mark| mark.position));
        let (head, newest, tail, marks) = try_join4(
            Head::read(self.table, self.listing),
            self.newest(newest),
            Tail::read(self.table, self.listing, known.mark, budget(known.entry_bytes)),
            marks_between(self.table, self.listing, guess.first..=guess.last),
        )
        .await?;
        // The read may be of a moment ago, and older than what is remembered.
        let mark = newer(known.mark, head.mark);
        let in_vain = tail.ulids.len() + newest.codes.len();
        let tail = match (known.mark, mark) {
            (_, None) => Some(tail),
            // The mark was corrected: the codes between the two were not read.
            (Some(known), Some(mark)) if mark.ulid < known.ulid => None,
            (_, Some(mark)) => tail.counted_from(mark),
        };
        let entry_bytes = newest.entry_bytes.unwrap_or(known.entry_bytes);
        Ok(tail.map(|tail| Read { mark, newest, tail, guess, marks, entry_bytes, in_vain: 0 }).ok_or(in_vain))
    }

    /// The same for a process that knows nothing of the listing, or too little: the head, and then the rest. A list that has
    /// read codes in vain reads fewer now, but enough to count what follows the last mark of a listing that is not busy.
    async fn read_cold(&self, request: &PageRequest, in_vain: usize) -> Result<Read, StoreError> {
        let needed = newest_needed(request);
        let (Head { mark, .. }, newest) =
            try_join(Head::read(self.table, self.listing), self.newest(needed.max(SAMPLE))).await?;
        let entry_bytes = newest.entry_bytes.unwrap_or(LARGEST_INDEX_ENTRY);
        if newest.are_all {
            let ulids = newest.codes.iter().rev().map(|code| code.ulid).collect();
            let tail = Tail { after: 0, ulids, complete: true };
            return Ok(Read { mark, newest, tail, guess: marks_for(None, 0), marks: Vec::new(), entry_bytes, in_vain });
        }
        let marked = mark.map_or(0, |mark| mark.position);
        let most = budget(entry_bytes).saturating_sub(in_vain).max(budget(entry_bytes) / 8);
        let guess = if needed > 0 { None } else { span_of_any(request, marked, marked + most as u64) };
        let guess = marks_for(guess, marked);
        let (tail, marks) = try_join(
            Tail::read(self.table, self.listing, mark, most),
            marks_between(self.table, self.listing, guess.first..=guess.last),
        )
        .await?;
        Ok(Read { mark, newest, tail, guess, marks, entry_bytes, in_vain })
    }

    /// A page that is read from the nearest point that is known. `is_counted`: whether the total is.
    async fn page_from_points(
        &self,
        request: &PageRequest,
        read: &Read,
        total: u64,
        is_counted: bool,
    ) -> Result<Page, StoreError> {
        let is_counted = is_counted || (request.order == Order::OldestFirst && ends_by(request, total));
        if !is_counted {
            let listing = self.listing;
            return Err(StoreError::Unavailable(format!(
                "the page index of {listing} has counted {total} codes so far; the upkeep counts the rest"
            )));
        }
        let Some(span) = span(request, total) else { return Ok(Page { codes: Vec::new(), total }) };
        let needed = marks_for(Some(span), read.mark.map_or(0, |mark| mark.position));
        let in_tail = read.tail.at(span.last);
        let mut points: Vec<_> = read.marks.iter().copied().chain(read.mark).chain(in_tail).collect();
        if in_tail.is_none() && (needed.first < read.guess.first || needed.last > read.guess.last) {
            points.extend(marks_between(self.table, self.listing, needed.first..=needed.last).await?);
        }
        let plans = plans(span, &points, read.tail.complete.then(|| read.tail.end()));
        let codes: u64 = plans.iter().map(|plan| plan.read).sum();
        let before = read.in_vain + read.newest.codes.len() + read.tail.ulids.len();
        let left = budget(read.entry_bytes).saturating_sub(before);
        if codes > u64::from(NEAR).max(left as u64) {
            return Err(StoreError::Unavailable(format!(
                "the page index of {} has no mark near the positions {} to {}",
                self.listing, span.first, span.last
            )));
        }
        let parts = try_join_all(plans.iter().map(|plan| self.read_plan(*plan))).await?;
        let mut codes: Vec<_> = parts.into_iter().flatten().collect();
        if request.order == Order::NewestFirst {
            codes.reverse();
        }
        Ok(Page { codes, total })
    }

    async fn newest(&self, most: u64) -> Result<Newest, StoreError> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if most == 0 {
            return Ok(Newest::default());
        }
        let query = query(self.table, self.listing, Order::NewestFirst, Start::End);
        let answer = Box::pin(query.limit(i32::try_from(most).unwrap_or(i32::MAX)).send()).await?;
        let bytes: usize = answer.items().iter().map(item::size).sum();
        let codes: Vec<_> = answer.items().iter().map(item::referral_code).collect::<Result<_, _>>()?;
        let are_all = codes.len() < most && answer.last_evaluated_key.is_none();
        // One page of few codes tells too little of all others.
        let entry_bytes = bytes.checked_div(codes.len()).filter(|_| are_all || codes.len() as u64 >= SAMPLE);
        Ok(Newest { codes, are_all, entry_bytes })
    }

    /// Carries out a plan; the codes come oldest first.
    async fn read_plan(&self, plan: Plan) -> Result<Vec<ReferralCode>, StoreError> {
        let most = usize::try_from(plan.read).unwrap_or(usize::MAX);
        let mut codes = read_codes(self.table, self.listing, plan.order, plan.start, most).await?;
        codes.drain(..codes.len().min(usize::try_from(plan.skip).unwrap_or(usize::MAX)));
        if plan.order == Order::NewestFirst {
            codes.reverse();
        }
        Ok(codes)
    }
}

/// Whether the last position of the page, counted from the side from which it is ordered, is within so many codes.
fn ends_by(request: &PageRequest, codes: u64) -> bool {
    request.page.saturating_mul(u64::from(request.limit)) <= codes
}

/// How many of the newest codes a page near them needs; 0 for any other page.
fn newest_needed(request: &PageRequest) -> u64 {
    let is_near = request.order == Order::NewestFirst && ends_by(request, NEAR.into());
    if is_near { request.page * u64::from(request.limit) } else { 0 }
}

impl Newest {
    /// The page, if it lies within these codes.
    fn page(&self, request: &PageRequest, total: u64) -> Option<Page> {
        if !self.are_all && newest_needed(request) == 0 {
            return None;
        }
        let mut codes = self.codes.clone();
        if request.order == Order::OldestFirst {
            codes.reverse();
        }
        let page = request.page_of(codes);
        // The newest codes and the count were read at the same time, and not at one moment.
        Some(Page { total: total.max(page.total), ..page })
    }
}
