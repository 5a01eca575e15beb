//! The page index of each listing, as the service has made it up to the start: the marks, as far as codes had settled by
//! then, and the head, which names the last of them.

use serde_json::json;

use super::Item;
use super::capacity::item_size;
use super::codes::{ALL, Listing, Numbered};
use super::partition::{Sorted, key};

/// The generation of all marks. Another one is made only when a listing is rebuilt.
const GENERATION: &str = "1";

/// There is a mark at every position that is a multiple of this.
const INTERVAL: u64 = 100;

/// The marks of one listing.
pub(super) struct Marks<'a> {
    codes: &'a Numbered,
    pk: String,
    listing: Listing,
}

impl<'a> Marks<'a> {
    /// The marks with this partition key: `marks#`, and then the generation and the listing's name.
    pub(super) fn partition(codes: &'a Numbered, pk: &str, name: &str) -> Option<Self> {
        let listing = name.strip_prefix(GENERATION)?.strip_prefix('#')?;
        Some(Self { codes, pk: pk.to_owned(), listing: named(codes, listing)? })
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

/// The head of the listing with this name, with the partition key `pk`. A listing without marks has none.
pub(super) fn head(codes: &Numbered, pk: &str, name: &str) -> Option<Item> {
    let marks = Marks { codes, pk: String::new(), listing: named(codes, name)? };
    let last = marks.len().checked_sub(1)?;
    let mut head = key(pk, "head");
    head.insert("format".into(), json!({ "N": "1" }));
    head.insert("version".into(), json!({ "N": "1" }));
    head.insert("generation".into(), json!({ "N": GENERATION }));
    head.insert("position".into(), json!({ "N": Marks::position(last).to_string() }));
    head.insert("ulid".into(), marks.item(last)["ulid"].clone());
    Some(head)
}

fn named(codes: &Numbered, name: &str) -> Option<Listing> {
    if name == "all" { Some(ALL) } else { codes.listing_of_org(name.strip_prefix("org#")?) }
}
