//! Callers who do what comes to their minds, by seed: make, rotate, invalidate and read the codes they have heard of.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dev::{SharedTestService, TestClock, TestService};
use tokio::task::JoinSet;

use super::history::{History, Operation, Request};

/// One mentor's callers have this in common.
#[derive(Clone)]
pub struct Shared {
    world: SharedTestService,
    clock: TestClock,
    mentor: String,
    /// Whether time is free.
    is_patient: bool,
    pub history: Arc<History>,
    /// The ids that anybody was told, in the order of the telling.
    known: Arc<Mutex<Vec<String>>>,
}

impl Shared {
    pub fn new(world: &TestService, mentor: &str) -> Self {
        Self {
            world: world.share(),
            clock: world.clock.clone(),
            mentor: mentor.into(),
            is_patient: world.is_in_process(),
            history: Arc::default(),
            known: Arc::default(),
        }
    }

    /// The same history, written by callers of another process, whose clock is this.
    pub fn through(&self, world: &TestService, clock: &TestClock) -> Self {
        Self { world: world.share(), clock: clock.clone(), ..self.clone() }
    }

    pub fn known(&self) -> Vec<String> {
        self.known.lock().unwrap().clone()
    }

    /// Sends a request and notes what came of it: whether there was an answer.
    pub async fn send(&self, request: Request) -> bool {
        let now = self.clock.text();
        let called = self.history.tick();
        let reply = self.world.send(request.call(&self.mentor)).await;
        let answer = request.read(&reply);
        for id in answer.iter().flat_map(super::history::Answer::ids) {
            let mut known = self.known.lock().unwrap();
            if !known.contains(&id) {
                known.push(id);
            }
        }
        let is_answered = answer.is_some();
        let answered = answer.map(|answer| (self.history.tick(), answer));
        self.history.note(Operation { request, now, called, answered });
        is_answered
    }

    /// Reads every code that anybody was told of.
    pub async fn look_around(&self) {
        for id in self.known() {
            self.send(Request::Get { id: id.clone() }).await;
            self.send(Request::GetUrl { id }).await;
        }
    }

    /// Sends as many requests, one after the other.
    async fn wander(self, seed: u64, requests: usize) {
        let mut chance = fastrand::Rng::with_seed(seed);
        let mut again = None;
        for _ in 0..requests {
            // Now and then for as long as an attempt may be held up on its way.
            let pause = if self.is_patient && chance.u8(0..8) == 0 { 3_000 } else { 20 };
            tokio::time::sleep(Duration::from_millis(chance.u64(0..=pause))).await;
            let request = again.take().unwrap_or_else(|| self.think(&mut chance));
            // Most callers do as the 503 says, and repeat the request.
            if !self.send(request.clone()).await && chance.u8(0..4) > 0 {
                again = Some(request);
            }
        }
    }

    fn think(&self, chance: &mut fastrand::Rng) -> Request {
        let known = self.known();
        let recent = known.iter().rev().take(if chance.u8(0..3) > 0 { 1 } else { 4 }).cloned().collect::<Vec<_>>();
        let Some(id) = chance.choice(recent) else { return self.post(chance) };
        match chance.u8(0..100) {
            0..30 => self.post(chance),
            30..55 => Request::Put { id },
            55..57 => Request::PutOfAnother { id },
            57..78 => Request::Delete { id },
            78..90 => Request::Get { id },
            _ => Request::GetUrl { id },
        }
    }

    fn post(&self, chance: &mut fastrand::Rng) -> Request {
        let org = if chance.u8(0..8) == 0 { "other" } else { "org" };
        let soon = self.clock.text_in(Duration::from_secs(600));
        Request::Post { org: org.into(), expires_at: (chance.u8(0..3) == 0).then_some(soon) }
    }
}

/// Lets callers of every mentor loose at once, and waits for them.
pub async fn let_loose(mentors: &[Shared], callers: usize, requests: usize, chance: &mut fastrand::Rng) {
    let mut tasks = JoinSet::new();
    for mentor in mentors {
        for _ in 0..callers {
            tasks.spawn(mentor.clone().wander(chance.u64(..), requests));
        }
    }
    tasks.join_all().await;
}
