//! The callers, the table between them, and all that may happen: the model that stateright explores.

use stateright::{Model, Property};

use super::caller::{Operation, Phase, Step};
use super::code::{Call, Code, CodeCandidate, Digits, Mentor, State as CodeState, Time, Ulid};
use super::guard::Guard;
use super::property;
use super::table::{Change, Refusal, Table, Token};

/// How often a call is begun: a client that hears nothing repeats it once.
const CALLS: u8 = 2;
/// How many requests of one caller the network loses the answer to, or delays.
const FAULTS: u8 = 1;
/// When a clock stops.
const END_OF_TIME: Time = 1;
/// The digits that the first caller's call may draw, and the second's: the same as others do, alike at the start only,
/// or unlike. What the second leaves out is the same again with the two exchanged, or much like it.
const DRAWS: [&[u8]; 2] = [&[0b000, 0b010, 0b100], &[0b000, 0b100]];
/// The digits that a repetition draws, and a call that makes no code, to which they are nothing.
const DRAWS_OF_THE_REST: &[u8] = &[0b000];
/// The digits that each of three draws: unlike where it makes a code, for they are to meet in the slot alone.
const DRAWS_OF_THREE: [&[u8]; 3] = [&[0b000], &[0b100], DRAWS_OF_THE_REST];

/// What is explored.
#[derive(Clone, Debug)]
pub struct System {
    /// One for each caller.
    pub operations: Vec<Operation>,
    /// The guards taken away.
    pub without: Vec<Guard>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State {
    pub table: Table,
    pub callers: Vec<Caller>,
}

/// One caller, its clock and its part of the network.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Caller {
    pub phase: Phase,
    calls: u8,
    pub clock: Time,
    faults: u8,
    /// A request that is still on its way though its sender no longer waits for it.
    late: Option<(Token, Change)>,
    /// Whose request it was, where it changed the table after this caller was answered.
    pub belated: Option<Call>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// The clock of this caller's process moves on. A call reads it once, when it begins, so only then it matters.
    TimePasses(usize),
    /// The call begins, and draws a ULID of these digits.
    Begin(usize, u8),
    Read(usize),
    /// A transaction reaches the table, and its answer the caller.
    Send(usize, Memory),
    /// A transaction reaches the table; its answer is lost, and the SDK will send it again.
    LoseAnswer(usize, Memory),
    /// A transaction is delayed so long that the SDK will send it again.
    Delay(usize),
    /// The delayed transaction reaches the table after all.
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

/// A mentor's name at the start: ids that differ, code strings that begin alike.
fn first_naming(mentor: Mentor) -> CodeCandidate {
    let candidate = |digits| CodeCandidate::new(Ulid { call: None, nth: 0, digits });
    if mentor == 0 { candidate(0b000) } else { candidate(0b010).after_collision(false, true) }
}

/// The id of a mentor's code at the start; where there is none, an id that a caller may draw.
pub fn first_id(mentor: Mentor) -> Digits {
    first_naming(mentor).id()
}

fn first_code(mentor: Mentor) -> Code {
    let candidate = first_naming(mentor);
    Code { candidate, mentor, label: 0, expires_at: 1, predecessor: None, state: CodeState::Active }
}

impl Table {
    /// Whether a transaction is carried out, heeded as done already, or refused.
    fn receive(&mut self, (token, change): &(Token, Change), memory: Memory, without: &[Guard]) -> Result<(), Refusal> {
        if memory == Memory::Kept && self.was_carried_out(*token) {
            return Ok(());
        }
        self.transact(*token, change, without)
    }

    /// The two are the same for a token that the table has not seen.
    fn memories(&self, token: Token) -> &'static [Memory] {
        if self.was_carried_out(token) { &[Memory::Kept, Memory::Lost] } else { &[Memory::Kept] }
    }
}

