//! What the upkeep writes: marks, corrected in place, and heads, attribute by attribute.

use futures_util::future::try_join_all;
use ulid::Ulid;

use super::super::StoreError;
use super::super::dynamodb::{Item, Update};
use super::super::item::{self, ULID, number, string};
use super::super::key::Key;
use super::super::page_index::{
    Head, ORGANISATIONS, Point, Progress, mark_attributes, parse_mark, progress_attributes,
};
use super::walk::Walk;
use super::{Run, Upkeep};
use crate::limits::{MARKS_AT_ONCE, MAX_HEAD_ROUNDS};
use crate::model::{CallContext, Listing};

impl Run<'_> {
    /// Writes the marks at these points that are missing or name another code, and then moves the head. `head` is the mark
    /// that the head names, as this run knows it. False if another run has written the marks otherwise since this one has
    /// read them.
    pub(super) async fn write(
        &self,
        walk: &Walk<'_>,
        due: &[Point],
        head: &mut Option<Point>,
    ) -> Result<bool, StoreError> {
        if let Some(wrong) = walk.first_wrong(due)
            && *walk.listing == Listing::All
        {
            self.upkeep.count_organisations_from(wrong.mark_before()).await?;
        }
        let to_write: Vec<_> = due.iter().filter(|due| walk.marks.get(&due.position) != Some(&due.ulid)).collect();
        for some in to_write.chunks(MARKS_AT_ONCE) {
            let writes = some.iter().map(|point| {
                let read = walk.marks.get(&point.position).copied();
                self.write_mark(walk.listing, **point, read)
            });
            let are_there = try_join_all(writes).await?;
            self.did().marks_written += are_there.iter().filter(|is_there| **is_there).count() as u64;
            if are_there.contains(&false) {
                return Ok(false);
            }
        }
        if let Some(last) = due.last() {
            self.upkeep.move_head(walk.listing, head, *last).await?;
        }
        Ok(true)
    }

    /// Writes a mark, if it still names the code that this run has read. Whether it is there, by this run or by another one.
    async fn write_mark(&self, listing: &Listing, mark: Point, read: Option<Ulid>) -> Result<bool, StoreError> {
        let key = Key::Mark { listing: listing.clone(), position: mark.position };
        let (condition, values) = match read {
            None => ("attribute_not_exists(#ulid)", Item::new()),
            Some(read) => ("#ulid = :read", Item::from([(":read".to_owned(), string(read.to_string()))])),
        };
        let set = Item::from([(ULID.to_owned(), string(mark.ulid.to_string()))]);
        match self.upkeep.set(&key, set, condition, values).await? {
            Update::Done => {
                if let Some(named) = read {
                    self.report_correction(listing, mark, named);
                }
                Ok(true)
            }
            Update::ConditionFailed(there) => Ok(there.as_ref().map(parse_mark).transpose()? == Some(mark)),
        }
    }

    /// Logs that a mark had named another code, once for a listing and a run. Before its code has settled, a mark may do so.
    fn report_correction(&self, listing: &Listing, mark: Point, named: Ulid) {
        let name = listing.to_string();
        if named >= self.settled || !self.did().wrong.insert(name.clone()) {
            return;
        }
        tracing::error!(
            event = "late_arrival",
            listing = name,
            position = mark.position,
            marked = %named,
            counted = %mark.ulid,
            "a page mark counted wrongly, and is corrected: a code appeared in the listing later than LISTING_SETTLE_SECONDS \
             allows; until now, pages by number may have repeated or skipped it; look at the clocks of all processes"
        );
    }
}

impl Upkeep {
    /// Moves the head of a listing to its last mark, after all marks up to that one are there.
    async fn move_head(&self, listing: &Listing, read: &mut Option<Point>, to: Point) -> Result<(), StoreError> {
        if *read == Some(to) || read.is_some_and(|read| read.position > to.position) {
            return Ok(());
        }
        for _ in 0..MAX_HEAD_ROUNDS {
            let (condition, values) = match read {
                None => ("attribute_not_exists(#position)", Item::new()),
                Some(Point { position, ulid }) => {
                    let values = [(":position", number(*position)), (":ulid", string(ulid.to_string()))];
                    ("#position = :position AND #ulid = :ulid", values.map(|(name, value)| (name.into(), value)).into())
                }
            };
            match self.set(&Key::Head(listing.clone()), mark_attributes(to), condition, values).await? {
                Update::Done => {
                    *read = Some(to);
                    return Ok(());
                }
                // Another run has moved it. At the same position, that run has counted later.
                Update::ConditionFailed(there) => *read = Head::of(there.as_ref())?.mark,
            }
            if read.is_some_and(|read| read.position >= to.position) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Writes how far the upkeep of a listing has come. False if it is not as it was read any more.
    pub(super) async fn write_progress(
        &self,
        listing: &Listing,
        read: Progress,
        next: Progress,
    ) -> Result<bool, StoreError> {
        let read = progress_attributes(&read);
        let is_read = read.iter().map(|(name, value)| {
            let may_be_absent =
                if *value == number(0) { format!("attribute_not_exists(#{name}) OR ") } else { String::new() };
            format!("({may_be_absent}#{name} = :read_{name})")
        });
        let condition = is_read.collect::<Vec<_>>().join(" AND ");
        let values = read.into_iter().map(|(name, value)| (format!(":read_{name}"), value)).collect();
        let head = Key::Head(listing.clone());
        let update = self.set(&head, progress_attributes(&next), &condition, values).await?;
        Ok(matches!(update, Update::Done))
    }

    /// Has every run count the organisations of all codes after this position, before a mark after it is corrected.
    async fn count_organisations_from(&self, position: u64) -> Result<(), StoreError> {
        let set = Item::from([(ORGANISATIONS.to_owned(), number(position))]);
        let values = Item::from([(":from".to_owned(), number(position))]);
        self.set(&Key::Head(Listing::All), set, "#organisations > :from", values).await.map(drop)
    }

    /// Sets attributes of an item under a condition. The attributes of another release, and its format, stay.
    async fn set(&self, key: &Key, set: Item, condition: &str, values: Item) -> Result<Update, StoreError> {
        self.table.update(key.attributes(), set, item::format(), condition, values).await
    }

    /// Has the upkeep count a listing again from before this code, which was put into it late: by the time that
    /// `LISTING_SETTLE_SECONDS` are over, the index shows it.
    pub async fn recount_from(&self, listing: &Listing, late: Ulid, cx: &CallContext) -> Result<(), StoreError> {
        let after = cx.unix_millis() + u64::from(self.settle_seconds) * 1000;
        self.recount(listing, Some(late), after).await
    }

    /// Sets `checked` of a listing back to 0, unless it is before the late code. No count that began before `after` moves it
    /// again.
    pub(super) async fn recount(&self, listing: &Listing, late: Option<Ulid>, after: u64) -> Result<(), StoreError> {
        for _ in 0..MAX_HEAD_ROUNDS {
            let Head { progress, .. } = Head::read_now(&self.table, listing).await?;
            let checked = self.mark_at(listing, progress.checked).await?;
            let is_before = late.is_some_and(|late| checked.is_some_and(|checked| checked.ulid < late));
            let next = Progress {
                checked: if is_before { progress.checked } else { 0 },
                recount_after: progress.recount_after.max(after),
                ..progress
            };
            if self.write_progress(listing, progress, next).await? {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable(format!("the head of the page index of {listing} changes too often")))
    }
}
