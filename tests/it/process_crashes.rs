//! Several Lambda processes over one table, some of them killed with SIGKILL in the middle of a write. What was acknowledged
//! stays, every read finds at most one active code of a mentor, and the other processes answer.
//!
//! A seed decides the calls, the processes that get them, and the writes at which a process is killed. It does not decide
//! how the processes interleave.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use dev::{BASE, Call, Function, KillPoint, KillProxy, Reply, SeededRng, TestService, create_body, rotate_body};
use serde_json::Value;
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use crate::lambda_binary::function;

const PROCESSES: usize = 6;
const KILLS: usize = 12;
const CLIENTS: usize = 8;
const CALLS: usize = 30;
const MENTORS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_changes_survive_killed_processes() {
    let mut rng = SeededRng::from_env();
    let fleet = Arc::new(Fleet::start(&mut rng).await);
    let known = Arc::new(Observations::default());
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(client(Arc::clone(&fleet), Arc::clone(&known), rng.fork()));
    }
    let over = Arc::new(AtomicBool::new(false));
    let observer = tokio::spawn(observe(Arc::clone(&fleet), Arc::clone(&known), Arc::clone(&over), rng.fork()));
    clients.join_all().await;
    over.store(true, Ordering::Relaxed);
    let observations = observer.await.unwrap();
    let kills = fleet.kills().await;
    let acknowledged = known.acknowledged.lock().unwrap().len();
    eprintln!("{acknowledged} acknowledgements, {observations} observations, kills: {kills:?}");
    assert!(observations >= 3);
    assert_eq!(kills.len(), KillPoint::ALL.len(), "no process was killed at some kill point: {kills:?}");
    let codes = all_codes(&fleet, &mut rng).await;
    known.check(&codes);
    let active = active_by_mentor(codes.values());
    assert!(active.values().all(|ids| ids.len() == 1), "several active codes: {active:?}");
    for mentor in (0..MENTORS).map(mentor) {
        let mut ids: BTreeSet<_> = active.get(&mentor).into_iter().flatten().cloned().collect();
        for slot in 0..PROCESSES {
            ids.insert(id(&fleet
                .send_until_answered(slot, &Call::post(BASE, &create_body(&mentor, "o")))
                .await
                .json()));
        }
        assert_eq!(ids.len(), 1, "the processes do not agree on the active code of {mentor}");
    }
}

/// Every code by its id, as a read shows it.
async fn all_codes(fleet: &Fleet, rng: &mut SeededRng) -> BTreeMap<String, Value> {
    let mut listed = Vec::new();
    for page in 1.. {
        let call = Call::get(&format!("{BASE}?limit=100&page={page}"));
        let answer = fleet.send_to_any(&call, rng).await.expect(200);
        listed.extend(answer["data"].as_array().unwrap().iter().map(id));
        if answer["pagination"]["total"] == listed.len() {
            break;
        }
    }
    let codes: BTreeMap<_, _> = read(fleet, &listed, rng).await.into_iter().map(|code| (id(&code), code)).collect();
    let strings: BTreeSet<_> = codes.values().map(|code| code["code"].to_string()).collect();
    assert_eq!(
        (codes.len(), strings.len()),
        (listed.len(), listed.len()),
        "an id or a code string was given out twice"
    );
    codes
}

/// Reads each code with a call of its own.
async fn read(fleet: &Fleet, ids: impl IntoIterator<Item = &String>, rng: &mut SeededRng) -> Vec<Value> {
    let mut codes = Vec::new();
    for id in ids {
        codes.push(fleet.send_to_any(&Call::get(&format!("{BASE}/{id}")), rng).await.expect(200));
    }
    codes
}

fn id(code: &Value) -> String {
    code["id"].as_str().unwrap().to_owned()
}

fn is_active(code: &Value) -> bool {
    code["status"] == "active"
}

fn active_by_mentor<'a>(codes: impl IntoIterator<Item = &'a Value>) -> BTreeMap<String, Vec<String>> {
    let mut active = BTreeMap::<_, Vec<_>>::new();
    for code in codes.into_iter().filter(|code| is_active(code)) {
        active.entry(code["mentor_id"].as_str().unwrap().to_owned()).or_default().push(id(code));
    }
    active
}