impl Model for System {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let state = |codes: &[Code], end, clock| {
            let mut table = Table::default();
            for code in codes {
                for key in [code.record(), code.claim(), code.slot()] {
                    table.put(key, code.clone());
                }
                if let Some(end) = end {
                    table.end(code.record(), end);
                    table.end(code.slot(), end);
                }
            }
            let caller = Caller { phase: Phase::Waiting, calls: 0, clock, faults: 0, late: None, belated: None };
            State { table, callers: vec![caller; self.operations.len()] }
        };
        let codes = [first_code(0), first_code(1)];
        let invalidated = Some(CodeState::Invalidated { at: 0 });
        // Two creations, their expiry and two more would use up the names that three digits are good for.
        let all_create = self.operations.iter().all(|operation| matches!(operation, Operation::GetOrCreate { .. }));
        let clock = if all_create { END_OF_TIME } else { 0 };
        // No code, an active one, an expired one that nobody has replaced, an invalidated one.
        vec![state(&[], None, 0), state(&codes, None, 0), state(&codes, None, 1), state(&codes, invalidated, clock)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (who, caller) in state.callers.iter().enumerate() {
            if let Some((token, _)) = &caller.late {
                actions.extend(state.table.memories(*token).iter().map(|memory| Action::Arrive(who, *memory)));
            }
            match &caller.phase {
                Phase::Waiting if caller.calls < self.calls() => {
                    if caller.clock < END_OF_TIME {
                        actions.push(Action::TimePasses(who));
                    }
                    let draws = self.draws(who, caller.calls);
                    actions.extend(draws.iter().map(|digits| Action::Begin(who, *digits)));
                }
                Phase::Waiting | Phase::Answered(..) => {}
                Phase::Running(_, Step::ReadSlot(_) | Step::ReadRecord(_)) => {
                    actions.extend([Action::Read(who), Action::Crash(who)]);
                }
                Phase::Running(local, Step::Send(_)) => {
                    actions.push(Action::Crash(who));
                    for memory in state.table.memories(local.token()) {
                        actions.push(Action::Send(who, *memory));
                        if caller.faults < FAULTS {
                            actions.push(Action::LoseAnswer(who, *memory));
                        }
                    }
                    if caller.faults < FAULTS {
                        actions.push(Action::Delay(who));
                    }
                }
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        let State { table, callers } = &mut state;
        match action {
            Action::TimePasses(who) => callers[who].clock += 1,
            Action::Begin(who, digits) => {
                let caller = &mut callers[who];
                caller.phase = self.operations[who].begin((who, caller.calls), caller.clock, digits);
                caller.calls += 1;
            }
            Action::Crash(who) => callers[who].phase = Phase::Waiting,
            Action::Arrive(who, memory) => {
                let late = callers[who].late.take()?;
                // Nobody waits for this answer.
                let _ = table.receive(&late, memory, &self.without);
                if *table != last.table && matches!(callers[who].phase, Phase::Answered(..)) {
                    let (call, _round) = late.0;
                    callers[who].belated = Some(call);
                }
            }
            Action::Read(who) => {
                let Phase::Running(local, step) = &last.callers[who].phase else { return None };
                callers[who].phase = self.operations[who].after_read(local.clone(), step, table);
            }
            Action::Send(who, _) | Action::LoseAnswer(who, _) | Action::Delay(who) => {
                let Phase::Running(local, Step::Send(change)) = &last.callers[who].phase else { return None };
                let sent = (local.token(), change.clone());
                match action {
                    Action::Send(_, memory) => {
                        let outcome = table.receive(&sent, memory, &self.without);
                        let phase =
                            self.operations[who].after_send(local.clone(), change.clone(), outcome, &self.without);
                        callers[who].phase = phase;
                    }
                    Action::LoseAnswer(_, memory) => {
                        let _ = table.receive(&sent, memory, &self.without);
                        callers[who].faults += 1;
                    }
                    _ => {
                        callers[who].late = Some(sent);
                        callers[who].faults += 1;
                    }
                }
            }
        }
        state.forget_what_no_longer_matters(self.calls());
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        property::all()
    }
}

impl System {
    /// How often a call is begun; among three callers, once.
    fn calls(&self) -> u8 {
        if self.are_three() { 1 } else { CALLS }
    }

    fn are_three(&self) -> bool {
        self.operations.len() == 3
    }

    fn draws(&self, who: usize, calls: u8) -> &'static [u8] {
        match self.operations[who] {
            _ if self.are_three() => DRAWS_OF_THREE[who],
            Operation::Invalidate { .. } => DRAWS_OF_THE_REST,
            _ if calls > 0 => DRAWS_OF_THE_REST,
            _ => DRAWS[who],
        }
    }
}

impl State {
    /// Makes states alike that nothing can tell apart any more, so that fewer are explored.
    fn forget_what_no_longer_matters(&mut self, calls: u8) {
        let Self { table, callers } = self;
        for caller in callers.iter_mut() {
            match caller.phase {
                Phase::Answered(..) => (caller.calls, caller.faults) = (calls, FAULTS),
                Phase::Waiting if caller.calls == calls => caller.faults = FAULTS,
                Phase::Waiting | Phase::Running(..) => {}
            }
            if caller.calls == calls {
                caller.clock = END_OF_TIME;
            }
        }
        table.forget_tokens(|token| {
            callers.iter().any(|caller| {
                let running = match &caller.phase {
                    Phase::Running(local, Step::Send(_)) => Some(local.token()),
                    _ => None,
                };
                running == Some(token) || caller.late.as_ref().is_some_and(|(late, _)| *late == token)
            })
        });
    }
}
