//! A numbered page: which requests are sent together, and what the page is made of.
//!
//! Each `.await` on several requests is one round trip. [`Store::indexed_page`] has them in their order.

use futures_util::future::{try_join, try_join_all, try_join4};
use ulid::Ulid;

use super::super::super::{Store, StoreError, item};
use super::super::query::Start;
use super::super::upkeep::report_wrong_mark;
use super::super::{Listing, Order, Page, PageRequest};
use super::advance::Work;
use super::count::{CountFrom, Counted};
use super::known::Known;
use super::marks::Point;
use super::place::{Plan, Span, marks_for, plans, span, span_of_any};
use super::tail::Tail;
use crate::limits::{BUSY_CODES, LARGEST_INDEX_ENTRY, MAX_ANSWER_BYTES, MAX_PAGE_LIMIT};
use crate::model::{CallContext, ReferralCode};

/// A page that ends within so many of the newest codes is read as they are: the newest codes, with the first ones skipped.
const NEAR: u64 = 2 * MAX_PAGE_LIMIT as u64;

/// How many of the newest codes a process reads that knows nothing of a listing: they tell how large its entries are.
const SAMPLE: u64 = 20;

/// By how many codes a listing may have grown since the last look, beyond what was expected, for a page to be found without
/// a further round trip. The marks of so many codes cost no read unit more.
const MARGIN: u64 = 2_000;

/// For how long since the last look, in milliseconds, the listing may have become faster without being noticed: for as many
/// codes as a listing may grow by that is not busy, marks are read in advance.
const MARGIN_MILLIS: u64 = 60_000;

/// What was read of a listing before the page itself.
struct Look {
    known: Known,
    /// The newest codes, newest first, as many as were asked for or as there are.
    newest: Newest,
    from: CountFrom,
    /// What follows that point. None if nothing was read.
    tail: Option<Tail>,
    /// The positions whose marks were read.
    guess: Span,
    marks: Vec<Point>,
}

/// The newest codes of a listing.
#[derive(Default)]
struct Newest {
    codes: Vec<ReferralCode>,
    /// Whether these are all codes of the listing.
    are_all: bool,
    /// The mean size of their entries, in bytes.
    entry_bytes: Option<usize>,
}

impl Store {
    /// A page of a listing; empty past the end.
    pub(in super::super) async fn indexed_page(
        &self,
        listing: &Listing,
        request: &PageRequest,
        cx: &CallContext<'_>,
    ) -> Result<Page, StoreError> {
        let now = cx.unix_millis();
        let look = match self.indexes.recall(listing, now) {
            Some(known) => self.look_again(listing, request, known, now).await?,
            None => None,
        };
        let look = match look {
            Some(look) => look,
            None => self.first_look(listing, request, now).await?,
        };
        let counted = look.counted(now);
        let known = Known {
            total: counted.total,
            counted_at: if look.tail.is_some() && counted.is_recent { now } else { look.known.counted_at },
            in_ten_seconds: counted.in_ten_seconds,
            entry_bytes: look.entry_bytes(),
            seen_at: now,
            ..look.known.clone()
        };
        self.indexes.remember(listing, known.clone());
        if !counted.is_recent {
            tracing::warn!(%listing, counted = counted.total, "the page index is behind");
        }
        let page = match look.newest.page(request, counted.total) {
            Some(page) => Ok((page, 0)),
            None => self.page_from_points(listing, request, &look, &counted).await,
        };
        let read = look.read() + page.as_ref().map_or(0, |(_, read)| *read);
        let settled = self.settled(now);
        let work = look.work(&known, &counted, read, now, settled);
        self.advance_beside(listing, known.head, work, settled);
        page.map(|(page, _)| page)
    }

    /// All that a list needs, asked for at once from what the process remembers. None if another generation of marks is
    /// live by now.
    async fn look_again(
        &self,
        listing: &Listing,
        request: &PageRequest,
        known: Known,
        now: u64,
    ) -> Result<Option<Look>, StoreError> {
        let newest = codes_if_near(request);
        let grown = known.total + known.expected_growth(now);
        let from = known.count_from(now, newest == 0 && is_in_tail(request, &known, grown));
        let margin = MARGIN + now.abs_diff(known.seen_at).min(MARGIN_MILLIS) * BUSY_CODES / 10_000;
        let guess = if newest > 0 { None } else { span_of_any(request, known.total, grown + margin) };
        let guess = marks_for(guess, known.head.marked());
        let (head, newest, tail, marks) = try_join4(
            self.head(listing),
            self.newest(listing, newest),
            self.tail_from(listing, from, known.budget()),
            self.marks_between(listing, known.head.generation, guess.first..=guess.last),
        )
        .await?;
        // The read may be of a moment ago, and older than what is remembered.
        let newer = head.version > known.head.version;
        if newer && head.generation != known.head.generation {
            return Ok(None);
        }
        if newer && let (Some(tail), CountFrom::Mark(_)) = (&tail, from) {
            check_step(listing, tail, head.mark);
        }
        let head = if newer { head } else { known.head.clone() };
        Ok(Some(Look { known: Known { head, ..known }, newest, from, tail, guess, marks }))
    }

