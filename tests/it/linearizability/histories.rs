//! Histories of callers of two processes, each from one seed, and what their requests meet.

use std::time::Duration;

use dev::{TestClock, TestService, audit, random_ids, simulated};

use super::checker::check;
use super::clients::{self, Callers};
use super::history::Operation;

const MENTORS: usize = 2;
/// How many callers of one mentor a process has.
const CALLERS: usize = 2;
/// How many requests each caller sends in a phase. After each phase, time passes.
const REQUESTS: usize = 5;
const PHASES: usize = 2;

/// A grace that does not end within a history.
pub const GRACE: (&str, &str) = ("ROTATED_GRACE_DAYS", "365");

/// What the requests of a history meet.
#[derive(Clone, Copy)]
pub struct Trouble {
    /// How long a transaction may be in flight, while its items become visible one by one.
    pub max_in_flight: Duration,
    /// The share of requests that meet a fault.
    pub faults: f64,
    /// The share of transactions that stall.
    pub stalls: f64,
    /// Whether the clocks of the processes move, up to 5 s ahead of or behind each other, and codes expire within seconds.
    pub clocks_move: bool,
    /// Whether ids and code strings often collide.
    pub scarce_ids: bool,
    /// Whether callers also follow short links.
    pub links: bool,
    /// The changes whose confirmation is taken away, by the number of their items: creations have 3, rotations and creations
    /// after an expiry 4, invalidations 2.
    pub unconfirmed: &'static [usize],
}

impl Trouble {
    pub const NONE: Self = Self {
        max_in_flight: Duration::ZERO,
        faults: 0.0,
        stalls: 0.0,
        clocks_move: true,
        scarce_ids: true,
        links: false,
        unconfirmed: &[],
    };
    pub const TORN: Self = Self { max_in_flight: Duration::from_millis(250), ..Self::NONE };
    pub const ALL: Self = Self { faults: 0.15, stalls: 0.1, ..Self::TORN };
}

/// Two processes over one table, and the callers of its mentors.
pub struct Processes {
    pub processes: [TestService; 2],
    pub mentors: Vec<Callers>,
}

impl Processes {
    pub async fn start(seed: u64, trouble: Trouble) -> Self {
        let clock = TestClock::at("2026-01-10T09:00:00Z");
        let mut rng = fastrand::Rng::with_seed(seed ^ 0xc10c);
        let clocks = if trouble.clocks_move {
            let clock = clock.moving();
            [(); 2].map(|()| clock.ahead(rng.i64(-5_000..=5_000)))
        } else {
            [clock.clone(), clock]
        };
        let first = TestService::builder()
            .isolation(seed, trouble.max_in_flight)
            .random(random_ids(seed, trouble.scarce_ids))
            .setting(GRACE.0, GRACE.1)
            .clock(clocks[0].clone())
            .build()
            .await;
        let random = random_ids(seed + 1000, trouble.scarce_ids);
        let second = first.second_process_with(&clocks[1], random, &[GRACE]).await;
        first.isolation().schedule(|schedule| {
            let lags = !trouble.max_in_flight.is_zero();
            schedule.max_index_lag = if lags { Duration::from_secs(1) } else { Duration::ZERO };
            schedule.stall_rate = trouble.stalls;
            schedule.void_snapshots = trouble.unconfirmed;
        });
        let callers = |nth| Callers::new(&first, &format!("usr_{nth}"));
        let mentors = (0..MENTORS).map(callers);
        let mentors = mentors.map(|callers| if trouble.links { callers.follow_links() } else { callers }).collect();
        let processes = Self { processes: [first, second], mentors };
        processes.meet_faults(seed, trouble.faults);
        processes
    }

    /// From now on, requests meet faults at this rate.
    pub fn meet_faults(&self, seed: u64, rate: f64) {
        for (process, seed) in self.processes.iter().zip([seed, seed + 1000]) {
            process.faults.random_latency(seed);
            process.faults.random_with_mismatches(seed, rate);
        }
    }

    /// One phase: callers of both processes, concurrently. Then time passes.
    pub async fn call(&self, rng: &mut fastrand::Rng) {
        let through = |process: &TestService| {
            let clock = process.clock.clone();
            self.mentors.iter().map(|mentor| mentor.through(process, &clock)).collect::<Vec<_>>()
        };
        let of_all: Vec<_> = self.processes.iter().flat_map(through).collect();
        clients::run(&of_all, CALLERS, REQUESTS, rng).await;
        // In half of the cases, the codes of this phase with an expiry have then expired.
        self.processes[0].clock.advance(Duration::from_secs(if rng.bool() { 60 } else { 600 }));
    }

    /// No more faults; requests that are delivered late arrive now.
    pub async fn calm_down(&self) {
        for process in &self.processes {
            process.faults.clear_faults();
        }
        tokio::time::sleep(Duration::from_secs(20 * 60)).await;
    }

    /// Calls, and reads every code. Returns the calls without these reads. Fails if the answers are not linearizable, or if
    /// the table breaks an invariant.
    pub async fn history(&self, seed: u64) -> Result<Vec<Operation>, String> {
        let mut rng = fastrand::Rng::with_seed(seed);
        for _ in 0..PHASES {
            self.call(&mut rng).await;
        }
        let calls = self.mentors.iter().flat_map(|mentor| mentor.history.operations()).collect();
        self.calm_down().await;
        judge(&self.processes[0], &self.mentors).await.map(|()| calls)
    }
}

/// Reads every code, and fails if the answers are not linearizable, or if the table breaks an invariant.
pub async fn judge(service: &TestService, mentors: &[Callers]) -> Result<(), String> {
    for mentor in mentors {
        mentor.read_all().await;
        check(&mentor.history.operations()).map_err(|refuted| refuted.0)?;
    }
    audit(service).await
}

/// One history. Returns its calls, without the reads at its end.
pub fn history(seed: u64, trouble: Trouble) -> Result<Vec<Operation>, String> {
    simulated(seed, async { Processes::start(seed, trouble).await.history(seed).await })
}
