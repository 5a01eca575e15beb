//! Callers that choose their requests by seed: they create, rotate, invalidate and read the codes that answers have shown.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dev::{Call, Reply, TestClock, TestService};
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;

use super::history::{Answer, History, Request};
use super::model::millis;

/// What is known of a mentor's items.
#[derive(Clone, Copy, Default)]
pub enum Items {
    /// They agree.
    #[default]
    Sound,
    /// They may contradict each other, as in a restored table. So answers that rest on reads alone are not judged. A change that
    /// was acknowledged must hold all the same.
    Contradicting,
    /// They agree. A list also shows a code that the repair has ended, of which no call knows, so lists are not judged.
    Repaired,
}

/// Sends a call. None if what should answer it has ended.
type Door = Arc<dyn Fn(Call) -> BoxFuture<'static, Option<Reply>> + Send + Sync>;

fn door(service: &TestService) -> Door {
    let service = service.clone();
    Arc::new(move |call| {
        let service = service.clone();
        Box::pin(async move { Some(service.send(call).await) })
    })
}

/// What the callers of one mentor share.
#[derive(Clone)]
pub struct Callers {
    door: Door,
    pub(super) clock: TestClock,
    mentor: String,
    /// Whether the clock is paused, so that a long pause takes no time.
    is_in_process: bool,
    /// Whether they follow short links, too.
    follows_links: bool,
    items: Arc<Mutex<Items>>,
    pub history: Arc<History>,
}

impl Callers {
    pub fn new(service: &TestService, mentor: &str) -> Self {
        Self { is_in_process: service.is_in_process(), ..Self::at(door(service), &service.clock, mentor) }
    }

    /// Callers of what is behind this door, whose answers show the times of this clock.
    pub fn at(door: Door, clock: &TestClock, mentor: &str) -> Self {
        Self {
            door,
            clock: clock.clone(),
            mentor: mentor.into(),
            is_in_process: false,
            follows_links: false,
            items: Arc::default(),
            history: Arc::default(),
        }
    }

    /// The same callers, who also follow the short links of the codes that they know.
    pub fn follow_links(self) -> Self {
        Self { follows_links: true, ..self }
    }

    /// Callers of another process with this clock, who write to the same history.
    pub fn through(&self, service: &TestService, clock: &TestClock) -> Self {
        Self { door: door(service), clock: clock.clone(), ..self.clone() }
    }

    pub fn mentor(&self) -> &str {
        &self.mentor
    }

    /// The ids that answers have shown, in that order.
    pub fn known(&self) -> Vec<String> {
        let mut known = Vec::new();
        for id in self.history.answers().iter().flat_map(Answer::ids) {
            if !known.contains(&id) {
                known.push(id);
            }
        }
        known
    }

