//! Several real Lambda processes over one table, some of them killed with SIGKILL in the middle of their writes: what was
//! acknowledged stays, a mentor has at most one active code whenever anybody looks, and the survivors answer.
//!
//! What the clients ask, whom, and when a process dies follows from a seed; how the processes overlap does not.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use dev::{BASE, Call, Function, KillPoint, KillProxy, Reply, SeededRng, TestService, create_body, rotate_body};
use serde_json::Value;
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use crate::lambda_binary::function;

const PROCESSES: usize = 6;
const DEATHS: usize = 12;
const CLIENTS: usize = 8;
const CALLS: usize = 30;
const MENTORS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_the_processes_that_did_it() {
    let mut dice = SeededRng::from_env();
    let fleet = Arc::new(Fleet::start(&mut dice).await);
    let board = Arc::new(Board::default());
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(client(Arc::clone(&fleet), Arc::clone(&board), dice.fork()));
    }
    let over = Arc::new(AtomicBool::new(false));
    let observer = tokio::spawn(observe(Arc::clone(&fleet), Arc::clone(&board), Arc::clone(&over), dice.fork()));
    clients.join_all().await;
    over.store(true, Ordering::Relaxed);
    let observations = observer.await.unwrap();
    let deaths = fleet.deaths().await;
    let told = board.told.lock().unwrap().len();
    eprintln!("{told} acknowledgements, {observations} observations, deaths: {deaths:?}");
    assert!(observations >= 3);
    assert_eq!(deaths.len(), KillPoint::ALL.len(), "a moment at which nobody died: {deaths:?}");
    let codes = all_codes(&fleet, &mut dice).await;
    board.check(&codes);
    let active = active_by_mentor(codes.values());
    assert!(active.values().all(|ids| ids.len() == 1), "several active codes: {active:?}");
    for mentor in (0..MENTORS).map(mentor) {
        let mut ids: BTreeSet<_> = active.get(&mentor).into_iter().flatten().cloned().collect();
        for lane in 0..PROCESSES {
            ids.insert(id(&fleet.insist(lane, &Call::post(BASE, &create_body(&mentor, "o"))).await.json()));
        }
        assert_eq!(ids.len(), 1, "the processes do not agree on the active code of {mentor}");
    }
}

/// Every code there is, by its id, as a read of it gives it.
async fn all_codes(fleet: &Fleet, dice: &mut SeededRng) -> BTreeMap<String, Value> {
    let mut listed = Vec::new();
    for page in 1.. {
        let call = Call::get(&format!("{BASE}?limit=100&page={page}"));
        let answer = fleet.ask(&call, dice).await.expect(200);
        listed.extend(answer["data"].as_array().unwrap().iter().map(id));
        if answer["pagination"]["total"] == listed.len() {
            break;
        }
    }
    let codes: BTreeMap<_, _> = read(fleet, &listed, dice).await.into_iter().map(|code| (id(&code), code)).collect();
    let strings: BTreeSet<_> = codes.values().map(|code| code["code"].to_string()).collect();
    assert_eq!((codes.len(), strings.len()), (listed.len(), listed.len()), "an id or a code was given out twice");
    codes
}

