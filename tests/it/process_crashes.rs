//! Several Lambda processes over one table, some of them killed with SIGKILL in the middle of a write. Some order of the calls
//! explains all answers: what was acknowledged stays, and a mentor has at most one active code at every moment. The other
//! processes answer.
//!
//! A seed decides the calls, and the writes at which a process is killed. It does not decide how the processes interleave.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use dev::{Call, Function, KillPoint, KillProxy, Reply, TestClock, TestService, for_each_seed};
use fastrand::Rng;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::sync::RwLock;

use crate::lambda_binary::function;
use crate::linearizability::clients::{self, Callers};
use crate::linearizability::histories::judge;

const PROCESSES: usize = 6;
const KILLS: usize = 12;
const MENTORS: usize = 4;
/// Of each mentor, and the calls of each.
const CALLERS: usize = 3;
const CALLS: usize = 14;

#[test]
fn acknowledged_changes_survive_killed_processes() {
    for_each_seed(1, |seed| {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut rng = Rng::with_seed(seed);
            let fleet = Arc::new(Fleet::start(&mut rng).await);
            let mentors: Vec<_> = (0..MENTORS).map(|nth| fleet.callers(&format!("usr_{nth}"))).collect();
            clients::run(&mentors, CALLERS, CALLS, &mut rng).await;
            let kills = fleet.kills().await;
            assert_eq!(kills.len(), KillPoint::ALL.len(), "no process was killed at some kill point: {kills:?}");
            judge(&fleet.service, &mentors).await
        })
    });
}

/// The times of one mentor's codes as answers have shown them first.
#[derive(Default)]
struct Times(Mutex<HashMap<String, Value>>);

impl Times {
    /// The reply with the time of this clock in the place of its own: no caller knows at which moment a process reads its clock.
    /// Each time of a code must be the one that was shown before.
    fn replaced(&self, reply: Reply, clock: &TestClock) -> Reply {
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
                    let time = std::mem::replace(shown, clock.text().into());
                    let mut times = self.0.lock().unwrap();
                    let first = times.entry(key).or_insert_with(|| time.clone());
                    assert_eq!(time, *first, "{reply:?}");
                }
            }
        }
        Reply { body: body.to_string(), ..reply }
    }
}

/// The processes, each in a slot. A client that finds one killed starts another in its place.
struct Fleet {
    service: TestService,
    sent: AtomicUsize,
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
        let service = TestService::on_a_socket().await;
        // Codes expire ten minutes after this, by the clocks of the processes too.
        let now = UNIX_EPOCH.elapsed().unwrap().as_secs();
        service.clock.set_to(UNIX_EPOCH + Duration::from_secs(now));
        let mut fleet = Self {
            service,
            sent: AtomicUsize::new(0),
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

    /// Callers whose calls go round the processes.
    fn callers(self: &Arc<Self>, mentor: &str) -> Callers {
        let (fleet, times, clock) = (Arc::clone(self), Arc::<Times>::default(), self.service.clock.clone());
        let door = move |call| -> BoxFuture<'static, _> {
            let (fleet, times, clock) = (Arc::clone(&fleet), Arc::clone(&times), clock.clone());
            Box::pin(async move { fleet.send(&call).await.map(|reply| times.replaced(reply, &clock)) })
        };
        Callers::at(Arc::new(door), &self.service.clock, mentor)
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

    /// Sends a call to the next process. None if the process is killed during the call.
    async fn send(&self, call: &Call) -> Option<Reply> {
        let slot = self.sent.fetch_add(1, Ordering::Relaxed) % PROCESSES;
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
