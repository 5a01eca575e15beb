//! One call's reads and transactions. Nothing that a call answers or writes is read in another way.
//!
//! # Why a read is confirmed
//!
//! DynamoDB decides a transaction at one moment, but while it is in flight its items become visible to single reads one
//! by one: reads beside it are only read-committed. Once the transaction was answered, every consistent read shows all of
//! it. `TransactGetItems` is serializable: it shows all of a transaction or nothing, and is refused while an item is in
//! flight.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation>
//!
//! So a call that answered from a change in flight could show a code that the next `GET` does not find yet. The rule:
//! **an answer, and a transaction about to be sent, rests only on changes that are known to be complete.** A process
//! knows that of a change if
//!
//! * its own transaction was answered with success, or
//! * one `TransactGetItems` over *all* items of the change showed it (both are remembered, [`CompleteChanges`]), or
//! * the change is older than [`crate::limits::COMPLETE_AFTER`].
//!
//! A read of an item whose last change is known to be complete costs that one read. Otherwise the change is confirmed:
//! one `TransactGetItems` more, once per change and process. The state in that snapshot is the one that counts. If it
//! shows a later change, that one is confirmed in turn.
//!
//! A claim is not confirmed: it leads to a record, which is. An item that came back with a failed condition is a read like
//! any other.
//!
//! # What the caller may see
//!
//! The call's context says which codes are in the caller's sight ([`Sight`]). A record out of sight is left out here, as
//! if it were absent, and before its change is confirmed. A create reads a mentor's slot whatever it holds, because it
//! has to take that code's place; the other changes read it by [`Session::slot_in_sight`].
//!
//! # What the compiler holds to the rule
//!
//! [`Confirmed`] can only be made here. The changes take it and nothing else, and have no other way to the table than a
//! [`Session`].

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::change::{Change, CompleteChanges};
use super::contradiction::{Contradiction, contradiction_between};
use super::dynamodb::{FailedConditions, Item, Outcome, Snapshot, StoreError, Table, Writes};
use super::item::{self, LostCode, UnreadableItem};
use super::key::{self, Key};
use super::slot::Slot;
use crate::limits::{FIRST_CONFLICT_PAUSE, MAX_CONFLICT_PAUSE, MAX_OLDER_SNAPSHOTS, RETRY_TIME_LIMIT};
use crate::model::{CallContext, CodeId, CodeString, MentorId, ReferralCode, Sight, Timestamp};

/// A state that rests only on changes known to be complete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Confirmed<T>(T);

impl<T> Confirmed<T> {
    pub(super) fn into_inner(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Confirmed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// What one call sees of the table, and how it writes to it.
pub(super) struct Session<'a> {
    table: &'a Table,
    complete: &'a CompleteChanges,
    pub(super) cx: &'a CallContext<'a>,
    pub(super) now: Timestamp,
    started: Instant,
}

/// Position of the record that a change creates or ends, among the writes of every change.
pub(super) const CHANGED_RECORD: usize = 0;

/// The pauses between attempts at a request that meets a transaction in flight: each is twice as long as the one before,
/// and jittered, so that callers do not meet again at once.
struct Pauses {
    next: Duration,
}

impl Pauses {
    fn new() -> Self {
        Self { next: FIRST_CONFLICT_PAUSE }
    }