/// Reads each code by itself.
async fn read(fleet: &Fleet, ids: impl IntoIterator<Item = &String>, dice: &mut SeededRng) -> Vec<Value> {
    let mut codes = Vec::new();
    for id in ids {
        codes.push(fleet.ask(&Call::get(&format!("{BASE}/{id}")), dice).await.expect(200));
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

/// The processes, each in a lane; who finds one dead puts another in its place.
struct Fleet {
    service: TestService,
    lanes: Vec<RwLock<Arc<Process>>>,
    dead: Mutex<Vec<Arc<Process>>>,
    /// The last writes of the processes to come; who finds none left lives on.
    fates: Mutex<VecDeque<(usize, KillPoint)>>,
}

struct Process {
    function: Arc<Function>,
    gate: KillProxy,
}

impl Process {
    async fn start(service: &TestService, fate: Option<(usize, KillPoint)>, concurrency: &str) -> Arc<Self> {
        let gate = KillProxy::start(&service.endpoint, fate).await;
        let program = function(service).variable("AWS_LAMBDA_MAX_CONCURRENCY", concurrency);
        let function = Arc::new(program.variable("AWS_ENDPOINT_URL_DYNAMODB", gate.url()).start().await);
        gate.kills(&function);
        Arc::new(Self { function, gate })
    }
}

impl Fleet {
    async fn start(dice: &mut SeededRng) -> Self {
        let fates = (0..DEATHS).map(|nth| (dice.below(8), KillPoint::ALL[nth % 3]));
        let mut fleet = Self {
            service: TestService::new().await,
            lanes: Vec::new(),
            dead: Mutex::default(),
            fates: Mutex::new(fates.collect()),
        };
        for lane in 0..PROCESSES {
            let process = fleet.next(lane).await;
            fleet.lanes.push(RwLock::new(process));
        }
        fleet
    }

    /// Every other lane is a process that takes several events at once.
    async fn next(&self, lane: usize) -> Arc<Process> {
        let fate = self.fates.lock().unwrap().pop_front();
        Process::start(&self.service, fate, ["1", "4"][lane % 2]).await
    }

    /// Sends a call to the process of a lane; none when it dies over it, or the table was busy for too long.
    async fn send(&self, lane: usize, call: &Call) -> Option<Reply> {
        let process = Arc::clone(&*self.lanes[lane].read().await);
        let answer = process.function.invoke(&call.event()).await;
        if answer.is_none() {
            assert!(process.function.is_over() && process.gate.killed().is_some(), "a process failed by itself");
            let mut place = self.lanes[lane].write().await;
            if Arc::ptr_eq(&*place, &process) {
                *place = self.next(lane).await;
                self.dead.lock().unwrap().push(process);
            }
        }
        answer.map(|answer| Reply::read(&answer)).filter(|reply| reply.status != 503)
    }

    /// Sends a call again and again, until the process of a lane answers it.
    async fn insist(&self, lane: usize, call: &Call) -> Reply {
        loop {
            if let Some(reply) = self.send(lane, call).await {
                return reply;
            }
        }
    }

    /// Sends a call to any process that answers it.
    async fn ask(&self, call: &Call, dice: &mut SeededRng) -> Reply {
        self.insist(dice.below(PROCESSES), call).await
    }

    /// How many have died at each moment, once no write is on its way any more, of the living or the dead.
    async fn deaths(&self) -> BTreeMap<KillPoint, usize> {
        for lane in &self.lanes {
            lane.read().await.gate.idle().await;
        }
        let dead = std::mem::take(&mut *self.dead.lock().unwrap());
        let mut deaths = BTreeMap::new();
        for process in dead {
            process.gate.idle().await;
            *deaths.entry(process.gate.killed().unwrap()).or_default() += 1;
        }
        deaths
    }
}

/// What the clients know: nothing but what they were told.
#[derive(Default)]
struct Board {
    told: Mutex<Vec<Told>>,
    /// The latest code that anybody was given for a mentor.
    latest: Mutex<HashMap<String, String>>,
    /// Codes that have ended, by an answer that has come.
    ended: Mutex<BTreeSet<String>>,
}

/// An acknowledgement.
#[derive(Debug)]
enum Told {
    /// A code was given out.
    Code(Value),
    /// The code of this id gave way to that code.
    Rotated(String, Value),
    /// The code of this id was invalidated, with this answer.
    Invalidated(String, Value),
    /// The code of this id is not active but this.
    Ended(String, Value),
}

impl Board {
    fn tell(&self, told: Told) {
        match &told {
            Told::Code(code) => {
                let (mentor, id) = (code["mentor_id"].as_str().unwrap(), code["id"].as_str().unwrap());
                self.latest.lock().unwrap().insert(mentor.to_owned(), id.to_owned());
            }
            Told::Rotated(id, _) | Told::Invalidated(id, _) | Told::Ended(id, _) => {
                self.ended.lock().unwrap().insert(id.clone());
            }
        }
        self.told.lock().unwrap().push(told);
    }

    fn ended(&self) -> BTreeSet<String> {
        self.ended.lock().unwrap().clone()
    }

    /// Compares all that was told with the codes as they are in the end.
    fn check(&self, codes: &BTreeMap<String, Value>) {
        let told = self.told.lock().unwrap();
        let of = |id: &str| codes.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is lost"));
        for told in told.iter() {
            match told {
                Told::Code(code) => {
                    let now = of(code["id"].as_str().unwrap());
                    for field in ["mentor_id", "org_id", "code", "url", "previous_code", "created_at", "expires_at"] {
                        assert_eq!(now[field], code[field], "{told:?}, and now {now}");
                    }
                }
                Told::Rotated(id, successor) => {
                    let now = of(id);
                    assert_eq!(now["status"], "rotated", "{told:?}");
                    assert_eq!(now["successor_id"], successor["id"], "{told:?}");
                    assert_eq!(now["code"], successor["previous_code"], "{told:?}");
                }
                Told::Invalidated(id, answer) => {
                    let now = of(id);
                    assert_eq!(now["status"], "invalidated", "{told:?}");
                    assert_eq!(now["invalidated_at"], answer["invalidated_at"], "{told:?}");
                }
                Told::Ended(id, status) => assert_eq!(of(id)["status"], *status, "{told:?}"),
            }
        }
    }
}

/// Asks for one thing after the other. A call that the process died over is mostly sent again, as a client would, and
/// sometimes left to its unknown end.
async fn client(fleet: Arc<Fleet>, board: Arc<Board>, mut dice: SeededRng) {
    for _ in 0..CALLS {
        let mentor = mentor(dice.below(MENTORS));
        let latest = board.latest.lock().unwrap().get(&mentor).cloned();
        let (call, id) = match (dice.below(10), latest) {
            (0..5, Some(id)) => (Call::put(&format!("{BASE}/{id}"), &rotate_body(&mentor)), id),
            (5..7, Some(id)) => (Call::delete(&format!("{BASE}/{id}")), id),
            _ => (Call::post(BASE, &create_body(&mentor, "o")), String::new()),
        };
        let ended = board.ended();
        let mut reply = fleet.send(dice.below(PROCESSES), &call).await;
        while reply.is_none() && dice.below(4) > 0 {
            reply = fleet.send(dice.below(PROCESSES), &call).await;
        }
        let Some(reply) = reply else { continue };
        let body = reply.json();
        match (call.method.as_str(), reply.status) {
            ("POST", 200 | 201) | ("PUT", 200) => {
                assert_eq!((&body["mentor_id"], &body["status"]), (&mentor.into(), &"active".into()), "{reply:?}");
                assert!(!ended.contains(body["id"].as_str().unwrap()), "ended before this was asked: {reply:?}");
                if call.method == "PUT" {
                    board.tell(Told::Rotated(id, body.clone()));
                }
                board.tell(Told::Code(body));
            }
            ("DELETE", 200) => board.tell(Told::Invalidated(id, body)),
            ("PUT" | "DELETE", 409) => board.tell(Told::Ended(id, body["code_status"].clone())),
            _ => panic!("{call:?} was answered with {reply:?}"),
        }
    }
}

/// Looks at all codes again and again, and tells how often.
///
/// No single read shows two codes at one moment, so the active ones are read twice. A code that has ended stays so; hence
/// what is active both times was active all the while between, and of that there may be one for each mentor.
async fn observe(fleet: Arc<Fleet>, board: Arc<Board>, over: Arc<AtomicBool>, mut dice: SeededRng) -> usize {
    let mut observations = 0;
    while !over.load(Ordering::Relaxed) {
        let ended = board.ended();
        let listed = fleet.ask(&Call::get(&format!("{BASE}?limit=100")), &mut dice).await.expect(200);
        let listed = listed["data"].as_array().unwrap().iter().map(id);
        let ids: BTreeSet<_> = listed.chain(board.latest.lock().unwrap().values().cloned()).collect();
        let first = read(&fleet, ids.difference(&ended), &mut dice).await;
        let (active, others): (Vec<_>, Vec<_>) = first.into_iter().partition(is_active);
        for code in others {
            board.tell(Told::Ended(id(&code), code["status"].clone()));
        }
        let ids: Vec<_> = active.iter().map(id).collect();
        let second = read(&fleet, &ids, &mut dice).await;
        for (mentor, ids) in active_by_mentor(&second) {
            assert_eq!(ids.len(), 1, "{mentor} has several active codes: {ids:?}");
        }
        observations += 1;
    }
    observations
}
