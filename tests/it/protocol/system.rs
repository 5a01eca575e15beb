//! The callers, their table, and everything that may happen: the model that stateright explores.

use stateright::{Model, Property};

use std::collections::BTreeSet;

use super::caller::{Item, Operation, Phase, Process, Step};
use super::code::{Call, ChangeId, Code, CodeCandidate, Digits, Mentor, Origin, State as CodeState, Time, Ulid};
use super::confirmation::Confirmation;
use super::observer::Shown;
use super::property;
use super::table::{Change, Guard, Key, Outcome, Table, Token};

/// How often a call is begun: a client without an answer repeats it once.
const CALLS: u8 = 2;
/// The time at which every clock stops.
const END_OF_TIME: Time = 1;
/// The digits that the first call of each of two callers may draw: equal, equal only at the start, or different. The second
/// caller's missing draw would repeat cases with the callers exchanged, or nearly so.
const DRAWS: [&[u8]; 2] = [&[0b000, 0b010, 0b100], &[0b000, 0b100]];
/// The digits of a repetition, and of a call that creates no code and so does not use them.
const DRAWS_OF_THE_REST: &[u8] = &[0b000];
/// The digits of each caller if only few are explored. The ids differ, so that callers for one mentor share little but the
/// slot.
const FEW_DRAWS: [&[u8]; 3] = [&[0b100], &[0b000], &[0b110]];
/// The same, and the second caller may draw what the first one draws.
const SHARED_DRAWS: [&[u8]; 2] = [&[0b100], &[0b000, 0b100]];

/// What is explored.
#[derive(Clone, Debug)]
pub struct System {
    /// One for each caller.
    pub operations: Vec<Operation>,
    pub rules: Rules,
}

/// What the table and the callers keep to, and what may go wrong.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The items of a transaction become visible one by one. Otherwise all at once.
    pub torn: bool,
    /// How many callers may crash, and have requests delayed and responses lost: the first ones.
    pub faulty: usize,
    pub draws: Draws,
    /// The guards that are removed.
    pub without: Vec<Guard>,
    /// The confirmations that are taken away.
    pub unconfirmed: Vec<Confirmation>,
}

/// The digits that callers may draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Draws {
    Many,
    /// One for each caller, of its own. Time stands still, too.
    Few,
    /// The same, and the second caller may draw what the first one draws.
    Shared,
}

impl Default for Rules {
    fn default() -> Self {
        Self { torn: false, faulty: usize::MAX, draws: Draws::Many, without: Vec::new(), unconfirmed: Vec::new() }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State {
    pub table: Table,
    pub callers: Vec<Caller>,
    /// What answers have shown. If transactions are not torn, nothing: there, an answer shows what every read shows.
    pub shown: Shown,
    /// The calls that had begun when a command's first phase ended, and are under way.
    before: BTreeSet<Call>,
    /// A late request of one of them has made a code, as if the mentor were not forgotten.
    pub brought_back: bool,
}

/// One caller, its clock and its part of the network.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Caller {
    pub phase: Phase,
    calls: u8,
    pub clock: Time,
    /// Whether the network has delayed a request, or may not: it does so once.
    has_failed: bool,
    /// A request that has not arrived yet although its sender no longer waits for it.
    late: Option<(Token, Change)>,
    /// The call whose delayed request changed the table after this caller was answered.
    pub belated: Option<Call>,
    /// The changes that the process knows to be complete. A crash keeps them, since the process may live on.
    pub complete: BTreeSet<ChangeId>,
    /// What had been shown when the call began.
    shown_before: Shown,
    /// The call was answered with what held only before that.
    pub stale: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// The clock of this caller's process moves on. A call reads it only once, when it begins.
    TimePasses(usize),
    /// The call begins, and draws a ULID of these digits.
    Begin(usize, u8),
    Read(usize),
    /// Another item of a change is read, or all of them in one snapshot.
    Confirm(usize),
    /// A transaction reaches the table. Its response reaches the caller, unless the transaction is now in flight.
    Send(usize, Memory),
    /// All items of a caller's transaction are visible, and its response reaches the caller.
    Answer(usize),
    /// An item of a transaction in flight becomes visible.
    Reveal(Key),
    /// A transaction is delayed so long that the SDK will send it again.
    Delay(usize),
    /// The delayed transaction reaches the table after all. If that is at once, its response alone was lost.
    Arrive(usize, Memory),
    /// The process ends, or the client stops waiting.
    Crash(usize),
}

/// Whether the table still knows the token of a transaction that it has carried out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Memory {
    Kept,
    Lost,
}

