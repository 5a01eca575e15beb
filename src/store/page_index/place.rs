//! Where a page lies in its listing, and the cheapest way to read it from points that are known: pure arithmetic.

use super::super::index_query::Start;
use super::items::{MARK_INTERVAL, Point};
use crate::model::{Order, PageRequest};

/// Positions of a listing, both ends included, counted from the oldest code, which is 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) first: u64,
    pub(super) last: u64,
}

/// How to read a span: where to start, in which direction, how many codes, and how many of those to skip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Plan {
    pub(super) start: Start,
    pub(super) order: Order,
    pub(super) read: u64,
    pub(super) skip: u64,
}

/// The positions on a page of a listing of so many codes; none past the end.
pub(super) fn span(request: &PageRequest, total: u64) -> Option<Span> {
    let before = (request.page - 1).saturating_mul(u64::from(request.limit));
    let left = total.checked_sub(before).filter(|left| *left > 0)?;
    let length = left.min(u64::from(request.limit));
    Some(match request.order {
        Order::NewestFirst => Span { first: left - length + 1, last: left },
        Order::OldestFirst => Span { first: before + 1, last: before + length },
    })
}

/// All positions that a page may have if the total is between `least` and `most`.
pub(super) fn span_of_any(request: &PageRequest, least: u64, most: u64) -> Option<Span> {
    let high = span(request, most)?;
    Some(match (span(request, least), request.order) {
        (Some(low), _) => Span { first: low.first.min(high.first), last: high.last },
        (None, Order::NewestFirst) => Span { first: 1, last: high.last },
        (None, Order::OldestFirst) => high,
    })
}

/// The positions of the marks around a span. The range is empty if there is no mark there.
pub(super) fn marks_for(span: Option<Span>, marked: u64) -> Span {
    let Some(span) = span else { return Span { first: 1, last: 0 } };
    let first = ((span.first - 1) / MARK_INTERVAL).max(1) * MARK_INTERVAL;
    Span { first, last: (span.last.div_ceil(MARK_INTERVAL) * MARK_INTERVAL).min(marked) }
}

/// The cheapest way to read a span: down from its last code if that is known, in both directions from a point inside it,
/// or from the nearest point outside. `end`: the position of the newest code, if it is known. The parts come in the order
/// of their positions.
pub(super) fn plans(span: Span, points: &[Point], end: Option<u64>) -> Vec<Plan> {
    let inside = |point: &&Point| span.first <= point.position && point.position < span.last;
    if let Some(top) = points.iter().find(|point| point.position == span.last) {
        return vec![down(span, top.position, Start::At(top.ulid))];
    }
    if let Some(point) = points.iter().find(inside) {
        let (below, above) = (Span { last: point.position, ..span }, Span { first: point.position + 1, ..span });
        return vec![
            down(below, point.position, Start::At(point.ulid)),
            up(above, point.position, Start::After(point.ulid)),
        ];
    }
    let above = points.iter().filter(|point| point.position > span.last).min_by_key(|point| point.position);
    let below = points.iter().filter(|point| point.position < span.first).max_by_key(|point| point.position);
    let mut plans: Vec<_> = above.map(|point| down(span, point.position, Start::At(point.ulid))).into_iter().collect();
    plans.push(below.map_or(up(span, 0, Start::End), |point| up(span, point.position, Start::After(point.ulid))));
    plans.extend(end.filter(|end| *end >= span.last).map(|end| down(span, end, Start::End)));
    plans.into_iter().min_by_key(|plan| plan.skip).into_iter().collect()
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
    use super::super::tail::Tail;
    use super::*;
    use crate::model::Filter;
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

    /// The positions on a page, oldest first.
    fn expected(request: &PageRequest, total: u64) -> Vec<u64> {
        let at = |nth| if request.order == Order::NewestFirst { total - nth } else { nth + 1 };
        let mut expected = request.page_of((0..total).map(at)).codes;
        expected.sort_unstable();
        expected
    }

    proptest! {
        /// For every page, total and number of marks, the plan reads exactly the page, and skips at most half an interval.
        /// From any other points it reads the same; only its price differs.
        #[test]
        fn plan_reads_exactly_the_page(
            request in any_request(),
            mark_count in 0..20_u64,
            tail_length in 0..350_u64,
            end_is_known in any::<bool>(),
            others in prop::option::of(prop::collection::vec(1..3_000_u64, 0..4)),
        ) {
            let marked = mark_count * MARK_INTERVAL;
            let total = marked + tail_length;
            let tail = Tail { after: marked, ulids: (marked + 1..=total).map(|at| point(at).ulid).collect(), complete: true };
            let expected = expected(&request, total);
            let Some(span) = span(&request, total) else {
                prop_assert!(expected.is_empty());
                return Ok(());
            };
            let range = marks_for(Some(span), marked);
            let marks = (1..=mark_count).map(|nth| nth * MARK_INTERVAL).filter(|at| (range.first..=range.last).contains(at));
            let mut points: Vec<_> = marks.map(point).chain(tail.at(span.last)).collect();
            points.extend((mark_count > 0).then(|| point(marked)));
            let are_all = others.is_none();
            if let Some(others) = others {
                points = others.into_iter().filter(|at| *at <= total).map(point).collect();
            }
            let plans = plans(span, &points, end_is_known.then_some(total));
            prop_assert_eq!(plans.iter().flat_map(|plan| read(*plan, total)).collect::<Vec<_>>(), expected);
            let skipped: u64 = plans.iter().map(|plan| plan.skip).sum();
            prop_assert!(!are_all || skipped <= MARK_INTERVAL / 2, "{:?}", plans);
        }

        /// The marks that are read with the tail are those that the page needs, unless the listing has grown by more.
        #[test]
        fn guess_covers_every_expected_total(
            request in any_request(),
            mark_count in 0..20_u64,
            least in 0..=2_000_u64,
            growth in 0..=300_u64,
        ) {
            let marked = mark_count * MARK_INTERVAL;
            let least = marked + least;
            let guess = marks_for(span_of_any(&request, least, least + 300), marked);
            if let Some(span) = span(&request, least + growth) {
                let needed = marks_for(Some(span), marked);
                prop_assert!(needed.first > needed.last || (guess.first <= needed.first && needed.last <= guess.last));
            }
        }
    }
}