    /// Waits, unless the call's time for retries is over. The last attempt comes when it ends: a transaction that an attempt
    /// before has recovered is complete by then.
    async fn wait(&mut self, started: Instant) -> bool {
        let left = RETRY_TIME_LIMIT.saturating_sub(started.elapsed());
        let pause = self.next.mul_f64(0.5 + fastrand::f64() / 2.0);
        self.next = (self.next * 2).min(MAX_CONFLICT_PAUSE);
        sleep(pause.min(left)).await;
        !left.is_zero()
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(table: &'a Table, complete: &'a CompleteChanges, cx: &'a CallContext<'a>) -> Self {
        Self { table, complete, cx, now: cx.now(), started: Instant::now() }
    }

    /// The code with this id, if there is one in the caller's sight.
    pub(super) async fn record(&self, id: &CodeId) -> Result<Option<Confirmed<ReferralCode>>, StoreError> {
        match self.table.get(Key::Record(id.clone()).attributes()).await? {
            // A lost code is no code, and nothing changes it.
            Some(item) if LostCode::parse(&item)?.is_some() => Ok(None),
            Some(item) if !self.is_in_sight(&item)? => Ok(None),
            Some(item) => self.confirm_record(&item).await.map(Some),
            None => Ok(None),
        }
    }

    /// The code with this code string, if there is one in the caller's sight: its claim, then its record.
    pub(super) async fn record_of(&self, code: &CodeString) -> Result<Option<Confirmed<ReferralCode>>, StoreError> {
        match self.claim(code).await? {
            // On a table that contradicts itself the record may have another string.
            Some(claim) => Ok(self.record(&claim.id).await?.filter(|found| found.code == *code)),
            None if *self.cx.sight() == Sight::All => Ok(None),
            // A string out of sight takes two reads, so one that no code has takes two as well.
            None => self.table.get(key::of_no_item()).await.map(|_| None),
        }
    }

    /// The claim on this code string, if there is one. It never changes.
    pub(super) async fn claim(&self, code: &CodeString) -> Result<Option<item::Claim>, StoreError> {
        let claim = self.table.get(Key::Claim(code.clone()).attributes()).await?;
        Ok(claim.as_ref().map(item::Claim::parse).transpose()?)
    }

    /// Whether a code is in the caller's sight.
    pub(super) fn sees(&self, code: &ReferralCode) -> bool {
        self.cx.sight().covers(&code.org_id, &code.mentor_id)
    }

    /// Whether the code of a record is in the caller's sight. This is decided before the record is confirmed, so that a
    /// code out of sight takes no request more than an absent one.
    fn is_in_sight(&self, record: &Item) -> Result<bool, UnreadableItem> {
        Ok(*self.cx.sight() == Sight::All || self.sees(&item::referral_code(record)?))
    }

    /// The mentor's slot, which holds the active code or the last that was. None if the mentor never had a code.
    pub(super) async fn slot(&self, mentor: &MentorId) -> Result<Option<Confirmed<Slot>>, StoreError> {
        match self.table.get(Key::Slot(mentor.clone()).attributes()).await? {
            Some(item) => self.confirm_slot(&item).await.map(Some),
            None => Ok(None),
        }
    }

    /// The mentor's slot, if the code that it holds is in the caller's sight. If not, it looks as if the mentor never had
    /// a code, and takes no request more.
    pub(super) async fn slot_in_sight(&self, mentor: &MentorId) -> Result<Option<Confirmed<Slot>>, StoreError> {
        if *self.cx.sight() == Sight::All {
            return self.slot(mentor).await;
        }
        match self.table.get(Key::Slot(mentor.clone()).attributes()).await? {
            Some(item) if self.sees(&Slot::parse(&item)?.held) => {
                Ok(Some(self.confirm_slot(&item).await?).filter(|slot| self.sees(&slot.held)))
            }
            _ => Ok(None),
        }
    }

    /// All items of a mentor's partition: the slot and the pages of earlier codes. The slot among them is not confirmed.
    pub(super) async fn mentor_partition(&self, mentor: &MentorId) -> Result<Vec<Item>, StoreError> {
        self.table.get_partition(&key::mentor_partition(mentor)).await
    }

    /// The items at these keys, which never change once they are there.
    pub(super) async fn final_items(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        self.table.get_all(&keys.iter().map(Key::attributes).collect::<Vec<_>>()).await
    }

    /// The state of a record, from an item that was read in any way.
    pub(super) async fn confirm_record(&self, item: &Item) -> Result<Confirmed<ReferralCode>, StoreError> {
        self.confirm(item, item::referral_code, |code| code).await
    }

    /// The state of a slot, from an item that was read in any way.
    pub(super) async fn confirm_slot(&self, item: &Item) -> Result<Confirmed<Slot>, StoreError> {
        self.confirm(item, Slot::parse, |slot| &slot.held).await
    }

    async fn confirm<T>(
        &self,
        item: &Item,
        parse: impl Fn(&Item) -> Result<T, UnreadableItem>,
        code: impl Fn(&T) -> &ReferralCode,
    ) -> Result<Confirmed<T>, StoreError> {
        let mut state = parse(item)?;
        let key = Key::of(item);
        loop {
            let change = Change::of(code(&state));
            if change.is_old(self.now) || self.complete.contains(&change) {
                return Ok(Confirmed(state));
            }
            let snapshot = Box::pin(self.snapshot(&change)).await?;
            let place = change.keys.iter().position(|other| Some(other) == key.as_ref());
            let Some(item) = place.and_then(|place| snapshot[place].as_ref()) else {
                return Err(unsound(&change.mentor));
            };
            state = parse(item)?;
        }
    }

    /// Confirms that the creation of a code is complete, of which an earlier attempt of this call has met the record.
    pub(super) async fn confirm_creation(&self, code: &ReferralCode) -> Result<(), StoreError> {
        let change = Change::creation(code);
        if !self.complete.contains(&change) {
            Box::pin(self.snapshot(&change)).await?;
        }
        Ok(())
    }

    /// All items of a change at one moment, at which the change is complete.
    async fn snapshot(&self, change: &Change) -> Result<Vec<Option<Item>>, StoreError> {
        let mut pauses = Pauses::new();
        for older in 0..=MAX_OLDER_SNAPSHOTS {
            // Serializable is not strict: a snapshot may be older than a read before it.
            if older > 0 && !pauses.wait(self.started).await {
                return Err(stays_in_flight(&change.mentor, "an older snapshot"));
            }
            let items = self.read_at_once(&change.keys, &change.mentor, &mut pauses).await?;
            if change.is_in(&items)? {
                if let Some(contradiction) = contradiction_in(change, &items)? {
                    return Err(contradiction.into());
                }
                self.complete.insert(change);
                return Ok(items);
            }
        }
        Err(unsound(&change.mentor))
    }

    /// Items of a mentor at one moment. While one of them is part of a transaction in flight, the read is repeated.
    async fn read_at_once(
        &self,
        keys: &[Key],
        mentor: &MentorId,
        pauses: &mut Pauses,
    ) -> Result<Vec<Option<Item>>, StoreError> {
        let keys: Vec<_> = keys.iter().map(Key::attributes).collect();
        loop {
            match self.table.transact_get(&keys).await? {
                Snapshot::Items(items) => return Ok(items),
                Snapshot::Conflict(reasons) if !pauses.wait(self.started).await => {
                    return Err(stays_in_flight(mentor, &reasons));
                }
                Snapshot::Conflict(_) => {}
            }
        }
    }

    /// Puts an item that follows from other items, unless it is there.
    pub(super) async fn put_if_absent(&self, item: Item) -> Result<(), StoreError> {
        self.table.put_if_absent(item).await.map(drop)
    }

    /// A write of a whole item, and a change of one, as parts of a transaction.
    pub(super) fn writes(&self) -> Writes {
        self.table.writes()
    }

    /// Sends a transaction until DynamoDB decides it. `change` is what it makes if it succeeds.
    ///
    /// Attempts that meet another transaction in flight, or this one, are repeated with pauses that grow, until the
    /// call's time is nearly over: with one client request token, so it stays one transaction. A transaction that stalls
    /// is recovered by an attempt after [`crate::limits::RECOVERY_TIME`]. That falls within the call if the transaction left
    /// early in it; otherwise the client's repetition recovers it.
    ///
    /// # What a failed condition decides
    ///
    /// An attempt may meet an earlier attempt of this very call that DynamoDB does not take for the same transaction: it
    /// has forgotten the token, or refused it as another transaction's. The earlier attempt may be in flight. Then its
    /// visible items fail the conditions of this attempt, as another caller's change would. So a failed condition decides
    /// nothing as long as DynamoDB has not looked at the first write, the record of the code: the attempt is repeated.
    ///
    /// Once it has looked, all attempts of this call are decided. They carry the same writes, and a condition that failed
    /// once fails for ever. So either one of them has committed, and the record shows it. Or the record has no such
    /// change and is in no transaction in flight; then none has committed, and none can any more.
    ///
    /// The same holds for an invalidation, though its answer does not tell which call has made it.
    pub(super) async fn transact(&self, writes: Writes, change: &Change) -> Result<Outcome, StoreError> {
        let mut transaction = self.table.transaction(writes, self.cx.age());
        let mut pauses = Pauses::new();
        loop {
            let outcome = match transaction.send().await {
                Ok(Outcome::ConditionFailed(failed)) if failed.is_undecided_at(CHANGED_RECORD) => {
                    Err(stays_in_flight(&change.mentor, "the record of the code is in a transaction in flight"))
                }
                outcome => outcome,
            };
            match outcome {
                Ok(Outcome::Committed) => {
                    self.complete.insert(change);
                    return Ok(Outcome::Committed);
                }
                Err(StoreError::Contended(_)) if pauses.wait(self.started).await => {}
                other => return other,
            }
        }
    }

    /// Looks at a record and its mentor's slot at one moment, after a call has met states of them that do not fit.
    ///
    /// # Errors
    /// If they contradict each other. Then no number of rounds brings the call further.
    pub(super) async fn check(&self, id: &CodeId, mentor: &MentorId) -> Result<(), StoreError> {
        let keys = [Key::Record(id.clone()), Key::Slot(mentor.clone())];
        let items = self.read_at_once(&keys, mentor, &mut Pauses::new()).await?;
        let record = items[0].as_ref().map(item::known_code).transpose()?.flatten();
        let slot = items[1].as_ref().map(Slot::parse).transpose()?;
        // A code without a record contradicts the slot only if the slot holds it.
        let slot = slot.filter(|slot| record.is_some() || slot.held.id == *id);
        contradiction_between(record.as_ref(), slot.as_ref()).map_or(Ok(()), |found| Err(found.into()))
    }

    /// The slot after a failed condition, from DynamoDB's answer or read again.
    pub(super) async fn slot_after(
        &self,
        failed: &FailedConditions,
        position: usize,
        mentor: &MentorId,
    ) -> Result<Option<Confirmed<Slot>>, StoreError> {
        match failed.existing_item(position) {
            Some(item) => self.confirm_slot(item).await.map(Some),
            None => self.slot(mentor).await,
        }
    }
}

/// What contradicts between the record of a change's code and its mentor's slot, in a snapshot of the change's items.
fn contradiction_in(change: &Change, snapshot: &[Option<Item>]) -> Result<Option<Contradiction>, UnreadableItem> {
    let item = |wanted: &Key| {
        change.keys.iter().zip(snapshot).find(|(key, _)| *key == wanted).and_then(|(_, item)| item.as_ref())
    };
    let record = item(&change.keys[0]).map(item::known_code).transpose()?.flatten();
    let slot = item(&Key::Slot(change.mentor.clone())).map(Slot::parse).transpose()?;
    // A lost code has no record.
    Ok(record.and_then(|record| contradiction_between(Some(&record), slot.as_ref())))
}

/// The failure of a call whose time is over while a change of the mentor is in flight.
fn stays_in_flight(mentor: &MentorId, reason: &str) -> StoreError {
    StoreError::Contended(format!("a change of {mentor} stays in flight: {reason}"))
}

/// The failure of a call that met items which contradict each other.
pub(super) fn unsound(mentor: &MentorId) -> StoreError {
    StoreError::Unsound(format!(
        "items of the mentor {mentor} contradict each other, as after a restore from a backup; run the audit, then the repair"
    ))
}
