//! The partitions of the table and of its indexes, each a sequence in the order of its sort key.

use serde_json::json;

use super::Item;
use super::capacity::item_size;
use super::codes::{ALL, Listing, Numbered};
use super::marks::{self, Marks};
use super::pattern::Pattern;

/// The table, or one of its indexes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Source {
    Table,
    ByCreation,
    ByOrg,
}

impl Source {
    pub(super) fn named(index: Option<&str>) -> Self {
        match index {
            None => Self::Table,
            Some("by-creation") => Self::ByCreation,
            Some("by-org") => Self::ByOrg,
            Some(other) => panic!("the computed table has no index {other} yet: add it in {}", file!()),
        }
    }

    /// The names of the partition key and the sort key.
    pub(super) fn key(self) -> (&'static str, &'static str) {
        match self {
            Self::Table => ("pk", "sk"),
            Self::ByCreation => ("listing", "ulid"),
            Self::ByOrg => ("org_id", "ulid"),
        }
    }
}

/// Items in the order of their sort keys, which are distinct.
pub(super) trait Sorted {
    fn len(&self) -> u64;
    fn sort_key(&self, nth: u64) -> String;
    fn item(&self, nth: u64) -> Item;
    fn size(&self, nth: u64) -> usize;

    /// How many items come before the first one whose sort key does not satisfy `is_before`.
    fn count_before(&self, is_before: &dyn Fn(&str) -> bool) -> u64 {
        let (mut before, mut rest) = (0, self.len());
        while before < rest {
            let middle = before + (rest - before) / 2;
            if is_before(&self.sort_key(middle)) { before = middle + 1 } else { rest = middle }
        }
        before
    }
}

/// Every computed item that is there at one moment.
#[derive(Clone, Copy)]
pub(super) struct Computed<'a> {
    pub(super) codes: &'a Numbered,
    pub(super) pattern: &'a Pattern,
    /// The number of the last code.
    pub(super) visible: u64,
}

impl<'a> Computed<'a> {
    pub(super) fn partition(self, source: Source, value: &str) -> Box<dyn Sorted + 'a> {
        match source {
            Source::Table => self.table_partition(value),
            Source::ByCreation if value == "all" => Box::new(self.listing(ALL)),
            Source::ByCreation => Box::new(FewItems::none()),
            Source::ByOrg => match self.codes.listing_of_org(value) {
                Some(listing) => Box::new(self.listing(listing)),
                None => Box::new(FewItems::none()),
            },
        }
    }

    /// The item at a key of the table.
    pub(super) fn item(self, pk: &str, sk: &str) -> Option<Item> {
        let partition = self.table_partition(pk);
        let nth = partition.count_before(&|key| key < sk);
        (nth < partition.len() && partition.sort_key(nth) == sk).then(|| partition.item(nth))
    }

    fn table_partition(self, pk: &str) -> Box<dyn Sorted + 'a> {
        let Pattern { record, claim, slot } = self.pattern;
        let (kind, name) = pk.split_once('#').unwrap_or_default();
        let (number, template) = match kind {
            "id" => (Numbered::number_of_id(name), record),
            "code" => (Numbered::number_of_code(name), claim),
            "mentor" => (self.codes.number_of_mentor(name), slot),
            "marks" => {
                return Marks::partition(self.codes, pk, name)
                    .map_or(Box::new(FewItems::none()), |marks| Box::new(marks) as _);
            }
            "head" => return Box::new(FewItems::of(marks::head(self.codes, pk, name))),
            _ => (None, record),
        };
        let number = number.filter(|number| *number <= self.visible);
        Box::new(FewItems::of(number.map(|number| template.item(self.codes, number))))
    }

    fn listing(self, listing: Listing) -> Entries<'a> {
        Entries { computed: self, listing }
    }
}

/// The entries of a listing in its index: the records of its codes.
struct Entries<'a> {
    computed: Computed<'a>,
    listing: Listing,
}

impl Sorted for Entries<'_> {
    fn len(&self) -> u64 {
        self.listing.len(self.computed.visible)
    }

    fn sort_key(&self, nth: u64) -> String {
        self.computed.codes.ulid(self.listing.number(nth)).to_string()
    }

    fn item(&self, nth: u64) -> Item {
        self.computed.pattern.record.item(self.computed.codes, self.listing.number(nth))
    }

    fn size(&self, nth: u64) -> usize {
        self.computed.pattern.record.size(self.computed.codes, self.listing.number(nth))
    }
}

/// Items that are at hand.
pub(super) struct FewItems(Vec<(String, Item)>);

impl FewItems {
    fn none() -> Self {
        Self(Vec::new())
    }

    /// The one item of a partition of the table.
    fn of(item: Option<Item>) -> Self {
        Self::sorted("sk", item)
    }

    /// Items in the order of a sort key.
    pub(super) fn sorted(sort_key: &str, items: impl IntoIterator<Item = Item>) -> Self {
        let key = |item: &Item| super::text(item, sort_key).expect("an item has its key").to_owned();
        let mut items: Vec<_> = items.into_iter().map(|item| (key(&item), item)).collect();
        items.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self(items)
    }

    fn at(&self, nth: u64) -> &(String, Item) {
        &self.0[usize::try_from(nth).unwrap()]
    }
}

impl Sorted for FewItems {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn sort_key(&self, nth: u64) -> String {
        self.at(nth).0.clone()
    }

    fn item(&self, nth: u64) -> Item {
        self.at(nth).1.clone()
    }

    fn size(&self, nth: u64) -> usize {
        item_size(&self.at(nth).1)
    }
}

/// The key of an item in the table, as an item of two attributes.
pub(super) fn key(pk: &str, sk: &str) -> Item {
    Item::from_iter([("pk".to_owned(), json!({ "S": pk })), ("sk".to_owned(), json!({ "S": sk }))])
}
