//! Which organisations are open. For a closed one no call makes a code ([`super::leaving`] closes it).
//!
//! A process remembers for a minute that an organisation is open. So of the calls that make codes, one in a minute takes a
//! read more. That one is closed is not remembered: once it is opened again, all calls know.

use tokio::time::Instant;

use super::StoreError;
use super::dynamodb::Item;
use super::item::{Attributes, UnreadableItem};
use super::recent::Recent;
use super::session::Session;
use crate::limits::{MEMORY_OF_OPEN_ORGANISATION, millis};
use crate::model::OrgId;

pub(super) const CLOSED_AT: &str = "closed_at";

/// When the organisation of this item was closed, in Unix milliseconds; none if it is open.
pub(super) fn closed_at(item: Option<&Item>) -> Result<Option<u64>, UnreadableItem> {
    let Some(item) = item else { return Ok(None) };
    Ok(Attributes::of(item)?.number(CLOSED_AT)?.filter(|at| *at > 0))
}

/// The organisations that a process remembers as open, with the time before they were read: by a clock that a test or an
/// operator may set, and by one that may stand still while the process is frozen.
#[derive(Default, Debug)]
pub(super) struct OpenOrganisations(Recent<OrgId, (u64, Instant)>);

impl OpenOrganisations {
    /// Whether calls may make codes for this organisation.
    pub(super) async fn contains(&self, session: &Session<'_>, org: &OrgId) -> Result<bool, StoreError> {
        let (now, instant) = (session.cx.unix_millis(), Instant::now());
        let is_recent = |(read_at, read): (u64, Instant)| {
            now.abs_diff(read_at) < millis(MEMORY_OF_OPEN_ORGANISATION)
                && instant.duration_since(read) < MEMORY_OF_OPEN_ORGANISATION
        };
        if self.0.get(org).is_some_and(is_recent) {
            return Ok(true);
        }
        let is_open = closed_at(session.organisation(org).await?.as_ref())?.is_none();
        if is_open {
            self.0.insert(org.clone(), (now, instant));
        }
        Ok(is_open)
    }
}
