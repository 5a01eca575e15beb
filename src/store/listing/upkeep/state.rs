//! What the upkeep keeps from run to run: two kinds of item in one partition.

use ulid::Ulid;

use super::super::super::dynamodb::{Item, PutOutcome};
use super::super::super::item::{self, Attributes, UnreadableItem, new_item, number, string};
use super::super::super::key::{Key, PK, UPKEEP_PARTITION};
use super::super::super::{Store, StoreError};
use super::super::Listing;
use super::super::index::{Point, attributes_of, point_of};

const GENERATION: &str = "generation";
const LIVE_SINCE: &str = "live_since";

/// How far the runs have looked for organisations with new codes: up to this code of the listing of all codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::store) struct OrganisationsCursor(pub(in crate::store) Ulid);

impl OrganisationsCursor {
    pub(in crate::store) fn item(self) -> Item {
        let mut item = new_item(&Key::Organisations);
        item.insert(item::ULID.into(), string(self.0.to_string()));
        item
    }

    pub(in crate::store) fn parse(item: &Item) -> Result<Self, UnreadableItem> {
        Attributes::of(item)?.ulid().map(Self)
    }
}

/// A new generation of a listing's marks, from the beginning of its making until the old one is deleted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::store) struct NewGeneration {
    pub(in crate::store) listing: Listing,
    pub(in crate::store) generation: u64,
    /// The last of its marks.
    pub(in crate::store) made: Option<Point>,
    /// Since when it is live, in Unix milliseconds.
    pub(in crate::store) live_since: Option<u64>,
}

impl NewGeneration {
    pub(in crate::store) fn item(&self) -> Item {
        let mut item = new_item(&Key::Rebuild(self.listing.clone()));
        item.insert(GENERATION.into(), number(self.generation));
        item.extend(self.made.iter().flat_map(|point| attributes_of(*point)));
        item.extend(self.live_since.map(|at| (LIVE_SINCE.to_owned(), number(at))));
        item
    }

    pub(in crate::store) fn parse(item: &Item) -> Result<Self, UnreadableItem> {
        let attributes = Attributes::of(item)?;
        let Key::Rebuild(listing) = attributes.key()? else { return Err(attributes.malformed(PK)) };
        let generation = attributes.number(GENERATION)?.ok_or_else(|| attributes.malformed(GENERATION))?;
        Ok(Self { listing, generation, made: point_of(&attributes)?, live_since: attributes.number(LIVE_SINCE)? })
    }
}

impl Store {
    /// How far the runs have looked for organisations.
    pub(super) async fn organisations_cursor(&self) -> Result<Option<OrganisationsCursor>, StoreError> {
        let item = self.table.get(Key::Organisations.attributes()).await?;
        Ok(item.as_ref().map(OrganisationsCursor::parse).transpose()?)
    }

    /// The generations that are being made or have replaced another. One that cannot be read does not hide the others.
    pub(super) async fn new_generations(&self) -> Result<Vec<Result<NewGeneration, UnreadableItem>>, StoreError> {
        let items = self.table.get_partition(UPKEEP_PARTITION).await?;
        let of_generations = items.iter().filter(|item| Key::of(item) != Some(Key::Organisations));
        Ok(of_generations.map(NewGeneration::parse).collect())
    }

    pub(super) async fn new_generation(&self, listing: &Listing) -> Result<Option<NewGeneration>, StoreError> {
        let item = self.table.get(Key::Rebuild(listing.clone()).attributes()).await?;
        Ok(item.as_ref().map(NewGeneration::parse).transpose()?)
    }

    pub(super) async fn save_cursor(&self, cursor: OrganisationsCursor) -> Result<(), StoreError> {
        let values = Item::from([(":ulid".to_owned(), string(cursor.0.to_string()))]);
        // Another run may have come further.
        self.table.put(cursor.item(), "attribute_not_exists(pk) OR ulid < :ulid", Some(values)).await.map(drop)
    }

    /// Saves the first state of a new generation. False if one as late is there already.
    pub(super) async fn save_first(&self, new: &NewGeneration) -> Result<bool, StoreError> {
        let values = Item::from([(":new".to_owned(), number(new.generation))]);
        let put = self.table.put(new.item(), "attribute_not_exists(pk) OR generation < :new", Some(values)).await?;
        Ok(matches!(put, PutOutcome::Done))
    }

    /// Deletes the state of a new generation that is live, unless another one was begun since.
    pub(super) async fn forget(&self, new: &NewGeneration) -> Result<(), StoreError> {
        let values = Item::from([(":this".to_owned(), number(new.generation))]);
        let is_this = "generation = :this AND attribute_exists(live_since)";
        self.table.delete_if(Key::Rebuild(new.listing.clone()).attributes(), is_this, values).await
    }

    /// Saves the progress of a new generation. False if a later one has been begun.
    pub(super) async fn save_progress(&self, new: &NewGeneration) -> Result<bool, StoreError> {
        let values = Item::from([(":this".to_owned(), number(new.generation))]);
        let put = self.table.put(new.item(), "generation = :this", Some(values)).await?;
        Ok(matches!(put, PutOutcome::Done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn states_round_trip(
            ms in 0..1_u64 << 48, position in any::<u64>(), generation in any::<u64>(), begun in any::<bool>(),
            live_since in prop::option::of(any::<u64>()),
        ) {
            let ulid = Ulid::from_parts(ms, 1);
            prop_assert_eq!(OrganisationsCursor::parse(&OrganisationsCursor(ulid).item()), Ok(OrganisationsCursor(ulid)));
            let made = begun.then_some(Point { position, ulid });
            let new = NewGeneration { listing: Listing::All, generation, made, live_since };
            prop_assert_eq!(NewGeneration::parse(&new.item()), Ok(new));
        }
    }
}
