//! Several Lambda processes over one table, some of them killed with SIGKILL in the middle of a write. Some order of the calls
//! explains all answers: what was acknowledged stays, and a mentor has at most one active code at every moment. The other
//! processes answer.
//!
//! A seed decides the calls, the processes that get them, and the writes at which a process is killed. It does not decide
//! how the processes interleave.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use dev::{Call, Function, KillPoint, KillProxy, Reply, TestService, audit, for_each_seed};
use fastrand::Rng;
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use crate::lambda_binary::function;
use crate::linearizability::checker::check;
use crate::linearizability::history::{Answer, History, Operation, Request};
use crate::linearizability::model::millis;

const PROCESSES: usize = 6;
const KILLS: usize = 12;
const MENTORS: usize = 4;
/// Of each mentor, and the calls of each.
const CALLERS: usize = 3;
const CALLS: usize = 16;

/// Stands for the time of every call: no caller knows at which moment a process reads its clock.
const NOW: &str = "2026-01-10T09:00:00Z";

#[test]
fn acknowledged_changes_survive_killed_processes() {
    for_each_seed(1, |seed| {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut rng = Rng::with_seed(seed);
            let fleet = Arc::new(Fleet::start(&mut rng).await);
            let mentors: Vec<_> = (0..MENTORS).map(|nth| Arc::new(Mentor::new(nth))).collect();
            let mut callers = JoinSet::new();
            for mentor in mentors.iter().cycle().take(MENTORS * CALLERS) {
                callers.spawn(Arc::clone(mentor).call(Arc::clone(&fleet), rng.fork()));
            }
            callers.join_all().await;
            let kills = fleet.kills().await;
            assert_eq!(kills.len(), KillPoint::ALL.len(), "no process was killed at some kill point: {kills:?}");
            for mentor in mentors {
                mentor.read_all(&fleet).await;
                check(&mentor.history.operations()).map_err(|refuted| refuted.0)?;
            }
            audit(&fleet.service).await
        })
    });
}

/// A mentor, and what callers know of the mentor's codes.
struct Mentor {
    name: String,
    history: History,
    /// The ids that answers have shown.
    known: Mutex<Vec<String>>,
    /// Each time that an answer has shown.
    times: Mutex<HashMap<String, Value>>,
}

impl Mentor {
    fn new(nth: usize) -> Self {
        let name = format!("usr_{nth}");
        Self { name, history: History::default(), known: Mutex::default(), times: Mutex::default() }
    }

    /// Makes one call after the other. If a process is killed during a call, the caller usually sends it again. Sometimes the
    /// caller gives up, and the outcome stays unknown.
    async fn call(self: Arc<Self>, fleet: Arc<Fleet>, mut rng: Rng) {
        let mut again = None;
        for _ in 0..CALLS {
            let request = again.take().unwrap_or_else(|| self.next_request(&mut rng));
            let is_answered = self.send(&fleet, rng.usize(..PROCESSES), request.clone()).await;
            again = Some(request).filter(|_| !is_answered && rng.u8(0..4) > 0);
        }
    }

    fn next_request(&self, rng: &mut Rng) -> Request {
        let newest = self.known.lock().unwrap().last().cloned();
        match (rng.u8(0..10), newest) {
            (0..3, Some(id)) => Request::Put { id },
            (3..5, Some(id)) => Request::Delete { id },
            (5..7, Some(id)) => Request::Get { id },
            (7, Some(_)) => Request::List { status: None },
            _ => Request::Post { org: "o".into(), expires_at: None },
        }
    }

    /// Sends a request and records it. Returns whether it was answered.
    async fn send(&self, fleet: &Fleet, slot: usize, request: Request) -> bool {
        let called = self.history.tick();
        let reply = fleet.send(slot, &request.call(&self.name)).await;
        let answer = reply.and_then(|reply| request.read(&self.without_times(reply)));
        for id in answer.iter().flat_map(Answer::ids) {
            let mut known = self.known.lock().unwrap();
            if !known.contains(&id) {
                known.push(id);
            }
        }
        let is_answered = answer.is_some();
        let answered = answer.map(|answer| (self.history.tick(), answer));
        self.history.record(Operation { request, now: millis(NOW), called, answered });
        is_answered
    }

