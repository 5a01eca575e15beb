//! Plans that choose faults at random, from a seed.

use super::fault::Fault;
use super::recorded_request::RecordedRequest;

/// Gives each request one of `faults` with the probability `rate`.
pub fn random_faults(seed: u64, rate: f64, faults: Vec<Fault>) -> impl FnMut(&RecordedRequest) -> Option<Fault> + Send {
    let mut rng = fastrand::Rng::with_seed(seed);
    move |recorded| {
        if rng.f64() >= rate {
            return None;
        }
        let is_transaction = recorded.operation == "TransactWriteItems";
        let may = |fault: &&Fault| is_transaction || !fault.is_of_transactions();
        rng.choice(faults.iter().filter(may).collect::<Vec<_>>()).copied()
    }
}