/// The candidate of a mentor's code at the start: the ids differ, the code strings begin alike.
fn first_candidate(mentor: Mentor) -> CodeCandidate {
    let candidate = |digits| CodeCandidate::new(Ulid { call: None, nth: 0, digits });
    if mentor == 0 { candidate(0b000) } else { candidate(0b010).after_collision(false, true) }
}

/// The id of a mentor's code at the start. If there is no code, an id that a caller may draw.
pub fn first_id(mentor: Mentor) -> Digits {
    first_candidate(mentor).id()
}

/// The id of a code that the first caller makes if its draw collides with no other.
pub fn drawn_id() -> Digits {
    CodeCandidate::new(Ulid { call: None, nth: 0, digits: 0b100 }).id()
}

fn first_code(mentor: Mentor) -> Code {
    let candidate = first_candidate(mentor);
    Code { candidate, mentor, label: 0, expires_at: 1, origin: Origin::New, state: CodeState::Active }
}

impl Table {
    /// Carries a transaction out, recognises it as carried out before, or refuses it.
    fn receive(&mut self, (token, change): &(Token, Change), memory: Memory, rules: &Rules) -> Outcome {
        if memory == Memory::Kept && self.was_carried_out(*token) {
            return if self.is_in_flight(*token) { Outcome::Busy } else { Outcome::Committed };
        }
        self.transact(*token, change, rules)
    }

    /// What the table may remember of a token. For one that it has not seen there is no difference. That of a transaction
    /// in flight is known.
    fn memories(&self, token: Token, rules: &Rules) -> &'static [Memory] {
        let is_known = self.is_in_flight(token) && !rules.without.contains(&Guard::TokenInFlight);
        if self.was_carried_out(token) && !is_known { &[Memory::Kept, Memory::Lost] } else { &[Memory::Kept] }
    }
}