fn mentor(nth: usize) -> String {
    format!("usr_{nth}")
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

impl Process {
    async fn start(service: &TestService, kill_at: Option<(usize, KillPoint)>, concurrency: &str) -> Arc<Self> {
        let proxy = KillProxy::start(&service.endpoint, kill_at).await;
        let program = function(service).variable("AWS_LAMBDA_MAX_CONCURRENCY", concurrency);
        let function = Arc::new(program.variable("AWS_ENDPOINT_URL_DYNAMODB", proxy.url()).start().await);
        proxy.kills(&function);
        Arc::new(Self { function, proxy })
    }
}

impl Fleet {
    async fn start(rng: &mut SeededRng) -> Self {
        let kill_points = (0..KILLS).map(|nth| (rng.below(8), KillPoint::ALL[nth % 3]));
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
        Process::start(&self.service, kill_at, ["1", "4"][slot % 2]).await
    }

    /// Sends a call to the process of a slot. None if the process is killed during the call, or answers 503.
    async fn send(&self, slot: usize, call: &Call) -> Option<Reply> {
        let process = Arc::clone(&*self.slots[slot].read().await);
        let answer = process.function.invoke(&call.event()).await;
        if answer.is_none() {
            assert!(
                process.function.is_over() && process.proxy.killed().is_some(),
                "a process failed without being killed"
            );
            let mut current = self.slots[slot].write().await;
            if Arc::ptr_eq(&*current, &process) {
                *current = self.start_next(slot).await;
                self.killed.lock().unwrap().push(process);
            }
        }
        answer.map(|answer| Reply::read(&answer)).filter(|reply| reply.status != 503)
    }

    /// Sends a call until a process of this slot answers it.
    async fn send_until_answered(&self, slot: usize, call: &Call) -> Reply {
        loop {
            if let Some(reply) = self.send(slot, call).await {
                return reply;
            }
        }
    }

    /// Sends a call to any slot until a process answers it.
    async fn send_to_any(&self, call: &Call, rng: &mut SeededRng) -> Reply {
        self.send_until_answered(rng.below(PROCESSES), call).await
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

/// What the clients know, only from answers.
#[derive(Default)]
struct Observations {
    acknowledged: Mutex<Vec<Acknowledged>>,
    /// The latest code of each mentor in an answer.
    latest: Mutex<HashMap<String, String>>,
    /// The codes that have ended according to an answer.
    ended: Mutex<BTreeSet<String>>,
}

/// What an answer has acknowledged.
#[derive(Debug)]
enum Acknowledged {
    /// The mentor has this code.
    Code(Value),
    /// The code of this id was replaced by that code.
    Rotated(String, Value),
    /// The code of this id was invalidated, with this answer.
    Invalidated(String, Value),
    /// The code of this id has ended with this status.
    Ended(String, Value),
}

impl Observations {
    fn record(&self, acknowledged: Acknowledged) {
        match &acknowledged {
            Acknowledged::Code(code) => {
                let (mentor, id) = (code["mentor_id"].as_str().unwrap(), code["id"].as_str().unwrap());
                self.latest.lock().unwrap().insert(mentor.to_owned(), id.to_owned());
            }
            Acknowledged::Rotated(id, _) | Acknowledged::Invalidated(id, _) | Acknowledged::Ended(id, _) => {
                self.ended.lock().unwrap().insert(id.clone());
            }
        }
        self.acknowledged.lock().unwrap().push(acknowledged);
    }

    fn ended(&self) -> BTreeSet<String> {
        self.ended.lock().unwrap().clone()
    }

    /// Compares all acknowledgements with the codes at the end.
    fn check(&self, codes: &BTreeMap<String, Value>) {
        let all = self.acknowledged.lock().unwrap();
        let of = |id: &str| codes.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is lost"));
        for acknowledged in all.iter() {
            match acknowledged {
                Acknowledged::Code(code) => {
                    let now = of(code["id"].as_str().unwrap());
                    for field in ["mentor_id", "org_id", "code", "url", "previous_code", "created_at", "expires_at"] {
                        assert_eq!(now[field], code[field], "{acknowledged:?}, and now {now}");
                    }
                }
                Acknowledged::Rotated(id, successor) => {
                    let now = of(id);
                    assert_eq!(now["status"], "rotated", "{acknowledged:?}");
                    assert_eq!(now["successor_id"], successor["id"], "{acknowledged:?}");
                    assert_eq!(now["code"], successor["previous_code"], "{acknowledged:?}");
                }
                Acknowledged::Invalidated(id, answer) => {
                    let now = of(id);
                    assert_eq!(now["status"], "invalidated", "{acknowledged:?}");
                    assert_eq!(now["invalidated_at"], answer["invalidated_at"], "{acknowledged:?}");
                }
                Acknowledged::Ended(id, status) => assert_eq!(of(id)["status"], *status, "{acknowledged:?}"),
            }
        }
    }
}

/// Makes one call after the other. If a process is killed during a call, the client usually sends it again. Sometimes it
/// gives up, and the outcome stays unknown.
async fn client(fleet: Arc<Fleet>, known: Arc<Observations>, mut rng: SeededRng) {
    for _ in 0..CALLS {
        let mentor = mentor(rng.below(MENTORS));
        let latest = known.latest.lock().unwrap().get(&mentor).cloned();
        let (call, id) = match (rng.below(10), latest) {
            (0..5, Some(id)) => (Call::put(&format!("{BASE}/{id}"), &rotate_body(&mentor)), id),
            (5..7, Some(id)) => (Call::delete(&format!("{BASE}/{id}")), id),
            _ => (Call::post(BASE, &create_body(&mentor, "o")), String::new()),
        };
        let ended = known.ended();
        let mut reply = fleet.send(rng.below(PROCESSES), &call).await;
        while reply.is_none() && rng.below(4) > 0 {
            reply = fleet.send(rng.below(PROCESSES), &call).await;
        }
        let Some(reply) = reply else { continue };
        let body = reply.json();
        match (call.method.as_str(), reply.status) {
            ("POST", 200 | 201) | ("PUT", 200) => {
                assert_eq!((&body["mentor_id"], &body["status"]), (&mentor.into(), &"active".into()), "{reply:?}");
                assert!(
                    !ended.contains(body["id"].as_str().unwrap()),
                    "the code had ended before this call: {reply:?}"
                );
                if call.method == "PUT" {
                    known.record(Acknowledged::Rotated(id, body.clone()));
                }
                known.record(Acknowledged::Code(body));
            }
            ("DELETE", 200) => known.record(Acknowledged::Invalidated(id, body)),
            ("PUT" | "DELETE", 409) => known.record(Acknowledged::Ended(id, body["code_status"].clone())),
            _ => panic!("{call:?} was answered with {reply:?}"),
        }
    }
}

/// Reads all codes again and again. Returns how often.
///
/// No single read shows two codes at one moment, so the active ones are read twice. An ended code stays ended. So a code
/// that is active both times was active all the time between, and a mentor may have only one such code.
async fn observe(fleet: Arc<Fleet>, known: Arc<Observations>, over: Arc<AtomicBool>, mut rng: SeededRng) -> usize {
    let mut observations = 0;
    while !over.load(Ordering::Relaxed) {
        let ended = known.ended();
        let listed = fleet.send_to_any(&Call::get(&format!("{BASE}?limit=100")), &mut rng).await.expect(200);
        let listed = listed["data"].as_array().unwrap().iter().map(id);
        let ids: BTreeSet<_> = listed.chain(known.latest.lock().unwrap().values().cloned()).collect();
        let first = read(&fleet, ids.difference(&ended), &mut rng).await;
        let (active, others): (Vec<_>, Vec<_>) = first.into_iter().partition(is_active);
        for code in others {
            known.record(Acknowledged::Ended(id(&code), code["status"].clone()));
        }
        let ids: Vec<_> = active.iter().map(id).collect();
        let second = read(&fleet, &ids, &mut rng).await;
        for (mentor, ids) in active_by_mentor(&second) {
            assert_eq!(ids.len(), 1, "{mentor} has several active codes: {ids:?}");
        }
        observations += 1;
    }
    observations
}
