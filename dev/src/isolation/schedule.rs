//! The choices that a seed decides: how long everything takes, in which order, and what stalls.

use std::time::Duration;

/// When the parts of a transaction happen.
#[derive(Debug)]
pub struct Course {
    /// The pause before each step: before the decision, then before each item becomes visible.
    pub pauses: Vec<Duration>,
    /// The positions of the items, in the order in which they become visible.
    pub order: Vec<usize>,
    /// The step before which the transaction stalls, if it does.
    pub stalls_before: Option<usize>,
}

/// What a test has set, and the generator.
pub struct Schedule {
    rng: fastrand::Rng,
    /// The longest time from a transaction's arrival to its answer.
    pub max_in_flight: Duration,
    /// The longest time from a transaction's end until an index has one of its items.
    pub max_index_lag: Duration,
    /// The share of transactions that stall, each at a step that the seed decides.
    pub stall_rate: f64,
    /// The steps before which the next transactions stall, whatever the rate: 0 is the decision, `n` the `n`-th visible item.
    pub next_stalls: Vec<usize>,
    /// The order in which the items of the next transactions become visible, by their positions.
    pub next_orders: Vec<Vec<usize>>,
    /// Takes away what a `TransactGetItems` of one of these numbers of items is good for: it shows all that has been decided, at
    /// once, while other reads do not show it yet. A store that confirms changes with it confirms nothing.
    pub void_snapshots: &'static [usize],
}

/// The longest time that the reads of one `BatchGetItem` or `Query` are spread over: far below the SDK's time-out.
const MAX_READ: Duration = Duration::from_millis(200);

impl Schedule {
    pub fn new(seed: u64, max_in_flight: Duration) -> Self {
        Self {
            // Forked, so that it shares no number with a generator that a test has made from the same seed.
            rng: fastrand::Rng::with_seed(seed).fork(),
            max_in_flight,
            max_index_lag: Duration::ZERO,
            stall_rate: 0.0,
            next_stalls: Vec::new(),
            next_orders: Vec::new(),
            void_snapshots: &[],
        }
    }

    /// The course of a transaction of so many items.
    pub fn transaction(&mut self, items: usize) -> Course {
        let in_flight = self.up_to(self.max_in_flight);
        let mut times: Vec<_> = (0..=items).map(|_| self.up_to(in_flight)).collect();
        times.sort_unstable();
        let pauses =
            std::iter::once(times[0]).chain(times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]))).collect();
        let mut order: Vec<_> = (0..items).collect();
        self.rng.shuffle(&mut order);
        if !self.next_orders.is_empty() {
            order = self.next_orders.remove(0);
        }
        let mut stalls_before = (self.rng.f64() < self.stall_rate).then(|| self.rng.usize(0..=items));
        if !self.next_stalls.is_empty() {
            stalls_before = Some(self.next_stalls.remove(0));
        }
        Course { pauses, order, stalls_before }
    }

    /// The pauses in the middle of a read of several items: none, or up to three.
    pub fn read(&mut self) -> Vec<Duration> {
        let total = self.max_in_flight.min(MAX_READ);
        (0..self.rng.usize(0..=3)).map(|_| self.up_to(total / 3)).collect()
    }

    /// A number from 1 to 3: how many items are read until the next pause.
    pub fn items_until_pause(&mut self) -> usize {
        self.rng.usize(1..=3)
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        self.rng.shuffle(items);
    }

    pub fn index_lag(&mut self) -> Duration {
        self.up_to(self.max_index_lag)
    }

    pub fn coin(&mut self) -> bool {
        self.rng.bool()
    }

    fn up_to(&mut self, most: Duration) -> Duration {
        Duration::from_millis(self.rng.u64(0..=u64::try_from(most.as_millis()).unwrap()))
    }
}
