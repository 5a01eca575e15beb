//! x
mod audit;
pub(super) mod check;
mod finding;
mod marks;
mod plan;
mod repair;
mod world;

pub use audit::{AuditCursor, AuditPage, InvalidAuditCursor};
pub use finding::Finding;
pub use repair::Repair;