    /// The code strings that answers have shown.
    fn strings(&self) -> Vec<String> {
        let answers = self.history.answers();
        answers.iter().flat_map(Answer::strings).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What calls of this mentor meet from now on.
    pub fn meet(&self, items: Items) {
        *self.items.lock().unwrap() = items;
    }

    /// The answer of a call that was sent while the mentor had such items. None if it cannot be judged; otherwise, as
    /// [`Request::read`].
    #[allow(clippy::option_option, reason = "an answer that is not judged is not one that is unknown")]
    fn judged(items: Items, request: &Request, reply: &Reply, now: u64) -> Option<Option<Answer>> {
        match (items, request) {
            (Items::Repaired, Request::List(_) | Request::ListByCode(_)) => None,
            (Items::Sound | Items::Repaired, _) => Some(request.read(reply)),
            // What a failed call has done is unknown.
            (_, Request::Post { .. } | Request::Put(_) | Request::Delete(_)) if reply.status == 500 => Some(None),
            (_, Request::Post { .. } | Request::Put(_) | Request::Delete(_)) => {
                let answer = request.read(reply);
                // Otherwise it repeats what an earlier call has done, by a read.
                let has_changed = match (request, &answer) {
                    (_, None | Some(Answer::Created(_))) => true,
                    (Request::Put(_), Some(Answer::Code(code))) => millis(&code.created_at) >= now,
                    (_, Some(Answer::Invalidated(at))) => millis(at) >= now,
                    _ => false,
                };
                has_changed.then_some(answer)
            }
            _ => None,
        }
    }

    /// Sends a request and records it. Returns whether it was answered.
    pub async fn send(&self, request: Request) -> bool {
        let now = self.clock.unix_millis();
        let called = self.history.tick();
        let items = *self.items.lock().unwrap();
        let reply = (self.door)(request.call(&self.mentor)).await;
        let judged = reply.map(|reply| Self::judged(items, &request, &reply, now / 1000 * 1000));
        let Some(answer) = judged.unwrap_or(Some(None)) else { return true };
        let is_answered = answer.is_some();
        self.history.record(request, now, called, answer);
        is_answered
    }

    /// Reads every code that an answer has shown, and the lists.
    pub async fn read_all(&self) {
        self.read_codes().await;
        for code in self.strings() {
            self.send(Request::ListByCode(code.clone())).await;
            if self.follows_links {
                self.send(Request::Follow(code)).await;
            }
        }
        for status in [None, Some("active".to_owned())] {
            self.send(Request::List(status)).await;
        }
    }

    /// Reads every code that an answer has shown.
    pub async fn read_codes(&self) {
        for id in self.known() {
            self.send(Request::Get(id.clone())).await;
            self.send(Request::GetUrl(id)).await;
        }
    }

    /// A change of the newest known code, or a new one.
    pub fn next_change(&self, rng: &mut fastrand::Rng) -> Request {
        match self.known().pop() {
            Some(id) if rng.bool() => Request::Put(id),
            Some(id) if rng.bool() => Request::Delete(id),
            _ => self.post(rng),
        }
    }

    /// Sends this many requests, one after the other.
    async fn run(self, seed: u64, requests: usize) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut again = None;
        for _ in 0..requests {
            // Sometimes longer than a request can be delivered late.
            let pause = match rng.u8(0..64) {
                0 if self.is_in_process => 15 * 60_000,
                1..8 if self.is_in_process => 3_000,
                _ => 20,
            };
            tokio::time::sleep(Duration::from_millis(rng.u64(0..=pause))).await;
            let request = again.take().unwrap_or_else(|| self.next_request(&mut rng));
            // After a 503 most callers repeat the request.
            if !self.send(request.clone()).await && rng.u8(0..4) > 0 {
                again = Some(request);
            }
        }
    }

    fn next_request(&self, rng: &mut fastrand::Rng) -> Request {
        if self.follows_links
            && rng.u8(0..3) == 0
            && let Some(code) = rng.choice(self.strings())
        {
            return Request::Follow(code);
        }
        let known = self.known();
        let recent = known.iter().rev().take(if rng.u8(0..3) > 0 { 1 } else { 4 }).cloned().collect::<Vec<_>>();
        let Some(id) = rng.choice(recent) else { return self.post(rng) };
        match rng.u8(0..100) {
            0..28 => self.post(rng),
            28..52 => Request::Put(id),
            52..54 => Request::PutByOtherMentor(id),
            54..74 => Request::Delete(id),
            74..84 => Request::Get(id),
            84..90 => Request::GetUrl(id),
            90..97 => Request::List(rng.bool().then(|| "active".to_owned())),
            _ => rng.choice(self.strings()).map_or(Request::Get(id), Request::ListByCode),
        }
    }

    fn post(&self, rng: &mut fastrand::Rng) -> Request {
        let org = if rng.u8(0..8) == 0 { "other" } else { "org" };
        let expires_at = (rng.u8(0..3) == 0).then(|| {
            // So soon that a repeated request finds it past, or past already.
            let is_soon = self.clock.is_moving() && rng.bool();
            self.clock.ahead(if is_soon { rng.i64(-2_000..=8_000) } else { 600_000 }).text()
        });
        Request::Post { org: org.into(), expires_at }
    }
}

/// Runs callers of every mentor concurrently, and waits for them.
pub async fn run(mentors: &[Callers], callers: usize, requests: usize, rng: &mut fastrand::Rng) {
    let mut tasks = JoinSet::new();
    for mentor in mentors {
        for _ in 0..callers {
            tasks.spawn(mentor.clone().run(rng.u64(..), requests));
        }
    }
    tasks.join_all().await;
}
