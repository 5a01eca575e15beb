//! The store behind the decision: it opens for a [`Grant`]. Without one it resolves short links, and does nothing else.

use std::time::{Duration, SystemTime};

use super::Grant;
use crate::model::Sources;
use crate::store::{ShortLinks, Store, View};

/// The store, with the sources of time and randomness that a call needs. Its fields are private to this file.
pub(crate) struct GuardedStore {
    store: Store,
    sources: Sources,
}

impl GuardedStore {
    pub(crate) fn new(store: Store, sources: Sources) -> Self {
        Self { store, sources }
    }

    /// The codes in the grant's sight, for one call.
    pub(crate) fn open(&self, grant: Grant) -> View<'_> {
        self.store.view(self.sources.call_context_with(grant.into_sight()))
    }

    /// The short links, for one call of a caller of whom nothing is known.
    pub(crate) fn short_links(&self) -> ShortLinks<'_> {
        self.store.short_links(self.sources.call_context())
    }

    /// How long it is until the deadline of an event: [`Sources::time_left`].
    pub(crate) fn time_left(&self, deadline: SystemTime) -> Option<Duration> {
        self.sources.time_left(deadline)
    }
}