    /// The same for a process that knows nothing of the listing, or knew another generation of marks: the head, and then
    /// the rest.
    async fn first_look(&self, listing: &Listing, request: &PageRequest, now: u64) -> Result<Look, StoreError> {
        let sample = codes_if_near(request).max(SAMPLE);
        let (head, newest) = try_join(self.head(listing), self.newest(listing, sample)).await?;
        let ulids: Vec<Ulid> = newest.codes.iter().map(|code| code.ulid).collect();
        let entry_bytes = newest.entry_bytes.unwrap_or(LARGEST_INDEX_ENTRY);
        let mut known = Known::at_first(head, &ulids, entry_bytes, now);
        known.total = known.total.max(self.indexes.least_total(listing));
        if newest.are_all {
            let tail = Tail { after: 0, ulids: ulids.into_iter().rev().collect(), complete: true };
            let (from, guess) = (CountFrom::Mark(None), marks_for(None, 0));
            return Ok(Look { known, newest, from, tail: Some(tail), guess, marks: Vec::new() });
        }
        let is_near = codes_if_near(request) > 0;
        let most = known.head.marked().max(known.total) + known.budget() as u64;
        let from = known.count_from(now, !is_near && is_in_tail(request, &known, most));
        let guess = if is_near { None } else { span_of_any(request, known.head.marked(), most) };
        let guess = marks_for(guess, known.head.marked());
        let (tail, marks) = try_join(
            self.tail_from(listing, from, known.budget()),
            self.marks_between(listing, known.head.generation, guess.first..=guess.last),
        )
        .await?;
        Ok(Look { known, newest, from, tail, guess, marks })
    }

    /// A page that is read from the nearest point that is known, and how many codes were read for it.
    async fn page_from_points(
        &self,
        listing: &Listing,
        request: &PageRequest,
        look: &Look,
        counted: &Counted,
    ) -> Result<(Page, usize), StoreError> {
        let total = counted.total;
        let is_counted = counted.is_recent || (request.order == Order::OldestFirst && request.ends_by(total));
        if !is_counted {
            return Err(StoreError::Unavailable(format!(
                "the page index of {listing} has counted {total} codes so far"
            )));
        }
        let Some(span) = span(request, total) else { return Ok((Page { codes: Vec::new(), total }, 0)) };
        let needed = marks_for(Some(span), look.known.head.marked());
        let mut points = look.points();
        points.extend(look.tail.as_ref().and_then(|tail| tail.at(span.last)));
        if needed.first < look.guess.first || needed.last > look.guess.last {
            let generation = look.known.head.generation;
            points.extend(self.marks_between(listing, generation, needed.first..=needed.last).await?);
        }
        let end = look.tail.as_ref().filter(|tail| tail.complete).map(Tail::end);
        let plans = plans(span, &points, end);
        let read: u64 = plans.iter().map(|plan| plan.read).sum();
        let left = look.known.budget().saturating_sub(look.read());
        if read > NEAR.max(left as u64) {
            return Err(StoreError::Unavailable(format!(
                "the page index of {listing} has no mark near the positions {} to {}",
                span.first, span.last
            )));
        }
        let parts = try_join_all(plans.iter().map(|plan| self.read_plan(listing, *plan))).await?;
        let mut codes: Vec<_> = parts.into_iter().flatten().collect();
        if request.order == Order::NewestFirst {
            codes.reverse();
        }
        Ok((Page { codes, total }, usize::try_from(read).unwrap_or(usize::MAX)))
    }

