//! What callers are told fits one order of things: concurrent histories, made by chance, checked against the contract.
//!
//! * `history`: what a caller asked and was told, and when;
//! * `model`: the contract for one mentor, one call after the other. Histories of different mentors are independent,
//!   since a code belongs to one mentor for ever;
//! * `checker`: looks for an order of a history's calls that the model would have answered alike;
//! * `clients`: callers who do what comes to their minds, by seed;
//! * `histories`: the tests;
//! * `handmade`: the tests of the checker itself.

pub mod checker;
mod checker_tests;
pub mod clients;
pub mod histories;
pub mod history;
pub mod model;
