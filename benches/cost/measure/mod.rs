//! How the programs are measured: times, CPU and memory; instructions; throughput with many callers.

pub mod instructions;
pub mod throughput;
pub mod times;

use std::time::Duration;

use dev::Function;

/// The longest that one call may take: generous, for valgrind on a busy machine.
const TIME_LIMIT: Duration = Duration::from_mins(3);

/// Sends an event and waits for its answer. Returns the time between.
///
/// # Panics
/// If the answer is not a 200: a failed call would be cheap.
pub async fn call(function: &Function, event: &str) -> Duration {
    let invocation = tokio::time::timeout(TIME_LIMIT, function.invoke_timed(event.to_owned())).await;
    let invocation = invocation.expect("an answer in time").expect("an answer");
    assert_eq!(invocation.answer["statusCode"], 200, "{}", invocation.answer);
    invocation.duration
}

pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}
