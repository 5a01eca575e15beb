//! A placeholder for the upkeep of the listings, until the store has it: the signatures, and results that say that
//! nothing was done.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Store, StoreError};
use crate::model::{CallContext, OrgId};

/// What a run of the upkeep did.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Upkeep {
    /// How many listings it looked at.
    pub listings: u64,
    /// How many page marks it made.
    pub marks_made: u64,
    /// How many steps between two marks it counted again.
    pub steps_checked: u64,
    /// The names of the listings whose marks were found wrong.
    pub wrong: Vec<String>,
    /// The names of the listings whose index is being rebuilt and not finished.
    pub rebuilding: Vec<String>,
    /// Whether codes are being made so fast that the count should be refreshed every few seconds.
    pub busy: bool,
    /// Whether nothing was left to do.
    pub done: bool,
}

/// What a run of a rebuild did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rebuild {
    /// The generation of marks that it makes.
    pub generation: u64,
    /// How many codes it has counted.
    pub counted: u64,
    /// Whether the new generation is complete and live.
    pub done: bool,
}

/// A sequence of codes in the order of creation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Listing {
    /// Of all codes: `all`.
    All,
    /// Of an organisation's codes: `org#` and its id.
    Org(OrgId),
}

/// A text that names no listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("neither `all` nor `org#` and the id of an organisation")]
pub struct InvalidListing;

impl fmt::Display for Listing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => out.write_str("all"),
            Self::Org(org) => write!(out, "org#{org}"),
        }
    }
}

impl FromStr for Listing {
    type Err = InvalidListing;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("org#") {
            Some(org) => OrgId::parse(org).map(Self::Org).map_err(|_| InvalidListing),
            None if text == "all" => Ok(Self::All),
            None => Err(InvalidListing),
        }
    }
}

#[expect(clippy::unused_async, reason = "the signature is the store's")]
impl Store {
    /// Brings the page indexes up to date.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn upkeep(&self, _cx: &CallContext<'_>, _time_limit: Duration) -> Result<Upkeep, StoreError> {
        Ok(Upkeep { done: true, ..Upkeep::default() })
    }

    /// Makes a listing's page index anew.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn rebuild(
        &self,
        _listing: &Listing,
        _cx: &CallContext<'_>,
        _time_limit: Duration,
    ) -> Result<Rebuild, StoreError> {
        Ok(Rebuild { generation: 0, counted: 0, done: false })
    }
}
