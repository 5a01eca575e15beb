//! A numbered page by the page index.

use futures_util::future::{try_join, try_join_all};

use super::super::{Store, StoreError};
use super::marks::{MARK_INTERVAL, Point};
use super::query::Start;
use super::tail::Tail;
use super::{Listing, Order, Page, PageRequest};
use crate::limits::INDEX_TIME_LIMIT;
use crate::model::{ReferralCode, Timestamp};

/// The longest tail, in codes, for which the marks around a page are read at the same time as the tail. A longer tail costs
/// one round trip more.
const EXPECTED_TAIL: u64 = 3 * MARK_INTERVAL;

/// Positions of a listing, both ends included, counted from the oldest code, which is 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Span {
    first: u64,
    last: u64,
}

/// How to read a span: where to start, in which direction, how many codes, and how many of those to skip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Plan {
    start: Start,
    order: Order,
    read: u64,
    skip: u64,
}

impl Store {
    pub(super) async fn indexed_page(
        &self,
        listing: &Listing,
        request: &PageRequest,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let last = self.last_mark(listing).await?;
        let marked = last.map_or(0, |mark| mark.position);
        let guess = marks_for(span_of_any(request, marked, marked + EXPECTED_TAIL), marked);
        let (tail, mut marks) =
            try_join(self.tail(listing, last, INDEX_TIME_LIMIT), self.marks_between(listing, guess.first, guess.last))
                .await?;
        let due = tail.due(self.settled(now));
        let total = tail.total();
        if !tail.complete {
            self.make_marks(listing, &due).await?;
            return Err(StoreError::Unavailable(format!(
                "the page index is catching up and has counted {total} codes"
            )));
        }
        let Some(span) = span(request, total) else {
            self.make_marks(listing, &due).await?;
            return Ok(Page { codes: Vec::new(), total });
        };
        let needed = marks_for(Some(span), marked);
        if needed.first < guess.first || needed.last > guess.last {
            marks = self.marks_between(listing, needed.first, needed.last).await?;
        }
        marks.extend(last);
        let plans = plans(span, &marks, &tail);
        let parts = try_join_all(plans.iter().map(|plan| self.read_plan(listing, *plan)));
        let (parts, ()) = try_join(parts, self.make_marks(listing, &due)).await?;
        let mut codes: Vec<_> = parts.into_iter().flatten().collect();
        if request.order == Order::NewestFirst {
            codes.reverse();
        }
        Ok(Page { codes, total })
    }

    /// Carries out a plan; the codes come oldest first.
    async fn read_plan(&self, listing: &Listing, plan: Plan) -> Result<Vec<ReferralCode>, StoreError> {
        let most = usize::try_from(plan.read).unwrap_or(usize::MAX);
        let (mut codes, _) = self.read_listing(listing, plan.order, plan.start, most).await?;
        codes.drain(..codes.len().min(usize::try_from(plan.skip).unwrap_or(usize::MAX)));
        if plan.order == Order::NewestFirst {
            codes.reverse();
        }
        Ok(codes)
    }
}

/// The positions on a page of a listing of so many codes; none past the end.
fn span(request: &PageRequest, total: u64) -> Option<Span> {
    let before = (request.page - 1).saturating_mul(u64::from(request.limit));
    let left = total.checked_sub(before).filter(|left| *left > 0)?;
    let length = left.min(u64::from(request.limit));
    Some(match request.order {
        Order::NewestFirst => Span { first: left - length + 1, last: left },
        Order::OldestFirst => Span { first: before + 1, last: before + length },
    })
}

/// All positions that a page may have if the total is between `least` and `most`.
fn span_of_any(request: &PageRequest, least: u64, most: u64) -> Option<Span> {
    let high = span(request, most)?;
    Some(match (span(request, least), request.order) {
        (Some(low), _) => Span { first: low.first.min(high.first), last: high.last },
        (None, Order::NewestFirst) => Span { first: 1, last: high.last },
        (None, Order::OldestFirst) => high,
    })
}

/// The positions of the marks around a span. The range is empty if there is no mark there.
fn marks_for(span: Option<Span>, marked: u64) -> Span {
    let Some(span) = span else { return Span { first: 1, last: 0 } };
    let first = ((span.first - 1) / MARK_INTERVAL).max(1) * MARK_INTERVAL;
    Span { first, last: (span.last.div_ceil(MARK_INTERVAL) * MARK_INTERVAL).min(marked) }
}

