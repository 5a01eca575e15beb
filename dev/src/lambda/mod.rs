//! Lambda as the function sees it: events and replies, the Runtime API, and a process under it.

mod event;
mod function;
mod runtime_api;

pub use event::{Call, Kind, Reply};
pub use function::{Function, Program};
pub use runtime_api::{Invocation, request_id};
