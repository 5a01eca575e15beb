//! What must hold in every state, and what must occur in some: the model must not avoid what it is there to show.

use stateright::Property;

use super::caller::{Answer, Made, Operation, Phase, Step};
use super::code::{Call, ChangeId, Code, Digits, State as CodeState, Ulid};
use super::system::{Caller, State, System};
use super::table::Key;

pub const ONE_ACTIVE: &str = "a mentor has at most one active code";
pub const AGREEMENT: &str = "slot and record agree";
pub const ONCE: &str = "no id and no code string is given out twice";
pub const KEPT: &str = "what was acknowledged is there";
pub const ENDED: &str = "what has ended stays as it ended";
pub const ONE_EFFECT: &str = "a call makes at most one code";
pub const DECLINED: &str = "a call that was declined has made no code";
pub const TOLD: &str = "an answer shows the code that its call has made, and says that the call made it";
pub const ANSWERED: &str = "a call that was answered changes nothing any more";
pub const CRASHED: &str = "a crashed call changes nothing any more once its repetition has succeeded";
pub const ENOUGH: &str = "the rounds suffice";

/// These are about commands.
pub const BACK: &str = "no late request brings a forgotten mentor back";
pub const LEFT: &str = "no code of a mentor who has left is active";

/// These are about torn transactions. The first three are about observers that read in this state.
pub const BY_ID: &str = "a code read by its id shows what was shown";
pub const BY_STRING: &str = "a code read by its string shows what was shown";
pub const IN_LIST: &str = "a list of the active code shows what was shown";
pub const LATER: &str = "no later call is answered from before what was shown";
pub const ONE_IN_FLIGHT: &str = "a mentor has at most one change in flight";
pub const KNOWN: &str = "what a process takes for complete is complete";

pub const GROWN: &str = "an id has all the digits of its ULID";
pub const REDRAWN: &str = "a code has a fresh ULID, the digits of the first being used up";
pub const REPEATED: &str = "a repeated call is answered with the code that the crashed one made";
pub const SKEWED: &str = "a code that one clock takes for active has been replaced as expired";
/// Permitted: the code had expired by the repetition's time, but its record has no end yet. It shows how late a request
/// may arrive.
pub const BELATED: &str = "a crashed call's change takes effect after its repetition was declined";

/// Only if transactions are torn.
pub const MET: &str = "a call waits for a change in flight, of which it has read an item";

/// What occurs in some state of some pair of callers.
pub const SOMETIMES: [&str; 5] = [GROWN, REDRAWN, REPEATED, SKEWED, BELATED];

pub fn all() -> Vec<Property<System>> {
    let always = Property::<System>::always;
    let sometimes = Property::<System>::sometimes;
    vec![
        always(ONE_ACTIVE, |_, state| {
            [0, 1].into_iter().all(|mentor| active(state).filter(|code| code.mentor == mentor).count() <= 1)
        }),
        always(AGREEMENT, |_, state| {
            active(state).all(|code| state.table.items.get(&code.slot()) == Some(code))
                && slots(state).all(|code| state.table.items.get(&code.record()) == Some(code))
        }),
        // Each code ever given out still has its record and its claim: no later code has overwritten either.
        always(ONCE, |_, state| {
            state.table.given.iter().all(|(ulid, names)| {
                names.iter().all(|key| state.table.items.get(key).is_some_and(|code| code.candidate.ulid == *ulid))
            })
        }),
        always(KEPT, |system, state| {
            answers(state).zip(&system.operations).all(|(answer, operation)| match answer {
                Some((_, answer)) => is_kept(state, answer, *operation),
                None => true,
            })
        }),
        always(ENDED, |_, state| {
            records(state).all(|code| state.table.ended.get(&code.candidate.ulid).is_none_or(|end| code.state == *end))
        }),
        always(ONE_EFFECT, |_, state| {
            let calls = state.table.given.iter().filter_map(|(ulid, _)| ulid.call);
            calls.is_sorted_by(|one, next| one < next)
        }),
        always(DECLINED, |_, state| {
            answers(state)
                .flatten()
                .all(|(call, answer)| !matches!(answer, Answer::Declined(_)) || made(state, call).is_none())
        }),
        always(TOLD, |_, state| {
            answers(state).flatten().all(|(call, answer)| match answer {
                Answer::Code(code, told) => {
                    let is_own = made(state, call) == Some(code.candidate.ulid);
                    is_own == (*told == Made::Now) && (is_own || made(state, call).is_none())
                }
                _ => true,
            })
        }),
        always(ANSWERED, |_, state| changes_after_answer(state).all(|(changed, answered, _)| changed != answered)),
        always(CRASHED, |_, state| {
            changes_after_answer(state)
                .all(|(changed, answered, answer)| changed == answered || matches!(answer, Answer::Declined(_)))
        }),
        always(ENOUGH, |_, state| answers(state).flatten().all(|(_, answer)| *answer != Answer::GaveUp)),
        always(BACK, |_, state| !state.brought_back),
        always(LEFT, |system, state| {
            answers(state).zip(&system.operations).all(|(answer, operation)| match (answer, operation) {
                (Some((_, Answer::Done { at })), Operation::Leave { mentor }) => {
                    state.table.records(*mentor).iter().all(|code| !code.is_active(*at))
                }
                _ => true,
            })
        }),
        always(BY_ID, |system, state| is_shown(system, state, |key| matches!(key, Key::Record(_)))),
        always(BY_STRING, |system, state| is_shown(system, state, |key| matches!(key, Key::Claim(..)))),
        always(IN_LIST, |system, state| is_shown(system, state, |key| matches!(key, Key::Slot(_)))),
        always(LATER, |_, state| state.callers.iter().all(|caller| !caller.stale)),
        always(KNOWN, |_, state| {
            state.callers.iter().flat_map(|caller| &caller.complete).all(|change| state.table.is_complete(*change))
        }),
        always(ONE_IN_FLIGHT, |_, state| {
            let is_in_flight = |change: &ChangeId| !state.table.is_complete(*change);
            let in_flight =
                |changes: &[(ChangeId, Vec<Key>)]| changes.iter().filter(|(change, _)| is_in_flight(change)).count();
            state.table.history.iter().all(|changes| in_flight(changes) <= 1)
        }),
        sometimes(GROWN, |_, state| records(state).any(|code| code.candidate.is_longest())),
        sometimes(REDRAWN, |_, state| records(state).any(|code| code.candidate.ulid.nth > 0)),
        sometimes(REPEATED, |_, state| {
            answered_codes(state).any(|((index, nth), code)| nth == 1 && code.candidate.ulid.call == Some((index, 0)))
        }),
        sometimes(SKEWED, |_, state| {
            let replaced = |caller: &Caller| {
                records(state)
                    .any(|code| matches!(code.state, CodeState::Expired { .. }) && caller.clock < code.expires_at)
            };
            state.callers.iter().any(replaced)
        }),
        sometimes(BELATED, |_, state| {
            changes_after_answer(state)
                .any(|(changed, answered, answer)| changed != answered && matches!(answer, Answer::Declined(_)))
        }),
        sometimes(MET, |_, state| {
            state.callers.iter().any(|caller| match &caller.phase {
                Phase::Running(_, Step::Confirm(_, change, _)) => !state.table.is_complete(*change),
                _ => false,
            })
        }),
    ]
}