    async fn newest(&self, listing: &Listing, most: u64) -> Result<Newest, StoreError> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if most == 0 {
            return Ok(Newest::default());
        }
        let query = self.index_query(listing, Order::NewestFirst, Start::End);
        let answer = Box::pin(query.limit(i32::try_from(most).unwrap_or(i32::MAX)).send()).await?;
        let bytes: usize = answer.items().iter().map(item::size).sum();
        let codes: Vec<_> = answer.items().iter().map(item::referral_code).collect::<Result<_, _>>()?;
        let entry_bytes = bytes.checked_div(codes.len());
        Ok(Newest { are_all: codes.len() < most && answer.last_evaluated_key.is_none(), codes, entry_bytes })
    }

    async fn tail_from(&self, listing: &Listing, from: CountFrom, most: usize) -> Result<Option<Tail>, StoreError> {
        match from {
            CountFrom::OwnTotal => Ok(None),
            from => self.tail(listing, from.point(), most).await.map(Some),
        }
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

impl PageRequest {
    /// Whether the last position of the page, counted from the side from which it is ordered, is within so many codes.
    fn ends_by(&self, codes: u64) -> bool {
        self.page.saturating_mul(u64::from(self.limit)) <= codes
    }
}

/// How many of the newest codes a page near them needs; 0 for any other page.
fn codes_if_near(request: &PageRequest) -> u64 {
    let is_near = request.order == Order::NewestFirst && request.ends_by(NEAR);
    if is_near { request.page * u64::from(request.limit) } else { 0 }
}

/// Whether a page, if the listing has up to `most` codes, may have codes after the last mark.
fn is_in_tail(request: &PageRequest, known: &Known, most: u64) -> bool {
    span(request, most).is_some_and(|span| span.last > known.head.marked())
}

/// Compares the last mark of the head with what was counted from an earlier mark of the same generation. It costs nothing,
/// because a list has read both; what it finds, the upkeep mends.
fn check_step(listing: &Listing, tail: &Tail, mark: Option<Point>) {
    if let Some(mark) = mark
        && let Some(here) = tail.at(mark.position)
        && here.ulid != mark.ulid
    {
        report_wrong_mark(listing, mark, Some(here.ulid), "a list");
    }
}

impl Newest {
    /// The page, if it lies within these codes.
    fn page(&self, request: &PageRequest, total: u64) -> Option<Page> {
        if self.are_all {
            let mut codes = self.codes.clone();
            if request.order == Order::OldestFirst {
                codes.reverse();
            }
            let page = request.page_of(codes);
            return Some(Page { total: total.max(page.total), ..page });
        }
        if codes_if_near(request) == 0 {
            return None;
        }
        let before = (request.page - 1) * u64::from(request.limit);
        let codes = self.codes.iter().skip(usize::try_from(before).ok()?).take(request.limit as usize);
        let codes: Vec<_> = codes.cloned().collect();
        // The newest codes and the count were read at the same time, and not at one moment.
        let total = total.max(if codes.is_empty() { 0 } else { before + codes.len() as u64 });
        Some(Page { codes, total })
    }
}

impl Look {
    fn counted(&self, now: u64) -> Counted {
        match &self.tail {
            Some(tail) => self.known.counted(self.from, tail, now),
            None => Counted {
                total: self.known.total,
                is_recent: true,
                in_ten_seconds: self.known.in_ten_seconds,
                count: None,
            },
        }
    }

    /// The mean size of an entry, as it is known by now. One page of few codes tells too little of all others.
    fn entry_bytes(&self) -> usize {
        let of_newest = self.newest.entry_bytes.filter(|bytes| {
            self.newest.codes.len() as u64 >= SAMPLE || self.newest.are_all || *bytes > self.known.entry_bytes
        });
        let bytes = of_newest.unwrap_or(self.known.entry_bytes);
        match &self.tail {
            Some(tail) if self.was_cut_short() => bytes.max(MAX_ANSWER_BYTES / tail.ulids.len().max(1)),
            _ => bytes,
        }
    }

    /// Whether the tail ended because the answer was full, before the list had read as many codes as it may.
    fn was_cut_short(&self) -> bool {
        self.tail.as_ref().is_some_and(|tail| !tail.complete && tail.ulids.len() < self.known.budget())
    }

    /// How many codes were read.
    fn read(&self) -> usize {
        self.newest.codes.len() + self.tail.as_ref().map_or(0, |tail| tail.ulids.len())
    }

    /// What is to be done for the index beside the answer, for which the list has read so many codes.
    fn work(&self, known: &Known, counted: &Counted, read: usize, now: u64, settled: Ulid) -> Work {
        let due = match (&self.tail, self.from) {
            (Some(tail), CountFrom::Mark(_)) => tail.due(settled),
            _ => Vec::new(),
        };
        let marked = known.head.marked();
        let is_agreed = |point: &Point| known.disagrees_from.is_none_or(|from| point.position < from);
        Work {
            due: due.into_iter().filter(|point| point.position > marked).take_while(is_agreed).collect(),
            count: counted.count,
            // Codes before the count settle, and this list has not read them.
            catch_up: match self.from {
                CountFrom::Mark(_) => 0,
                _ if self.was_cut_short() || known.disagrees_from.is_some() => 0,
                _ => known.due_codes(settled, now).min(known.budget().saturating_sub(read)),
            },
        }
    }

    /// All points whose positions are known, besides those of the tail.
    fn points(&self) -> Vec<Point> {
        let head = &self.known.head;
        let counted = head.count_after_mark().map(|count| count.up_to);
        self.marks.iter().copied().chain(head.mark).chain(counted).collect()
    }
}
