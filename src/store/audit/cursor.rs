//! Where a part of an audit begins.

use std::fmt;

use serde::Deserialize;

use super::super::dynamodb::Item;
use super::super::item::string;
use super::super::key::{PK, SK};
use crate::model::InvalidText;

/// Where a part of an audit begins: after the item with this key. As a text, it can be kept between two runs.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct AuditCursor {
    pk: String,
    sk: String,
}

impl fmt::Display for AuditCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No key of ours contains a space.
        write!(out, "{} {}", self.pk, self.sk)
    }
}

impl TryFrom<String> for AuditCursor {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        let parts = text.split_once(' ').filter(|(pk, sk)| !pk.is_empty() && !sk.is_empty());
        let cursor = parts.map(|(pk, sk)| Self { pk: pk.to_owned(), sk: sk.to_owned() });
        cursor.ok_or(InvalidText("not a partition key, a space and a sort key"))
    }
}

impl AuditCursor {
    pub(super) fn of(key: &Item) -> Option<Self> {
        let part = |name| key.get(name).and_then(|value| value.as_s().ok()).cloned();
        Some(Self { pk: part(PK)?, sk: part(SK)? })
    }

    pub(super) fn key(&self) -> Item {
        Item::from([(PK.to_owned(), string(&self.pk)), (SK.to_owned(), string(&self.sk))])
    }
}
