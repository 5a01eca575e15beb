//! Linearizability: the answers of concurrent calls fit some order of the calls. Generated histories are checked against
//! the contract.
//!
//! * `history`: the requests of callers, their answers, and when both happened;
//! * `model`: the contract for one mentor, one call after the other. Histories of different mentors are independent,
//!   since a code never changes its mentor;
//! * `checker`: searches for an order of a history's calls in which the model gives the same answers;
//! * `clients`: callers that choose their requests by seed;
//! * `histories`: one history of two processes, and what its requests meet: faults, transactions that become visible item by
//!   item and stall ([`dev::IsolatedEngine`]), clocks that differ;
//! * `kinds`: the tests, and the search: one for each kind of history;
//! * `releases`: two releases at once;
//! * `maintained`: an operator forgets a mentor, or an organisation leaves, while calls run;
//! * `scenario`: the words of scenarios, what a mentor has and what callers then send;
//! * `refutations`: scenarios with one change in flight and others beside it, and what they and the histories show where a
//!   guard is taken away;
//! * `checker_tests`: the tests of the checker itself.

pub mod checker;
mod checker_tests;
pub mod clients;
pub mod histories;
pub mod history;
mod kinds;
pub mod maintained;
pub mod model;
mod refutations;
mod releases;
pub mod scenario;
