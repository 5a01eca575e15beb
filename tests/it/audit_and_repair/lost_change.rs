//! A change of which a backup holds a part, and its repair while calls run.

use std::ops::Range;
use std::time::Duration;

use dev::{TestService, audit};
use referral_codes::store::StoreError;
use tokio::time::sleep;

use super::table::{Item, Items, dump, findings, repair_all, restore};
use crate::linearizability::checker::check;
use crate::linearizability::clients::{Callers, Items as Known};
use crate::linearizability::history::{Answer, History, Operation, Request};
use crate::linearizability::model::millis;

/// A change whose caller gets no answer, and the table before it and after it.
pub struct LostChange {
    pub before: Items,
    pub after: Items,
    /// The answer that the caller had, in a time that the backup lacks.
    pub answer: Option<Answer>,
    /// When the history has the call: it was answered at the next moment, if at all.
    called: u64,
}

impl LostChange {
    /// Makes the change, by a process whose clock is so many seconds ahead.
    pub async fn send(service: &TestService, callers: &Callers, request: Request, ahead: i64) -> Self {
        service.clock.advance(Duration::from_secs(1));
        let before = dump(service).await;
        let (time, called) = (service.clock.now(), callers.history.tick());
        callers.history.tick();
        service.clock.set_to(service.clock.ahead(ahead * 1_000).now());
        let (now, reply) = (service.clock.unix_millis(), service.send(request.call(callers.mentor())).await);
        service.clock.set_to(time);
        let answer = request.read(&reply);
        // A code that is made by a slow clock is not older than the one before.
        let now = answer.as_ref().and_then(Answer::created_at).map_or(now, |made| now.max(millis(made)));
        callers.history.record(Operation { request: Request::Lost(Box::new(request)), now, called, answered: None });
        Self { before, after: dump(service).await, answer, called }
    }

    /// The keys of the items that the change has written.
    fn written(&self) -> impl Iterator<Item = &(String, String)> {
        self.after.iter().filter(|(key, item)| self.before.get(*key) != Some(item)).map(|(key, _)| key)
    }

    /// How many items it has written.
    pub fn size(&self) -> usize {
        self.written().count()
    }

    /// Every part of these items that a backup may lack: of each a mask, and not the one of all.
    pub fn parts(&self) -> Range<usize> {
        0..(1 << self.size()) - 1
    }

    /// The table after the change, with those of its items as they were before that the mask has.
    pub fn without(&self, mask: usize) -> Items {
        let mut items = self.after.clone();
        for (_, key) in self.written().enumerate().filter(|(nth, _)| mask >> nth & 1 == 1) {
            match self.before.get(key) {
                Some(item) => drop(items.insert(key.clone(), item.clone())),
                None => drop(items.remove(key)),
            }
        }
        items
    }

    /// Restores these items and repairs them while calls run, twice by `calls`. Returns the repaired table. Fails if the audit
    /// or a second repair then finds anything, or if no order of the calls explains their answers.
    pub async fn repair_while_calls_run(
        &self,
        service: &TestService,
        callers: &Callers,
        items: &Items,
        (until_repair, faults): (Duration, impl Fn(f64)),
        mut calls: impl AsyncFnMut(),
    ) -> Result<Items, String> {
        restore(service, items).await;
        service.clock.advance(Duration::from_secs(2));
        let lost = LostCode::of(self, items);
        if let Some(lost) = &lost {
            lost.record(&callers.history, service.clock.unix_millis());
        }
        callers.meet(Known::Contradicting);
        faults(0.05);
        let repair = async {
            sleep(until_repair).await;
            while let Err(error) = repair_all(service, 7).await {
                assert!(matches!(error, StoreError::Unavailable(_) | StoreError::Contended(_)), "{error}");
            }
            // A list also shows the code that a repair has ended, of which no call knows.
            callers.meet(Known::Repaired);
        };
        tokio::join!(repair, calls());
        calls().await;

        faults(0.0);
        sleep(Duration::from_secs(20 * 60)).await;
        let left = findings(service, 1_000).await.map_err(|error| error.to_string())?;
        if !left.is_empty() {
            return Err(format!("after the repair, the audit finds {left:#?}"));
        }
        audit(service).await?;
        callers.read_all().await;
        let mut operations = callers.history.operations();
        if let Some(lost) = &lost {
            lost.explain(&mut operations);
        }
        check(&operations).map_err(|refuted| refuted.0)?;
        let repaired = dump(service).await;
        let second = repair_all(service, 3).await.map_err(|error| error.to_string())?;
        if !second.is_empty() || dump(service).await != repaired {
            return Err(format!("a second repair finds {second:#?}"));
        }
        Ok(repaired)
    }
}

/// Whether a whole copy of a code is left: its record, or the one in a slot.
pub fn is_whole_in(items: &Items, id: &str) -> bool {
    let is_held = |item: &Item| item.get("held").is_some_and(|held| held.as_m().unwrap()["id"].as_s().unwrap() == id);
    items.contains_key(&(format!("id#{id}"), "record".into())) || items.values().any(is_held)
}

/// How many records have ended.
pub fn ended(items: &Items) -> usize {
    items.values().filter(|item| item.contains_key("ended_at")).count()
}

/// The new code of a change of which a backup has the end of the old one, and no whole copy of the new one. A repair loses it,
/// and the mentor has none. To the model it is as if it had been invalidated, but that no call finds it: the next code is not
/// older than the end of the old one.
struct LostCode {
    called: u64,
    answer: Answer,
    id: String,
}

impl LostCode {
    /// None if the change made no code in place of another, or these items have enough of it.
    fn of(change: &LostChange, items: &Items) -> Option<Self> {
        let Some(answer @ (Answer::Successor(code) | Answer::Created(code))) = &change.answer else { return None };
        let is_lost = !is_whole_in(items, &code.id) && ended(items) > ended(&change.before);
        is_lost.then(|| Self { called: change.called, answer: answer.clone(), id: code.id.clone() })
    }

    /// Adds to the history that the new code is no more. Comes before the calls that may notice.
    fn record(&self, history: &History, now: u64) {
        let request = Request::Delete { id: self.id.clone() };
        history.record(Operation { request, now, called: history.tick(), answered: None });
    }

    /// Makes the model know the new code, and takes out the answers that do not show it: no call has found it.
    fn explain(&self, operations: &mut [Operation]) {
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
