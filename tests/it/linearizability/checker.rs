//! Searches for an order of a history's calls in which the model gives the same answers: the search of Wing and Gong, which
//! remembers what it has tried.
//!
//! An order is possible if no call comes before another that was answered before it was sent. A call without an answer may
//! come anywhere after it was sent, or not at all.

use std::collections::HashSet;
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};

use super::history::Operation;
use super::model::Mentor;

/// A history that no order of its calls explains.
#[derive(Debug)]
pub struct Refuted(pub String);

struct Search<'a> {
    operations: &'a [Operation],
    /// For each call its twins that could come earlier and end earlier. They come first: any order in which they do not is
    /// also one with the two exchanged.
    twins: Vec<u128>,
    /// The calls that are done, and a hash of the mentor: mentors themselves took 14 GB. Two that share a hash could hide an
    /// order, which refutes a history that is right, and never the other way round.
    tried: HashSet<(u128, u64)>,
    hash: RandomState,
    order: Vec<usize>,
    longest: Vec<usize>,
}

/// Whether the history is linearizable.
pub fn check(operations: &[Operation]) -> Result<(), Refuted> {
    assert!(operations.len() <= 128, "the search has 128 bits, one for each call");
    let twins = operations.iter().enumerate().map(|(nth, call)| {
        let is_earlier = |(_, other): &(usize, &Operation)| other.until() <= call.until() && other.is_twin_of(call);
        operations[..nth].iter().enumerate().filter(is_earlier).fold(0, |twins, (other, _)| twins | 1 << other)
    });
    let mut search = Search {
        operations,
        twins: twins.collect(),
        tried: HashSet::new(),
        hash: RandomState::new(),
        order: Vec::new(),
        longest: Vec::new(),
    };
    if search.extend(0, &Mentor::default()) { Ok(()) } else { Err(Refuted(search.report())) }
}

impl Search<'_> {
    fn extend(&mut self, done: u128, mentor: &Mentor) -> bool {
        let operations = self.operations;
        let left = || operations.iter().enumerate().filter(move |(nth, _)| done & (1 << nth) == 0);
        let horizon = left().map(|(_, call)| call.until()).min().filter(|until| *until < u64::MAX);
        let Some(horizon) = horizon else { return true };
        if !self.tried.insert((done, self.hash.hash_one(mentor))) {
            return false;
        }
        let is_next = |nth: usize, call: &Operation| call.called < horizon && self.twins[nth] & !done == 0;
        for (nth, operation) in left().filter(|(nth, call)| is_next(*nth, call)).collect::<Vec<_>>() {
            let states = match &operation.answered {
                Some((_, answer)) => mentor.answer(operation, answer),
                None => mentor.take_effect(operation).into_iter().collect(),
            };
            for after in states {
                self.order.push(nth);
                if self.order.len() > self.longest.len() {
                    self.longest.clone_from(&self.order);
                }
                if self.extend(done | 1 << nth, &after) {
                    return true;
                }
                self.order.pop();
            }
        }
        false
    }

    /// The history, and the longest order that the model explains.
    fn report(&self) -> String {
        let mut report = String::from("no order of these calls explains their answers:\n");
        for (nth, call) in self.operations.iter().enumerate() {
            let until = call.answered.as_ref().map_or_else(|| "?".to_owned(), |(at, _)| at.to_string());
            let (request, answer) = (&call.request, call.answer());
            writeln!(report, "{nth:3} [{:3}, {until:>3}] {} {request:?} -> {answer:?}", call.called, call.now).unwrap();
        }
        write!(report, "the longest order that does: {:?}", self.longest).unwrap();
        report
    }
}
