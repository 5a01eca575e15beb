//! Linearizability: the answers of concurrent calls fit some order of the calls. Generated histories are checked against
//! the contract.
//!
//! * `history`: the requests of callers, their answers, and when both happened;
//! * `model`: the contract for one mentor, one call after the other. Histories of different mentors are independent,
//!   since a code never changes its mentor;
//! * `checker`: searches for an order of a history's calls in which the model gives the same answers;
//! * `clients`: callers that choose their requests by seed;
//! * `histories`: the tests;
//! * `torn_histories`: the tests on transactions that become visible item by item ([`dev::IsolatedEngine`]);
//! * `torn_scenarios`: one change in flight, others beside it;
//! * `short_links`: the tests with callers who follow short links, too;
//! * `checker_tests`: the tests of the checker itself.

pub mod checker;
mod checker_tests;
pub mod clients;
pub mod histories;
pub mod history;
pub mod model;
mod short_links;
mod torn_histories;
mod torn_scenarios;
