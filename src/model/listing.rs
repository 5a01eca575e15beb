//! The listings: the sequences of codes that are listed by page.

use std::fmt;
use std::str::FromStr;

use super::{InvalidText, OrgId};

/// A sequence of codes in the order of their creation. Its name is `all`, or `org#` and the organisation's id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Listing {
    /// All codes.
    All,
    /// The codes of an organisation.
    Org(OrgId),
}

impl fmt::Display for Listing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => out.write_str("all"),
            Self::Org(org) => write!(out, "org#{org}"),
        }
    }
}

impl FromStr for Listing {
    type Err = InvalidText;

    fn from_str(name: &str) -> Result<Self, InvalidText> {
        let org = || name.strip_prefix("org#")?.parse().ok();
        let listing = if name == "all" { Some(Self::All) } else { org().map(Self::Org) };
        listing.ok_or(InvalidText("must be all, or org# and the id of an organisation"))
    }
}
