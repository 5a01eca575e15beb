//! A walk over a listing: its codes, oldest first, and the marks that are there.

use std::collections::{BTreeMap, HashMap, HashSet};

use ulid::Ulid;

use super::super::StoreError;
use super::super::dynamodb::Table;
use super::super::index_query::{Start, query};
use super::super::item::{self, ORG_ID, ULID};
use super::super::page_index::{Point, Tail, marks_between};
use crate::limits::MAX_CODES_PER_ANSWER;
use crate::model::{Listing, Order, OrgId};

/// What a walk has read and not dropped yet.
pub(super) struct Walk<'a> {
    table: &'a Table,
    pub(super) listing: &'a Listing,
    last: Option<Ulid>,
    pub(super) codes: Tail,
    /// In the listing of all codes: the organisation of each of them.
    organisations: Vec<OrgId>,
    /// The marks among them, as they were before the codes were read.
    pub(super) marks: BTreeMap<u64, Ulid>,
}

impl<'a> Walk<'a> {
    /// A walk that begins after a mark, or at the oldest code.
    pub(super) fn after(table: &'a Table, listing: &'a Listing, mark: Option<Point>) -> Self {
        let codes = Tail { after: mark.map_or(0, |mark| mark.position), ulids: Vec::new(), complete: false };
        let last = mark.map(|mark| mark.ulid);
        Self { table, listing, last, codes, organisations: Vec::new(), marks: BTreeMap::new() }
    }

    /// Reads one answer of the index more, which has at most 1 MB.
    pub(super) async fn read_on(&mut self) -> Result<(), StoreError> {
        let next = self.codes.end() + 1;
        // The marks first: a run that corrects one meanwhile has read later codes, and this run's write is refused.
        let marks = marks_between(self.table, self.listing, next..=next + MAX_CODES_PER_ANSWER).await?;
        self.marks.extend(marks.into_iter().map(|mark| (mark.position, mark.ulid)));
        let start = self.last.map_or(Start::End, Start::After);
        let query = query(self.table, self.listing, Order::OldestFirst, start);
        let query = match self.listing {
            Listing::All => query.projection_expression(format!("{ULID}, {ORG_ID}")),
            Listing::Org(_) => query.projection_expression(ULID),
        };
        let limit = i32::try_from(MAX_CODES_PER_ANSWER).unwrap_or(i32::MAX);
        let answer = Box::pin(query.limit(limit).send()).await?;
        for entry in answer.items() {
            self.codes.ulids.push(item::of_entry(entry, ULID)?);
            if *self.listing == Listing::All {
                self.organisations.push(item::of_entry(entry, ORG_ID)?);
            }
        }
        self.last = self.codes.ulids.last().copied().or(self.last);
        self.codes.complete = answer.last_evaluated_key.is_none();
        Ok(())
    }

    /// The first of these points whose mark names another code.
    pub(super) fn first_wrong(&self, points: &[Point]) -> Option<Point> {
        points.iter().copied().find(|point| self.marks.get(&point.position).is_some_and(|ulid| *ulid != point.ulid))
    }

    /// The organisations of the codes at these positions.
    pub(super) fn organisations_between(&self, after: u64, up_to: u64) -> HashSet<OrgId> {
        let place = |position: u64| usize::try_from(position.saturating_sub(self.codes.after)).unwrap_or(usize::MAX);
        let places = place(after).min(self.organisations.len())..place(up_to).min(self.organisations.len());
        self.organisations.get(places).unwrap_or_default().iter().cloned().collect()
    }

    pub(super) fn organisations_with_more_than(&self, codes: u64) -> Vec<OrgId> {
        let mut counts: HashMap<&OrgId, u64> = HashMap::new();
        for organisation in &self.organisations {
            *counts.entry(organisation).or_default() += 1;
        }
        counts.into_iter().filter(|(_, count)| *count > codes).map(|(organisation, _)| organisation.clone()).collect()
    }

    pub(super) fn drop_up_to(&mut self, position: u64) {
        let dropped = usize::try_from(position - self.codes.after).unwrap_or(usize::MAX);
        self.codes.ulids.drain(..dropped);
        if !self.organisations.is_empty() {
            self.organisations.drain(..dropped);
        }
        self.codes.after = position;
        self.marks = self.marks.split_off(&(position + 1));
    }
}
