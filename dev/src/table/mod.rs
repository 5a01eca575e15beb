//! The table itself, past the service: how `template.yaml` defines it, many codes at once, and an audit of every item.

mod audit;
mod code_fixture;
pub mod template;

pub use audit::{audit, audit_page_indexes};
pub use code_fixture::CodeFixture;
pub(crate) use code_fixture::fill;
