//! The guarantee, and the only code that knows DynamoDB.
//!
//! # One active code per mentor
//!
//! The table holds three kinds of item that matter here (`key` makes their keys, `item` their attributes); the fourth,
//! the page mark, is the listing's:
//!
//! | item | key | holds |
//! | --- | --- | --- |
//! | record | the code's id | all about one code; never deleted |
//! | claim | the code string | the id that has the string; never deleted, so no string is given out twice |
//! | slot | the mentor's id | a copy of the mentor's active record, or of the last that was; never deleted |
//!
//! A mentor has one slot because a key has one item. Every change is one transaction that moves the slot and the
//! records together and names, in its conditions, the very code it starts from:
//!
//! | change | record | claim | slot | old record |
//! | --- | --- | --- | --- | --- |
//! | create the first | put if absent | put if absent | put if absent | |
//! | create after an end | put if absent | put if absent | put if it holds the ended code | an expired one: active → expired |
//! | rotate | put if absent | put if absent | put if it holds the old code | active → rotated |
//! | invalidate | active → invalidated | | this code, active → invalidated | |
//!
//! So a record's stored status is `active` exactly as long as the slot holds it so, and two callers who start from the
//! same state cannot both succeed. Nor does a slot ever come back to a state it has left, so a write that arrives long
//! after its call was answered finds its conditions broken for ever. No lock, no check before a write: a write that comes
//! too late is refused, and the refusal brings back what stands there now (`ReturnValuesOnConditionCheckFailure`), which
//! is what we answer with.
//!
//! `docs/guards.md` names the test that fails without each of these conditions; `docs/protocol.md` describes the model
//! in which every interleaving of two callers was looked at.
//!
//! # Our own earlier write
//!
//! When an answer is lost the SDK sends the same transaction again. DynamoDB recognises the repetition by its client
//! token for ten minutes; should it ever not, the refusal shows the record just as *we* wrote it, with the 80 random
//! bits of our ULID, which nobody else has. That is success, and is answered as such.
//!
//! # What this module must not do
//!
//! It answers in terms of the model. It knows no status codes, reads no clock, and gives up only with
//! [`StoreError::Unavailable`] or [`StoreError::Fault`].

mod client;
mod create;
mod error;
mod invalidate;
mod item;
mod key;
mod listing;
mod read;
mod require_body;
mod retry;
mod rotate;
mod transaction;
mod warm_up;

pub use client::{ClientError, behavior, client, connect};
pub use create::{GetOrCreate, GetOrCreateError, GetOrCreated};
pub use error::StoreError;
pub use invalidate::{InvalidateError, Invalidated};
pub use listing::{
    BY_CREATION, BY_MENTOR, BY_ORG, CREATES_PER_MAINTENANCE, CursorPage, CursorPageRequest, Filter, ListError, Order,
    Page, PageRequest,
};
pub use rotate::{Rotate, RotateError};

use aws_sdk_dynamodb::Client;

/// The table, and the client that reaches it.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
    settle_seconds: u32,
}

impl Store {
    /// Speaks to `table` through `client`; [`client()`] makes one with the time-outs and retries this module expects.
    /// `settle_seconds` is how old a code must be before the page index counts on its place.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>, settle_seconds: u32) -> Self {
        Self { client, table: table.into(), settle_seconds }
    }
}
