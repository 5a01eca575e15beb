//! A rotation of which a backup has the end of the old code, and no whole copy of the new one. A repair loses the new code,
//! and the mentor has none. To the model it is as if the new code had been invalidated, but that no call finds it.

use super::table::Items;
use crate::linearizability::history::{Answer, History, Operation, Request};

pub struct LostRotation {
    /// When the history has the call. It was answered at the next moment.
    called: u64,
    answer: Answer,
    id: String,
}

/// Whether a whole copy of a code is left: its record, or the one in a slot.
pub fn is_whole_in(items: &Items, id: &str) -> bool {
    let is_held = |item: &super::table::Item| {
        item.get("held").is_some_and(|held| held.as_m().unwrap()["id"].as_s().unwrap() == id)
    };
    items.contains_key(&(format!("id#{id}"), "record".into())) || items.values().any(is_held)
}

/// How many records have ended.
pub fn ended(items: &Items) -> usize {
    items.values().filter(|item| item.contains_key("ended_at")).count()
}

impl LostRotation {
    /// None if the call was no rotation, or these items have enough of it.
    pub fn of(before: &Items, items: &Items, called: u64, answer: Option<&Answer>) -> Option<Self> {
        let Some(Answer::Successor(code)) = answer else { return None };
        let is_lost = !is_whole_in(items, &code.id) && ended(items) > ended(before);
        is_lost.then(|| Self { called, answer: Answer::Successor(code.clone()), id: code.id.clone() })
    }

    /// Adds to the history that the new code is no more. Comes before the calls that may notice.
    pub fn record(&self, history: &History, now: u64) {
        let request = Request::Delete { id: self.id.clone() };
        history.record(Operation { request, now, called: history.tick(), answered: None });
    }

    /// Makes the model know the new code, and takes out the answers that do not show it: no call has found it.
    pub fn explain(&self, operations: &mut [Operation]) {
        for call in operations {
            if call.called == self.called {
                call.answered = Some((self.called + 1, self.answer.clone()));
            } else if format!("{:?}", call.request).contains(&self.id) {
                let answer = call.answered.take().map(|(_, answer)| answer);
                assert!(answer.is_none_or(|answer| answer == Answer::NotFound), "{:?}", call.request);
            } else if let Some((_, Answer::Listed(codes))) = &call.answered {
                assert!(codes.iter().all(|code| code.id != self.id), "{codes:?}");
                call.answered = None;
            }
        }
    }
}
