//! The guarantee, and the only code that knows DynamoDB.
//!
//! # One active code per mentor
//!
//! The table has three kinds of item that the guarantee rests on. `item` defines every attribute.
//!
//! | item | key | holds |
//! | --- | --- | --- |
//! | record | the code's id | all about one code; never deleted |
//! | claim | the code string | the id that has this string; never deleted, so no string is given out twice |
//! | slot | the mentor's id | a copy of the mentor's active record, or of the last that was; never deleted, unless the mentor is forgotten |
//!
//! A mentor has one slot because a key has one item. Every change is one transaction. It moves the slot and the records
//! together, and its conditions name the very code that it starts from:
//!
//! | change | record | claim | slot | replaced record |
//! | --- | --- | --- | --- | --- |
//! | create the first | put if absent | put if absent | put if absent | |
//! | create after an end | put if absent | put if absent | updated if it holds the ended code | an expired one: active → expired |
//! | rotate | put if absent | put if absent | updated if it holds the old code | active → rotated |
//! | invalidate | active → invalidated | | this code, active → invalidated | |
//!
//! So a record's stored status is `active` exactly as long as the slot holds it as active, and two callers who start from
//! the same state cannot both succeed. A slot never comes back to a state that it has left. So a write that arrives long
//! after its call was answered finds a failed condition, for ever. There is no lock, and no check before a write: a write
//! that comes too late is rejected, and DynamoDB's answer brings the item that is there now
//! (`ReturnValuesOnConditionCheckFailure`). The call goes on from that.
//!
//! `docs/guarantee.md` names the test that fails without each of these conditions, says how a call tells its own earlier
//! write from another caller's, and describes the model in which a checker goes through every interleaving of two callers.
//!
//! This module answers in terms of the model. It must not know status codes, nor any clock but `Sources`.

mod audit;
mod change;
mod create;
mod dynamodb;
mod forgetting;
mod index_query;
mod invalidate;
mod item;
mod key;
mod leaving;
mod listing;
mod new_code;
mod not_active;
mod organisation;
mod page_index;
mod recent;
mod rotate;
mod session;
mod short_link;
mod slot;
mod stream;
mod transaction_writes;
mod upkeep;
mod view;

pub use audit::{AuditCursor, Finding, Repair};
pub use dynamodb::StoreError;
pub use dynamodb::client::behavior;
pub use dynamodb::lean::{client, connect};
pub use index_query::{BY_CREATION, BY_ORG};
pub use invalidate::InvalidateError;
pub use upkeep::{Counted, Rebuild, Upkept};

pub(crate) use audit::Auditor;
pub(crate) use create::{GetOrCreate, GetOrCreateError};
pub(crate) use dynamodb::round_trips::RoundTrips;
pub(crate) use forgetting::Forgetting;
pub(crate) use leaving::{Closing, Ended, Leaving};
pub(crate) use listing::ListError;
pub(crate) use new_code::By;
pub(crate) use not_active::NotActive;
pub(crate) use rotate::{Rotate, RotateError};
pub(crate) use short_link::{ShortLink, ShortLinks};
pub(crate) use stream::StreamRecord;
pub(crate) use upkeep::Upkeep;
pub(crate) use view::View;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

use crate::model::{CallContext, MentorId, OrgId, Sources};
use change::CompleteChanges;
use dynamodb::Table;
use key::Key;
use organisation::OpenOrganisations;
use page_index::Memory;
use session::Session;
use short_link::KnownIds;

/// The table of codes, and the client that reaches it.
#[derive(Clone, Debug)]
pub struct Store {
    table: Table,
    complete: Arc<CompleteChanges>,
    links: Arc<KnownIds>,
    indexes: Arc<Memory>,
    open: Arc<OpenOrganisations>,
    settle_seconds: u32,
}

impl Store {
    /// A store over the DynamoDB table of this name. [`client()`] makes a client with the time-outs and retries that this
    /// module expects. `settle_seconds` is the minimum age, in seconds, before a code enters the page index.
    pub fn new(client: Client, table: impl Into<String>, settle_seconds: u32) -> Self {
        Self {
            table: Table::new(client, table.into()),
            complete: Arc::default(),
            links: Arc::default(),
            indexes: Arc::default(),
            open: Arc::default(),
            settle_seconds,
        }
    }

    /// Opens the connection to the table, so that the first call finds it open. It never fails: what goes wrong is a
    /// warning in the log.
    pub async fn warm_up(&self) {
        self.table.warm_up(key::of_no_item()).await;
    }

    /// The writer of the page indexes.
    pub fn upkeep(&self) -> Upkeep {
        Upkeep { table: self.table.clone(), settle_seconds: self.settle_seconds }
    }

    /// The audit and repair of the table. They need permissions that the function which serves HTTP does not have.
    pub fn auditor(&self) -> Auditor {
        Auditor { table: self.table.clone(), upkeep: self.upkeep() }
    }

    /// What was begun, and the upkeep has to complete: the organisations to look at again, and the mentors to forget.
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn pending(&self) -> Result<(Vec<OrgId>, Vec<MentorId>), StoreError> {
        let (mut leaving, mut forgetting) = (Vec::new(), Vec::new());
        for item in self.table.get_partition(key::PENDING).await? {
            match Key::of(&item) {
                Some(Key::Leaving(org)) => leaving.push(org),
                Some(Key::Forgetting(mentor)) => forgetting.push(mentor),
                _ => {}
            }
        }
        Ok((leaving, forgetting))
    }

    /// The leaving of organisations and of mentors.
    pub fn leaving<'a>(&'a self, sources: &'a Sources) -> Leaving<'a> {
        Leaving { store: self, sources }
    }

    /// The forgetting of a mentor.
    pub fn forgetting<'a>(&'a self, mentor: &'a MentorId, sources: &'a Sources) -> Forgetting<'a> {
        Forgetting { store: self, mentor, sources }
    }

    /// The store as the caller of this context sees it.
    pub fn view(&self, cx: CallContext) -> View<'_> {
        let session = Session::new(&self.table, &self.complete, cx);
        View { session, table: &self.table, memory: &self.indexes, open: &self.open }
    }

    /// The short links, for one call. Its context has to see every code.
    pub fn short_links(&self, cx: CallContext) -> ShortLinks<'_> {
        ShortLinks { session: Session::new(&self.table, &self.complete, cx), ids: &self.links }
    }
}
