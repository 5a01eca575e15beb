//! A model of the protocol of `src/store`: every interleaving of two callers, or of three, or of a call and a command, with
//! crashes, lost responses, delayed requests and clocks that differ. `docs/guarantee.md` has what follows from it.
//!
//! * `code`, `table`: what is stored;
//! * `caller`: the protocol;
//! * `system`: everything that may happen to it;
//! * `observer`: what the answers show, and who else reads;
//! * `property`: what must hold;
//! * `confirmation`: the confirmations that the properties rest on.
//!
//! # What is explored
//!
//! Each pair starts from four tables: the mentors have no code, an active one, an expired one that has not been replaced, or an
//! invalidated one. A caller is *faulty* if it may crash and be repeated once, with a fresh ULID, and if one of its requests may be
//! delayed or lose its response. The table may have forgotten the token of a transaction that is complete. *Torn* transactions
//! become visible item by item, and each item is locked until then. Otherwise all items are visible at once, no call confirms
//! anything, and there is room for two faulty callers.
//!
//! `tests/it/protocol.rs` explores it. The model is a crate of its own so that it can be optimised: it then takes a fifth of the time.
//!
//! # What is left out
//!
//! * More than two callers but in one deep test, more than one repetition and one network fault for each.
//! * Torn transactions with faults: two mentors, clocks that move on, and more draws than [`Draws::Shared`].
//! * Time that passes for two callers who both create after an invalidation: the names of three digits would be used up.
//! * One of the first caller's three draws for the second: much the same with the two exchanged.
//! * Whether an atomic refusal told the truth at some moment of the call. Torn, it is asked of the record that the refusal rests on.
//! * What ends without a write: rotations by another mentor, the active code that a refusal names.
//! * Commands beside torn transactions, a mentor without a code who is forgotten, pages, and the note of work begun: `forgetting`,
//!   `leaving` and the histories of `linearizability::maintained` have them over the store itself.
//! * Requests lost on the way there, throttling, lost reads, `TransactionConflict` alone: nothing happens, and the request is repeated.
//! * A failed condition without the item that stood in the way. The store then reads the item.
//! * Age: the first codes are complete from the start, and no transaction becomes old while it is in flight.
//! * A snapshot older than the read before it: serializable is not strict. The store reads again.
//! * Two equal ULIDs: their 80 random bits are taken for unique.

#![allow(missing_docs, clippy::missing_panics_doc, reason = "for tests")]

mod caller;
mod code;
pub mod confirmation;
mod observer;
pub mod property;
mod system;
mod table;

use std::collections::BTreeSet;

use stateright::{Checker, HasDiscoveries, Model};

pub use caller::Operation;
pub use system::{Draws, Rules};
pub use table::Guard;

use system::System;

pub fn create(mentor: code::Mentor, label: u8) -> Operation {
    Operation::GetOrCreate { mentor, label }
}

pub fn rotate(mentor: code::Mentor) -> Operation {
    Operation::Rotate { mentor, id: system::first_id(mentor) }
}

pub fn invalidate() -> Operation {
    Operation::Invalidate { id: system::first_id(0) }
}

/// Rotates the code that the first caller makes.
pub fn rotate_drawn() -> Operation {
    Operation::Rotate { mentor: 0, id: system::drawn_id() }
}

/// Invalidates the code that the first caller makes.
pub fn invalidate_drawn() -> Operation {
    Operation::Invalidate { id: system::drawn_id() }
}

fn explore(operations: &[Operation], rules: &Rules, until: HasDiscoveries) -> impl Checker<System> + use<> {
    System { operations: operations.to_vec(), rules: rules.clone() }.checker().finish_when(until).spawn_bfs().join()
}

/// Explores every state. Returns which of the properties that must occur sometimes did.
///
/// # Panics
/// If a property breaks, or if there are fewer states than `at_least`: a model that explores nothing must not pass.
pub fn hold(operations: &[Operation], rules: &Rules, at_least: usize) -> BTreeSet<&'static str> {
    let explored = explore(operations, rules, HasDiscoveries::AnyFailures);
    let mut seen = BTreeSet::new();
    for (name, path) in explored.discoveries() {
        let is_sometimes = name == property::MET || property::SOMETIMES.contains(&name);
        let last = path.last_state().clone();
        let steps = path.into_actions();
        assert!(is_sometimes, "broken: {name}\n{operations:?}\n{steps:#?}\n{last:#?}");
        seen.insert(name);
    }
    let states = explored.unique_state_count();
    assert!(states >= at_least, "{operations:?} have only {states} states");
    seen
}

/// Explores until each of these properties is broken.
///
/// # Panics
/// If one of them holds.
pub fn find(operations: &[Operation], rules: &Rules, breaks: &[&'static str]) {
    let explored = explore(operations, rules, HasDiscoveries::AllOf(breaks.iter().copied().collect()));
    let found = explored.discoveries();
    for name in breaks {
        assert!(found.contains_key(name), "this should break: {name}\n{operations:?} {rules:?}");
    }
}
