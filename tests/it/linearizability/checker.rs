//! Looks for an order of a history's calls in which the model gives the same answers (Wing and Gong's search, with a
//! memory for what has been tried).
//!
//! An order is one that could have been if no call stands before one that was answered before it was asked. A call
//! whose answer never came may stand anywhere after it was asked, or nowhere.

use std::collections::HashSet;
use std::fmt::Write;

use super::history::Operation;
use super::model::Mentor;

/// A history that no order of its calls explains.
#[derive(Debug)]
pub struct Refuted(pub String);

struct Search<'a> {
    operations: &'a [Operation],
    tried: HashSet<(u128, Mentor)>,
    order: Vec<usize>,
    longest: Vec<usize>,
}

/// Whether the history is linearizable.
pub fn check(operations: &[Operation]) -> Result<(), Refuted> {
    assert!(operations.len() <= 128, "the search keeps what it has done in 128 bits");
    let mut search = Search { operations, tried: HashSet::new(), order: Vec::new(), longest: Vec::new() };
    if search.go_on(0, &Mentor::default()) { Ok(()) } else { Err(Refuted(search.told())) }
}

impl Search<'_> {
    fn go_on(&mut self, done: u128, mentor: &Mentor) -> bool {
        let operations = self.operations;
        let left = || operations.iter().enumerate().filter(move |(nth, _)| done & (1 << nth) == 0);
        let Some(horizon) = left().filter_map(|(_, it)| it.answered.as_ref().map(|(at, _)| *at)).min() else {
            return true;
        };
        if !self.tried.insert((done, mentor.clone())) {
            return false;
        }
        for (nth, operation) in left().filter(|(_, it)| it.called < horizon) {
            let after = match &operation.answered {
                Some((_, answer)) => mentor.answer(operation, answer),
                None => mentor.take_effect(operation),
            };
            let Some(after) = after else { continue };
            self.order.push(nth);
            if self.order.len() > self.longest.len() {
                self.longest.clone_from(&self.order);
            }
            if self.go_on(done | 1 << nth, &after) {
                return true;
            }
            self.order.pop();
        }
        false
    }

    /// The history, and how far an order of it went.
    fn told(&self) -> String {
        let mut told = String::from("no order of these calls explains their answers:\n");
        for (nth, it) in self.operations.iter().enumerate() {
            let until = it.answered.as_ref().map_or_else(|| "?".to_owned(), |(at, _)| at.to_string());
            let answer = it.answered.as_ref().map(|(_, answer)| answer);
            writeln!(told, "{nth:3} [{:3}, {until:>3}] {} {:?} -> {answer:?}", it.called, it.now, it.request).unwrap();
        }
        write!(told, "the longest order that does: {:?}", self.longest).unwrap();
        told
    }
}
