//! The items of the page indexes: each can be read, and each live mark names a code of its listing and counts right.

use ulid::Ulid;

use super::super::dynamodb::Item;
use super::super::item;
use super::super::key::Key;
use super::super::listing::{Head, Listing, MARK_INTERVAL, NewGeneration, OrganisationsCursor, Point, point};
use super::super::{Store, StoreError};
use super::finding::Finding;
use crate::model::CodeId;

impl Store {
    pub(super) async fn check_index_item(&self, key: &Key, item: &Item) -> Result<Vec<Finding>, StoreError> {
        let unreadable = match key {
            Key::Mark { listing, generation, .. } => match point(item) {
                Ok(mark) => return self.check_mark(listing, *generation, mark).await,
                Err(error) => Some(error),
            },
            Key::Head(_) => Head::parse(item).err(),
            Key::Organisations => OrganisationsCursor::parse(item).err(),
            Key::Rebuild(_) => NewGeneration::parse(item).err(),
            _ => None,
        };
        Ok(unreadable.map(|error| Finding::unreadable(item, &error)).into_iter().collect())
    }

    async fn check_mark(&self, listing: &Listing, generation: u64, mark: Point) -> Result<Vec<Finding>, StoreError> {
        let Point { position, ulid } = mark;
        let head = self.head_now(listing).await?;
        // Marks of another generation, and those after the head's last one, are not read.
        if generation != head.generation || position > head.marked() {
            return Ok(Vec::new());
        }
        if !self.is_in(listing, ulid).await? {
            return Ok(vec![Finding::MarkWithoutCode { listing: listing.clone(), position, ulid }]);
        }
        // Without the mark before it, as at a gap, a step from the start of the listing ends elsewhere.
        let before = self.mark_now(listing, generation, position.saturating_sub(MARK_INTERVAL)).await?;
        let step = usize::try_from(MARK_INTERVAL).unwrap_or(usize::MAX);
        let is_right = self.tail(listing, before, step).await?.at(position) == Some(mark);
        Ok(if is_right { Vec::new() } else { vec![Finding::MarkMiscounts { listing: listing.clone(), position }] })
    }

    /// Whether a listing has a code with this ULID: by the records that can have it, not by an index, which may lag.
    async fn is_in(&self, listing: &Listing, ulid: Ulid) -> Result<bool, StoreError> {
        let ids = (CodeId::SHORTEST..=CodeId::LONGEST).filter_map(|digits| CodeId::of_ulid(ulid, digits));
        let keys: Vec<_> = ids.map(|id| Key::Record(id).attributes()).collect();
        for record in self.table.get_all(&keys).await? {
            // A record that cannot be read is reported when the audit comes to it.
            let Ok(Some(code)) = item::known_code(&record) else { continue };
            if code.ulid == ulid && listing.has(&code) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