/// The cheapest way to read a span: in both directions from a mark inside it, else from the nearest mark outside. The parts
/// come in the order of their positions.
fn plans(span: Span, marks: &[Point], tail: &Tail) -> Vec<Plan> {
    let inside = |mark: &&Point| span.first <= mark.position && mark.position < span.last;
    if let Some(top) = tail.at(span.last) {
        return vec![down(span, top.position, Start::At(top.ulid))];
    }
    if let Some(mark) = marks.iter().find(inside) {
        let (below, above) = (Span { last: mark.position, ..span }, Span { first: mark.position + 1, ..span });
        return vec![
            down(below, mark.position, Start::At(mark.ulid)),
            up(above, mark.position, Start::After(mark.ulid)),
        ];
    }
    let above = marks.iter().filter(|mark| mark.position >= span.last).min_by_key(|mark| mark.position);
    let down =
        above.map_or(down(span, tail.total(), Start::End), |mark| down(span, mark.position, Start::At(mark.ulid)));
    let below = marks.iter().filter(|mark| mark.position < span.first).max_by_key(|mark| mark.position);
    let up = below.map_or(up(span, 0, Start::End), |mark| up(span, mark.position, Start::After(mark.ulid)));
    vec![if down.skip <= up.skip { down } else { up }]
}

/// From a point at or above the span's last code downwards.
fn down(span: Span, top: u64, start: Start) -> Plan {
    Plan { start, order: Order::NewestFirst, read: top - span.first + 1, skip: top - span.last }
}

/// From a point below the span's first code upwards.
fn up(span: Span, bottom: u64, start: Start) -> Plan {
    Plan { start, order: Order::OldestFirst, read: span.last - bottom, skip: span.first - bottom - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Filter;
    use proptest::prelude::*;
    use ulid::Ulid;

    /// The code at a position, where the ULID is the position.
    fn point(position: u64) -> Point {
        Point { position, ulid: Ulid::from_parts(position, 0) }
    }

    /// What a query would return from a listing whose codes are 1 to `total`.
    fn read(plan: Plan, total: u64) -> Vec<u64> {
        let (read, skip) = (usize::try_from(plan.read).unwrap(), usize::try_from(plan.skip).unwrap());
        let from = |at: Ulid| at.timestamp_ms();
        let all: Vec<u64> = match (plan.order, plan.start) {
            (Order::NewestFirst, Start::End) => (1..=total).rev().collect(),
            (Order::NewestFirst, Start::At(ulid)) => (1..=from(ulid)).rev().collect(),
            (Order::NewestFirst, Start::After(ulid)) => (1..from(ulid)).rev().collect(),
            (Order::OldestFirst, Start::End) => (1..=total).collect(),
            (Order::OldestFirst, Start::At(ulid)) => (from(ulid)..=total).collect(),
            (Order::OldestFirst, Start::After(ulid)) => (from(ulid) + 1..=total).collect(),
        };
        let mut read: Vec<u64> = all.into_iter().take(read).skip(skip).collect();
        read.sort_unstable();
        read
    }

    prop_compose! {
        fn any_request()(page in 1..60_u64, limit in 1..=100_u32, newest in any::<bool>()) -> PageRequest {
            let order = if newest { Order::NewestFirst } else { Order::OldestFirst };
            PageRequest { filter: Filter::default(), order, page, limit }
        }
    }

    proptest! {
        /// For every page, total and number of marks, the plan reads exactly the page, and skips at most half an interval.
        #[test]
        fn plan_reads_exactly_the_page(request in any_request(), mark_count in 0..20_u64, tail_length in 0..350_u64) {
            let marked = mark_count * MARK_INTERVAL;
            let total = marked + tail_length;
            let ulids = (marked + 1..=total).map(|at| point(at).ulid).collect();
            let tail = Tail { marked, ulids, complete: true };
            let ascending: Vec<u64> = (1..=total).collect();
            let start = usize::try_from((request.page - 1) * u64::from(request.limit)).unwrap();
            let mut expected: Vec<u64> = match request.order {
                Order::NewestFirst => ascending.into_iter().rev().skip(start).take(request.limit as usize).collect(),
                Order::OldestFirst => ascending.into_iter().skip(start).take(request.limit as usize).collect(),
            };
            let Some(span) = span(&request, total) else {
                prop_assert!(expected.is_empty());
                return Ok(());
            };
            let range = marks_for(Some(span), marked);
            let marks: Vec<_> = (1..=mark_count).map(|nth| nth * MARK_INTERVAL)
                .filter(|at| (range.first..=range.last).contains(at)).map(point).collect();
            let plans = plans(span, &marks, &tail);
            expected.sort_unstable();
            prop_assert_eq!(plans.iter().flat_map(|plan| read(*plan, total)).collect::<Vec<_>>(), expected);
            let skipped: u64 = plans.iter().map(|plan| plan.skip).sum();
            prop_assert!(skipped <= MARK_INTERVAL / 2, "{:?}", plans);
        }

        /// The marks that are read with the tail are those that the page needs, unless the tail is longer than expected.
        #[test]
        fn guess_covers_every_expected_tail(
            request in any_request(),
            mark_count in 0..20_u64,
            tail_length in 0..=EXPECTED_TAIL,
        ) {
            let marked = mark_count * MARK_INTERVAL;
            let guess = marks_for(span_of_any(&request, marked, marked + EXPECTED_TAIL), marked);
            if let Some(span) = span(&request, marked + tail_length) {
                let needed = marks_for(Some(span), marked);
                prop_assert!(needed.first > needed.last || (guess.first <= needed.first && needed.last <= guess.last));
            }
        }
    }
}
