//! The page marks of the listings, made as far as codes had settled at the start, and the head of each listing.

use serde_json::json;

use super::Item;
use super::capacity::item_size;
use super::codes::{ALL, Listing, Numbered};
use super::partition::{Sorted, key};

/// There is a mark at every position that is a multiple of this.
const INTERVAL: u64 = 100;

/// The marks of one listing.
pub(super) struct Marks<'a> {
    codes: &'a Numbered,
    pk: String,
    listing: Listing,
}

impl<'a> Marks<'a> {
    /// The marks with this partition key: `marks#` and the listing's name.
    pub(super) fn partition(codes: &'a Numbered, pk: &str, name: &str) -> Option<Self> {
        Some(Self { codes, pk: pk.to_owned(), listing: named(codes, name)? })
    }

    fn position(nth: u64) -> u64 {
        (nth + 1) * INTERVAL
    }
}

impl Sorted for Marks<'_> {
    fn len(&self) -> u64 {
        self.codes.settled(self.listing) / INTERVAL
    }

    fn sort_key(&self, nth: u64) -> String {
        format!("{:020}", Self::position(nth))
    }

    fn item(&self, nth: u64) -> Item {
        let mut mark = key(&self.pk, &self.sort_key(nth));
        let number = self.listing.number(Self::position(nth) - 1);
        mark.insert("format".into(), json!({ "N": "1" }));
        mark.insert("ulid".into(), json!({ "S": self.codes.ulid(number).to_string() }));
        mark
    }

    fn size(&self, nth: u64) -> usize {
        item_size(&self.item(nth))
    }
}

/// The head of a listing. This release has none.
pub(super) fn head(_: &Numbered, _: &str, _: &str) -> Option<Item> {
    None
}

fn named(codes: &Numbered, name: &str) -> Option<Listing> {
    if name == "all" { Some(ALL) } else { codes.listing_of_org(name.strip_prefix("org#")?) }
}