impl Model for System {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let state = |codes: &[Code], end: Option<CodeState>, clock| {
            let mut table = Table::default();
            for code in codes {
                for key in [code.record(), code.claim(), code.slot()] {
                    table.put(key, code.clone());
                }
                table.remember(code, &self.rules);
                if let Some(end) = end {
                    table.end(code.record(), end);
                    table.end(code.slot(), end);
                    table.remember(&Code { state: end, ..code.clone() }, &self.rules);
                }
            }
            let caller = |index| Caller {
                phase: Phase::Waiting,
                calls: 0,
                clock,
                has_failed: index >= self.rules.faulty,
                late: None,
                belated: None,
                // The first changes are so old that every process knows them to be complete.
                complete: table.history.iter().flatten().map(|(change, _)| *change).collect(),
                shown_before: Shown::default(),
                stale: false,
            };
            let callers = (0..self.operations.len()).map(caller).collect();
            let (before, brought_back) = (BTreeSet::new(), false);
            let mut state = State { table, callers, shown: Shown::default(), before, brought_back };
            state.normalise(self);
            state
        };
        let codes = [first_code(0), first_code(1)];
        let invalidated = Some(CodeState::Invalidated { at: 0 });
        // Two creates, their expiry and two more creates would use up the ids that three digits allow.
        let all_create = self.operations.iter().all(|operation| matches!(operation, Operation::GetOrCreate { .. }));
        let clock = if all_create { END_OF_TIME } else { 0 };
        // No code, an active one, an expired one that has not been replaced, an invalidated one.
        vec![state(&[], None, 0), state(&codes, None, 0), state(&codes, None, 1), state(&codes, invalidated, clock)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend(state.table.hidden_keys().map(Action::Reveal));
        for (index, caller) in state.callers.iter().enumerate() {
            if let Some((token, _)) = &caller.late {
                let memories = state.table.memories(*token, &self.rules);
                actions.extend(memories.iter().map(|memory| Action::Arrive(index, *memory)));
            }
            match &caller.phase {
                Phase::Waiting if caller.calls < self.calls(index) => {
                    if caller.clock < END_OF_TIME && self.rules.draws == Draws::Many {
                        actions.push(Action::TimePasses(index));
                    }
                    let draws = self.draws(index, caller.calls);
                    actions.extend(draws.iter().map(|digits| Action::Begin(index, *digits)));
                }
                Phase::Waiting | Phase::Answered(..) => {}
                Phase::Running(local, step) => {
                    if index < self.rules.faulty {
                        actions.push(Action::Crash(index));
                    }
                    match step {
                        // The second phase of a command, too early.
                        Step::Send(Change::ForgetForGood { .. }) | Step::Read(_)
                            if self.must_wait(state, local.looks_again, step) => {}
                        Step::Read(_) => actions.push(Action::Read(index)),
                        Step::Look(..) | Step::Confirm(..) => actions.push(Action::Confirm(index)),
                        Step::Await(_) => actions.push(Action::Answer(index)),
                        Step::Send(_) => {
                            let memories = state.table.memories(local.token(), &self.rules);
                            actions.extend(memories.iter().map(|memory| Action::Send(index, *memory)));
                            if !caller.has_failed {
                                actions.push(Action::Delay(index));
                            }
                        }
                    }
                }
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        let State { table, callers, shown, brought_back, .. } = &mut state;
        match action {
            Action::TimePasses(index) => callers[index].clock += 1,
            Action::Begin(index, digits) => {
                let caller = &mut callers[index];
                let leaves = |operation: &Operation| matches!(operation, Operation::Leave { .. });
                table.second_phase |= leaves(&self.operations[index]);
                let is_open = !(table.second_phase && self.operations.iter().any(leaves));
                caller.phase = self.operations[index].begin((index, caller.calls), caller.clock, digits, is_open);
                caller.calls += 1;
                caller.shown_before = *shown;
            }
            Action::Crash(index) => callers[index].phase = Phase::Waiting,
            Action::Reveal(key) => table.reveal(key),
            Action::Arrive(index, memory) => {
                let late = callers[index].late.take()?;
                let codes = table.given.len();
                // No caller waits for this response.
                let _ = table.receive(&late, memory, &self.rules);
                let is_forgotten = |code: &Code| code.state == CodeState::Forgotten;
                let knew = matches!(&late.1, Change::Create { before: Some(place), .. } if is_forgotten(place));
                let forgets = self.operations.iter().any(|operation| matches!(operation, Operation::Forget { .. }));
                *brought_back |= forgets && table.given.len() > codes && last.before.contains(&late.0.0) && !knew;
                if *table != last.table && matches!(callers[index].phase, Phase::Answered(..)) {
                    let (call, _round) = late.0;
                    callers[index].belated = Some(call);
                }
            }
            Action::Delay(index) => {
                let caller = &mut callers[index];
                let Phase::Running(local, Step::Send(change)) = &caller.phase else { return None };
                caller.late = Some((local.token(), change.clone()));
                caller.has_failed = true;
            }
            Action::Read(index) | Action::Confirm(index) | Action::Send(index, _) | Action::Answer(index) => {
                self.respond(index, action, &mut state)?;
            }
        }
        if state.table.second_phase && !last.table.second_phase {
            let begun = |(index, caller): (usize, &Caller)| (0..caller.calls).map(move |nth| (index, nth));
            state.before = state.callers.iter().enumerate().flat_map(begun).collect();
        }
        state.normalise(self);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        property::all()
    }
}

impl System {
    /// A caller's request, with the response to it. None if the response is still to come.
    fn respond(&self, index: usize, action: Action, state: &mut State) -> Option<()> {
        let State { table, callers, shown, .. } = state;
        let caller = &mut callers[index];
        let operation = self.operations[index];
        let process = Process { complete: &caller.complete, rules: &self.rules };
        let Phase::Running(local, step) = &caller.phase else { return None };
        let (call, local) = (local.token(), local.clone());
        let mut learned = None;
        let phase = match (action, step.clone()) {
            (Action::Read(_), Step::Read(item)) => operation.after_read(local, &item, table, &process),
            (Action::Confirm(_), Step::Look(item, found, left)) => {
                let change = found.last_change();
                let (phase, is_complete) = operation.after_look(local, item, found, left, table, &self.rules)?;
                learned = is_complete.then_some(change);
                phase
            }
            (Action::Confirm(_), Step::Confirm(item, change, keys)) => {
                learned = Some(change);
                let complete = caller.complete.iter().copied().chain(learned).collect();
                let process = Process { complete: &complete, ..process };
                operation.after_snapshot(local, &item, &keys, table, &process)?
            }
            (Action::Send(_, memory), Step::Send(change)) => {
                match table.receive(&(call, change.clone()), memory, &self.rules) {
                    Outcome::Committed if table.is_in_flight(call) => Phase::Running(local, Step::Await(change)),
                    Outcome::Committed => operation.after_success(&local, change),
                    Outcome::Cancelled(cancelled) => {
                        operation.after_cancellation(local, change, &cancelled, &process)?
                    }
                    Outcome::Busy => return None,
                }
            }
            (Action::Answer(_), Step::Await(change)) if !table.is_in_flight(call) => {
                learned = Some(change.held().last_change());
                operation.after_success(&local, change)
            }
            _ => return None,
        };
        if let Phase::Answered(_, answer) = &phase
            && self.rules.torn
            && let Some(span) = answer.span(operation, table)
        {
            caller.stale = !span.is_not_before(&caller.shown_before);
            span.show(shown);
        }
        caller.complete.extend(learned);
        caller.phase = phase;
        Some(())
    }

    /// Whether a command may not begin this step of its second phase yet.
    fn must_wait(&self, state: &State, looks_again: bool, step: &Step) -> bool {
        let is_second = looks_again || !matches!(step, Step::Read(Item::Slot(_)));
        is_second && !state.before.is_empty() && !self.rules.without.contains(&Guard::SecondPhase)
    }

    /// How often a call is begun. With three callers, or if it cannot crash, once.
    fn calls(&self, index: usize) -> u8 {
        if index >= self.rules.faulty || self.are_three() { 1 } else { CALLS }
    }

    fn are_three(&self) -> bool {
        self.operations.len() == 3
    }

    fn draws(&self, index: usize, calls: u8) -> &'static [u8] {
        match (self.operations[index], self.rules.draws) {
            (_, Draws::Few) => FEW_DRAWS[index],
            _ if self.are_three() => FEW_DRAWS[index],
            (Operation::Invalidate { .. } | Operation::Forget { .. } | Operation::Leave { .. }, _) => DRAWS_OF_THE_REST,
            (_, Draws::Shared) => SHARED_DRAWS[index],
            _ if calls > 0 => DRAWS_OF_THE_REST,
            _ => DRAWS[index],
        }
    }
}

impl State {
    /// Adds what observers may show, and makes states equal that cannot differ in effect any more, so that fewer are
    /// explored.
    fn normalise(&mut self, system: &System) {
        let Self { table, callers, shown, before, .. } = self;
        before.retain(|(index, nth)| {
            let Caller { phase, late, .. } = &callers[*index];
            let is_running = matches!(phase, Phase::Running(local, _) if local.call == (*index, *nth));
            let is_late = late.as_ref().is_some_and(|((call, _), _)| *call == (*index, *nth));
            !system.operations[*index].is_command() && (is_running || is_late)
        });
        if system.rules.torn {
            table.observe(&system.rules, shown);
        }
        for (index, caller) in callers.iter_mut().enumerate() {
            let calls = system.calls(index);
            match caller.phase {
                Phase::Answered(..) => (caller.calls, caller.has_failed) = (calls, true),
                Phase::Waiting if caller.calls == calls => caller.has_failed = true,
                Phase::Waiting | Phase::Running(..) => {}
            }
            if caller.calls == calls {
                caller.clock = END_OF_TIME;
                if !matches!(caller.phase, Phase::Running(..)) {
                    caller.complete.clear();
                }
            }
            if !matches!(caller.phase, Phase::Running(..)) {
                caller.shown_before = Shown::default();
            }
        }
        table.forget_tokens(|token| {
            callers.iter().any(|caller| {
                let running = match &caller.phase {
                    Phase::Running(local, Step::Send(_) | Step::Await(_)) => Some(local.token()),
                    _ => None,
                };
                running == Some(token) || caller.late.as_ref().is_some_and(|(late, _)| *late == token)
            })
        });
    }
}
