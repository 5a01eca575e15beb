//! The callers, their table, and everything that may happen: the model that stateright explores.

use stateright::{Model, Property};

use super::caller::{Operation, Phase, Step};
use super::code::{Call, Code, CodeCandidate, Digits, Mentor, State as CodeState, Time, Ulid};
use super::guard::Guard;
use super::property;
use super::table::{Change, Refusal, Table, Token};

/// How often a call is begun: a client without an answer repeats it once.
const CALLS: u8 = 2;
/// How many requests of one caller the network delays, or loses the response of.
const FAULTS: u8 = 1;
/// The time at which every clock stops.
const END_OF_TIME: Time = 1;
/// The digits that the first call of each of two callers may draw: equal, equal only at the start, or different. The second
/// caller's missing draw would repeat cases with the callers exchanged, or nearly so.
const DRAWS: [&[u8]; 2] = [&[0b000, 0b010, 0b100], &[0b000, 0b100]];
/// The digits of a repetition, and of a call that creates no code and so does not use them.
const DRAWS_OF_THE_REST: &[u8] = &[0b000];
/// The digits that each of three callers draws. Those that create draw different ones, so that they share only the slot.
const DRAWS_OF_THREE: [&[u8]; 3] = [&[0b000], &[0b100], DRAWS_OF_THE_REST];

/// What is explored.
#[derive(Clone, Debug)]
pub struct System {
    /// One for each caller.
    pub operations: Vec<Operation>,
    /// The guards that are removed.
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
    /// A request that has not arrived yet although its sender no longer waits for it.
    late: Option<(Token, Change)>,
    /// The call whose delayed request changed the table after this caller was answered.
    pub belated: Option<Call>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// The clock of this caller's process moves on. A call reads it only once, when it begins.
    TimePasses(usize),
    /// The call begins, and draws a ULID of these digits.
    Begin(usize, u8),
    Read(usize),
    /// A transaction reaches the table, and its response reaches the caller.
    Send(usize, Memory),
    /// A transaction reaches the table. Its response is lost, and the SDK will send it again.
    LoseResponse(usize, Memory),
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

/// The candidate of a mentor's code at the start: the ids differ, the code strings begin alike.
fn first_candidate(mentor: Mentor) -> CodeCandidate {
    let candidate = |digits| CodeCandidate::new(Ulid { call: None, nth: 0, digits });
    if mentor == 0 { candidate(0b000) } else { candidate(0b010).after_collision(false, true) }
}

/// The id of a mentor's code at the start. If there is no code, an id that a caller may draw.
pub fn first_id(mentor: Mentor) -> Digits {
    first_candidate(mentor).id()
}

fn first_code(mentor: Mentor) -> Code {
    let candidate = first_candidate(mentor);
    Code { candidate, mentor, label: 0, expires_at: 1, predecessor: None, state: CodeState::Active }
}

impl Table {
    /// Carries a transaction out, recognises it as carried out before, or refuses it.
    fn receive(&mut self, (token, change): &(Token, Change), memory: Memory, without: &[Guard]) -> Result<(), Refusal> {
        if memory == Memory::Kept && self.was_carried_out(*token) {
            return Ok(());
        }
        self.transact(*token, change, without)
    }

    /// What the table may remember of a token. For one that it has not seen there is no difference.
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
        // Two creates, their expiry and two more creates would use up the ids that three digits allow.
        let all_create = self.operations.iter().all(|operation| matches!(operation, Operation::GetOrCreate { .. }));
        let clock = if all_create { END_OF_TIME } else { 0 };
        // No code, an active one, an expired one that has not been replaced, an invalidated one.
        vec![state(&[], None, 0), state(&codes, None, 0), state(&codes, None, 1), state(&codes, invalidated, clock)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, caller) in state.callers.iter().enumerate() {
            if let Some((token, _)) = &caller.late {
                actions.extend(state.table.memories(*token).iter().map(|memory| Action::Arrive(index, *memory)));
            }
            match &caller.phase {
                Phase::Waiting if caller.calls < self.calls() => {
                    if caller.clock < END_OF_TIME {
                        actions.push(Action::TimePasses(index));
                    }
                    let draws = self.draws(index, caller.calls);
                    actions.extend(draws.iter().map(|digits| Action::Begin(index, *digits)));
                }
                Phase::Waiting | Phase::Answered(..) => {}
                Phase::Running(_, Step::ReadSlot(_) | Step::ReadRecord(_)) => {
                    actions.extend([Action::Read(index), Action::Crash(index)]);
                }
                Phase::Running(local, Step::Send(_)) => {
                    actions.push(Action::Crash(index));
                    for memory in state.table.memories(local.token()) {
                        actions.push(Action::Send(index, *memory));
                        if caller.faults < FAULTS {
                            actions.push(Action::LoseResponse(index, *memory));
                        }
                    }
                    if caller.faults < FAULTS {
                        actions.push(Action::Delay(index));
                    }
                }
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        let State { table, callers } = &mut state;
        match action {
            Action::TimePasses(index) => callers[index].clock += 1,
            Action::Begin(index, digits) => {
                let caller = &mut callers[index];
                caller.phase = self.operations[index].begin((index, caller.calls), caller.clock, digits);
                caller.calls += 1;
            }
            Action::Crash(index) => callers[index].phase = Phase::Waiting,
            Action::Arrive(index, memory) => {
                let late = callers[index].late.take()?;
                // No caller waits for this response.
                let _ = table.receive(&late, memory, &self.without);
                if *table != last.table && matches!(callers[index].phase, Phase::Answered(..)) {
                    let (call, _round) = late.0;
                    callers[index].belated = Some(call);
                }
            }
            Action::Read(index) => {
                let Phase::Running(local, step) = &last.callers[index].phase else { return None };
                callers[index].phase = self.operations[index].after_read(local.clone(), step, table);
            }
            Action::Send(index, _) | Action::LoseResponse(index, _) | Action::Delay(index) => {
                let Phase::Running(local, Step::Send(change)) = &last.callers[index].phase else { return None };
                let sent = (local.token(), change.clone());
                match action {
                    Action::Send(_, memory) => {
                        let outcome = table.receive(&sent, memory, &self.without);
                        let phase =
                            self.operations[index].after_send(local.clone(), change.clone(), outcome, &self.without);
                        callers[index].phase = phase;
                    }
                    Action::LoseResponse(_, memory) => {
                        let _ = table.receive(&sent, memory, &self.without);
                        callers[index].faults += 1;
                    }
                    _ => {
                        callers[index].late = Some(sent);
                        callers[index].faults += 1;
                    }
                }
            }
        }
        state.normalise(self.calls());
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        property::all()
    }
}

impl System {
    /// How often a call is begun. With three callers, once.
    fn calls(&self) -> u8 {
        if self.are_three() { 1 } else { CALLS }
    }

    fn are_three(&self) -> bool {
        self.operations.len() == 3
    }

    fn draws(&self, index: usize, calls: u8) -> &'static [u8] {
        match self.operations[index] {
            _ if self.are_three() => DRAWS_OF_THREE[index],
            Operation::Invalidate { .. } => DRAWS_OF_THE_REST,
            _ if calls > 0 => DRAWS_OF_THE_REST,
            _ => DRAWS[index],
        }
    }
}

impl State {
    /// Makes states equal that cannot differ in effect any more, so that fewer are explored.
    fn normalise(&mut self, calls: u8) {
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
