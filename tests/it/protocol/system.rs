//! Two callers, the table between them, and all that may happen: the model that stateright explores.

use stateright::{Model, Property};

use super::caller::{Operation, Phase, Step};
use super::code::{Code, Digits, Mentor, Naming, State as CodeState, Time, Ulid};
use super::guard::Guard;
use super::property;
use super::table::{Change, Refusal, Table, Token};

/// How often a call is begun: a client that hears nothing repeats it once.
const CALLS: u8 = 2;
/// How many requests of one caller the network loses the answer to, or delays.
const FAULTS: u8 = 1;
/// When a clock stops.
const END_OF_TIME: Time = 1;
/// The digits that a call may draw, and its repetition: the same as others do, alike at the start only, or unlike.
const DRAWS: [&[u8]; CALLS as usize] = [&[0b000, 0b010, 0b100], &[0b000]];

/// What is explored.
#[derive(Clone, Debug)]
pub struct System {
    pub operations: [Operation; 2],
    /// The guards taken away.
    pub without: Vec<Guard>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State {
    pub table: Table,
    pub callers: [Caller; 2],
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
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// The clock of this caller's process moves on. A call reads the clock once, when it begins, so only then it matters.
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
fn first_naming(mentor: Mentor) -> Naming {
    let naming = |digits| Naming::shortest(Ulid { call: None, nth: 0, digits });
    if mentor == 0 { naming(0b000) } else { naming(0b010).next(false, true) }
}

/// The id of a mentor's code at the start; where there is none, an id that a caller may draw.
pub fn first_id(mentor: Mentor) -> Digits {
    first_naming(mentor).id()
}

fn first_code(mentor: Mentor) -> Code {
    let naming = first_naming(mentor);
    Code { naming, mentor, label: 0, expires_at: 1, predecessor: None, state: CodeState::Active }
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
        let state = |codes: &[Code], clock| {
            let mut table = Table::default();
            for code in codes {
                for key in [code.record(), code.claim(), code.slot()] {
                    table.put(key, code.clone());
                }
            }
            let caller = Caller { phase: Phase::Waiting, calls: 0, clock, faults: 0, late: None };
            State { table, callers: [caller.clone(), caller] }
        };
        let codes = [first_code(0), first_code(1)];
        // No code, an active one, an expired one that nobody has replaced.
        vec![state(&[], 0), state(&codes, 0), state(&codes, 1)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (who, caller) in state.callers.iter().enumerate() {
            if let Some((token, _)) = &caller.late {
                actions.extend(state.table.memories(*token).iter().map(|memory| Action::Arrive(who, *memory)));
            }
            match &caller.phase {
                Phase::Waiting if caller.calls < CALLS => {
                    if caller.clock < END_OF_TIME {
                        actions.push(Action::TimePasses(who));
                    }
                    let draws = match self.operations[who] {
                        // It makes no code, so what it draws does not matter.
                        Operation::Invalidate { .. } => &DRAWS[0][..1],
                        _ => DRAWS[usize::from(caller.calls)],
                    };
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
        state.forget_what_no_longer_matters();
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        property::all()
    }
}

impl State {
    /// Makes states alike that nothing can tell apart any more, so that fewer are explored.
    fn forget_what_no_longer_matters(&mut self) {
        let Self { table, callers } = self;
        for caller in callers.iter_mut().filter(|caller| matches!(caller.phase, Phase::Answered(..))) {
            (caller.calls, caller.clock, caller.faults) = (CALLS, END_OF_TIME, FAULTS);
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