    /// The reply with [`NOW`] in the place of its times. Each time of a code must be the one that was shown before.
    fn without_times(&self, reply: Reply) -> Reply {
        let mut body = reply.json();
        let codes = match &mut body {
            Value::Object(page) if page.contains_key("data") => {
                page["data"].as_array_mut().unwrap().iter_mut().collect()
            }
            code => vec![code],
        };
        for code in codes {
            for field in ["created_at", "rotated_at", "invalidated_at"] {
                // A successor shows when it replaced a code, until it is replaced itself.
                let status = if field == "rotated_at" { &code["status"] } else { &Value::Null };
                let key = format!("{field} of {} {status}", code["id"]);
                if let Some(shown) = code.get_mut(field) {
                    let time = std::mem::replace(shown, NOW.into());
                    let mut times = self.times.lock().unwrap();
                    let first = times.entry(key).or_insert_with(|| time.clone());
                    assert_eq!(time, *first, "{reply:?}");
                }
            }
        }
        Reply { body: body.to_string(), ..reply }
    }

    /// Every process reads the list, and one of them each code.
    async fn read_all(&self, fleet: &Fleet) {
        let known = self.known.lock().unwrap().clone();
        let codes = known.into_iter().map(|id| Request::Get { id });
        let lists = (0..PROCESSES).map(|_| Request::List { status: None });
        for (nth, request) in lists.chain(codes).enumerate() {
            while !self.send(fleet, nth % PROCESSES, request.clone()).await {}
        }
    }
}

/// The processes, each in a slot. A client that finds one killed starts another in its place.
struct Fleet {
    service: TestService,
    slots: Vec<RwLock<Arc<Process>>>,
    killed: Mutex<Vec<Arc<Process>>>,
    /// Where the next processes are killed. When none is left, a process is not killed.
    kill_points: Mutex<VecDeque<(usize, KillPoint)>>,
}

struct Process {
    function: Arc<Function>,
    proxy: KillProxy,
}

impl Fleet {
    async fn start(rng: &mut Rng) -> Self {
        let kill_points = (0..KILLS).map(|nth| (rng.usize(..8), KillPoint::ALL[nth % 3]));
        let mut fleet = Self {
            service: TestService::new().await,
            slots: Vec::new(),
            killed: Mutex::default(),
            kill_points: Mutex::new(kill_points.collect()),
        };
        for slot in 0..PROCESSES {
            let process = fleet.start_next(slot).await;
            fleet.slots.push(RwLock::new(process));
        }
        fleet
    }

    /// Starts the next process of a slot. In every other slot it takes several events at once.
    async fn start_next(&self, slot: usize) -> Arc<Process> {
        let kill_at = self.kill_points.lock().unwrap().pop_front();
        let proxy = KillProxy::start(&self.service.endpoint, kill_at).await;
        let program = function(&self.service).variable("AWS_LAMBDA_MAX_CONCURRENCY", ["1", "4"][slot % 2]);
        let function = Arc::new(program.variable("AWS_ENDPOINT_URL_DYNAMODB", proxy.url()).start().await);
        proxy.kills(&function);
        Arc::new(Process { function, proxy })
    }

    /// Sends a call to the process of a slot. None if the process is killed during the call.
    async fn send(&self, slot: usize, call: &Call) -> Option<Reply> {
        let process = Arc::clone(&*self.slots[slot].read().await);
        let answer = process.function.invoke(&call.event()).await;
        if answer.is_none() {
            let is_killed = process.function.is_over() && process.proxy.killed().is_some();
            assert!(is_killed, "a process failed without being killed");
            let mut current = self.slots[slot].write().await;
            if Arc::ptr_eq(&*current, &process) {
                *current = self.start_next(slot).await;
                self.killed.lock().unwrap().push(process);
            }
        }
        answer.map(|answer| Reply::read(&answer))
    }

    /// How many processes were killed at each kill point. It waits until no write is under way, of any process.
    async fn kills(&self) -> BTreeMap<KillPoint, usize> {
        for slot in &self.slots {
            slot.read().await.proxy.idle().await;
        }
        let killed = std::mem::take(&mut *self.killed.lock().unwrap());
        let mut kills = BTreeMap::new();
        for process in killed {
            process.proxy.idle().await;
            *kills.entry(process.proxy.killed().unwrap()).or_default() += 1;
        }
        kills
    }
}