/// Whether every observer that now reads a key of this kind is answered with what was shown, or with what came later.
fn is_shown(system: &System, state: &State, is_of_kind: impl Fn(&Key) -> bool) -> bool {
    let keys = state.table.items.keys().filter(|key| is_of_kind(key));
    !system.rules.torn
        || keys.filter_map(|key| state.table.observed(*key, &system.rules)).all(|span| span.is_not_before(&state.shown))
}

fn records(state: &State) -> impl Iterator<Item = &Code> {
    state.table.items.iter().filter(|(key, _)| matches!(key, Key::Record(_))).map(|(_, code)| code)
}

fn slots(state: &State) -> impl Iterator<Item = &Code> {
    let slots = state.table.items.iter().filter(|(key, _)| matches!(key, Key::Slot(_)));
    slots.map(|(_, code)| code).filter(|code| code.state != CodeState::Forgotten)
}

fn active(state: &State) -> impl Iterator<Item = &Code> {
    records(state).filter(|code| code.state == CodeState::Active)
}

/// Each caller's answer, if it has one.
fn answers(state: &State) -> impl Iterator<Item = Option<(Call, &Answer)>> {
    state.callers.iter().map(|caller| match &caller.phase {
        Phase::Answered(call, answer) => Some((*call, answer)),
        Phase::Waiting | Phase::Running(..) => None,
    })
}

/// The ULID of the code that a call has made.
fn made(state: &State, call: Call) -> Option<Ulid> {
    state.table.given.iter().map(|(ulid, _)| *ulid).find(|ulid| ulid.call == Some(call))
}

/// The call whose change took effect after its caller was answered, the call that was answered, and the answer.
fn changes_after_answer(state: &State) -> impl Iterator<Item = (Call, Call, &Answer)> {
    state.callers.iter().zip(answers(state)).filter_map(|(caller, answered)| {
        let (call, answer) = answered?;
        Some((caller.belated?, call, answer))
    })
}

fn answered_codes(state: &State) -> impl Iterator<Item = (Call, &Code)> {
    answers(state).flatten().filter_map(|(call, answer)| match answer {
        Answer::Code(code, _) => Some((call, code)),
        _ => None,
    })
}

/// Whether the records still show what this answer acknowledged.
fn is_kept(state: &State, answer: &Answer, operation: Operation) -> bool {
    let ended_as = |id: Digits, end| state.table.read(Key::Record(id)).is_some_and(|code| code.state == end);
    match (answer, operation) {
        (Answer::Code(code, _), operation) => {
            let found = state.table.read(code.record());
            let old_is_ended = match operation {
                Operation::Rotate { id, .. } => ended_as(id, CodeState::Rotated { successor: code.code_ref() }),
                _ => true,
            };
            found.is_some_and(|found| found.is_same_as(code)) && old_is_ended
        }
        (Answer::Invalidated { at }, Operation::Invalidate { id }) => ended_as(id, CodeState::Invalidated { at: *at }),
        (Answer::Invalidated { .. }, _) => false,
        (Answer::Declined(_) | Answer::Done { .. } | Answer::GaveUp, _) => true,
    }
}
