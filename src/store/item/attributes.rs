//! The attributes of an item, parsed one by one, with errors that name the item.

use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;

use super::super::StoreError;
use super::super::dynamodb::Item;
use super::super::key::{Key, PK, SK};
use super::{FORMAT, FORMAT_NAME, OLDEST_FORMAT};
use crate::model::Timestamp;

/// An item that this release cannot read. The messages name the item.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum UnreadableItem {
    /// This service has not written the item, or it was changed by hand.
    #[error("the item {item} of the table has no attribute `{attribute}` of the right form")]
    Malformed { item: String, attribute: &'static str },
    /// A later release has written the item.
    #[error(
        "the item {item} of the table has format {format}, and this release reads formats {OLDEST_FORMAT} to {FORMAT}: deploy a release that reads it"
    )]
    OtherFormat { item: String, format: String },
}

impl From<UnreadableItem> for StoreError {
    fn from(unreadable: UnreadableItem) -> Self {
        Self::Fault(unreadable.to_string())
    }
}

/// The attributes of an item, or of a map in it, with what an error says about them.
pub(crate) struct Attributes<'a> {
    item: &'a Item,
    /// The item that an error names; none for an entry of an index that was read without its key.
    whole: Option<&'a Item>,
}

impl<'a> Attributes<'a> {
    /// The attributes of a whole item, or of its entry in an index, after a look at its format.
    pub(crate) fn of(item: &'a Item) -> Result<Self, UnreadableItem> {
        let attributes = Self { item, whole: Some(item) };
        let format = item.get(FORMAT_NAME).and_then(|value| value.as_n().ok());
        let format = format.ok_or_else(|| attributes.malformed(FORMAT_NAME))?;
        if format.parse().is_ok_and(|format: u32| (OLDEST_FORMAT..=FORMAT).contains(&format)) {
            Ok(attributes)
        } else {
            Err(UnreadableItem::OtherFormat { item: attributes.name(), format: format.clone() })
        }
    }

    pub(crate) fn map(&self, name: &'static str) -> Result<Attributes<'a>, UnreadableItem> {
        let map = self.item.get(name).and_then(|value| value.as_m().ok());
        Ok(Attributes { item: map.ok_or_else(|| self.malformed(name))?, whole: self.whole })
    }

    fn name(&self) -> String {
        let Some(item) = self.whole else { return "an entry of an index".to_owned() };
        let part = |name| item.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
        format!("{}/{}", part(PK), part(SK))
    }

    pub(crate) fn key(&self) -> Result<Key, UnreadableItem> {
        Key::of(self.item).ok_or_else(|| self.malformed(PK))
    }

    /// The error that an attribute is missing or malformed.
    pub(crate) fn malformed(&self, attribute: &'static str) -> UnreadableItem {
        UnreadableItem::Malformed { item: self.name(), attribute }
    }

    /// The strings of a list attribute, each parsed; none if there is no such attribute.
    pub(crate) fn list<T: FromStr>(&self, name: &'static str) -> Result<Vec<T>, UnreadableItem> {
        let Some(value) = self.item.get(name) else { return Ok(Vec::new()) };
        let parsed = value.as_l().ok().and_then(|list| list.iter().map(parsed).collect());
        parsed.ok_or_else(|| self.malformed(name))
    }

    pub(crate) fn number<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, UnreadableItem> {
        let Some(value) = self.item.get(name) else { return Ok(None) };
        let number = value.as_n().ok().and_then(|digits| digits.parse().ok());
        number.map(Some).ok_or_else(|| self.malformed(name))
    }

    pub(super) fn time(&self, name: &'static str) -> Result<Option<Timestamp>, UnreadableItem> {
        let Some(seconds) = self.number(name)? else { return Ok(None) };
        Timestamp::from_unix_seconds(seconds).map(Some).map_err(|_| self.malformed(name))
    }

    pub(super) fn optional<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, UnreadableItem> {
        self.item.get(name).map(|value| parsed(value).ok_or_else(|| self.malformed(name))).transpose()
    }

    pub(crate) fn required<T: FromStr>(&self, name: &'static str) -> Result<T, UnreadableItem> {
        self.optional(name)?.ok_or_else(|| self.malformed(name))
    }
}

/// The attribute of an entry of an index that was read without its key and its format.
pub(crate) fn of_entry<T: FromStr>(item: &Item, name: &'static str) -> Result<T, UnreadableItem> {
    Attributes { item, whole: None }.required(name)
}

fn parsed<T: FromStr>(value: &AttributeValue) -> Option<T> {
    value.as_s().ok()?.parse().ok()
}
