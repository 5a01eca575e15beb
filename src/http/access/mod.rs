//! Who may call, and which codes they see: the one place that decides.
//!
//! 1. `caller`: the entry point makes a [`Caller`] of an event. Its claims come from the part of the event that only API
//!    Gateway writes. Nothing that a client sends is read as a claim.
//! 2. `decision`: from the caller and the [`Permission`] that the request needs, a [`Grant`], or the problem that answers instead.
//! 3. `guarded_store`: the store opens for a grant only, as a view of the codes in the grant's sight. Without a grant it
//!    gives the short links: from a code string to the code string that it leads to, which no token guards.
//!
//! No handler has the store itself. So a new endpoint that forgets to ask who calls does not compile, and one that asks
//! sees the caller's codes only. The handlers of open routes get the short links and no view; those of guarded routes get
//! the view and no short links.
//!
//! This module must not know routes or documents. It never sees a token, and verifies none: API Gateway does.

mod caller;
mod decision;
mod guarded_store;

pub(super) use caller::{Caller, EventSource};
pub use decision::Permission;
pub(super) use decision::{Grant, decide};
pub(super) use guarded_store::GuardedStore;
