//! A change of which a backup holds a part, and its repair while calls run.

use std::ops::Range;
use std::time::Duration;

use dev::{TestService, audit};
use referral_codes::store::StoreError;
use tokio::time::sleep;

use super::table::{Item, Items, dump, findings, repair_all, restore};
use crate::linearizability::checker::check;
use crate::linearizability::clients::{Callers, Items as Known};
use crate::linearizability::history::{Answer, Operation, Request};
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
        let now = answer.as_ref().and_then(Answer::code).map_or(now, |made| now.max(millis(&made.created_at)));
        callers.history.record(Request::Lost(Box::new(request)), now, called, None);
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
            // Before the calls that may notice it, the new code is no more.
            let (history, now) = (&callers.history, service.clock.unix_millis());
            history.record(Request::Delete(lost.id.clone()), now, history.tick(), None);
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
        let answer = change.answer.clone()?;
        let id = answer.code()?.id.clone();
        let is_lost = !is_whole_in(items, &id) && ended(items) > ended(&change.before);
        is_lost.then_some(Self { called: change.called, answer, id })
    }

    /// Makes the model know the new code, and takes out the answers that do not show it: no call has found it.
    fn explain(&self, operations: &mut [Operation]) {
        for call in operations {
            if call.called == self.called {
                call.answered = Some((self.called + 1, self.answer.clone()));
            } else if format!("{:?}", call.request).contains(&self.id) {
                let is_absent = |answer: &Answer| matches!(answer, Answer::Refused(it) if it.code == "code_not_found");
                assert!(call.answered.take().is_none_or(|(_, answer)| is_absent(&answer)), "{:?}", call.request);
            } else if let Some((_, Answer::Listed(codes))) = &call.answered {
                assert!(codes.iter().all(|code| code.id != self.id), "{codes:?}");
                call.answered = None;
            }
        }
    }
}
