//! How the programs are measured: times, CPU and memory; instructions.

pub mod instructions;
pub mod times;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dev::Function;

use crate::programs::ANOTHER_CODE;

/// The longest that one call may take: generous, for valgrind on a busy machine.
const TIME_LIMIT: Duration = Duration::from_mins(3);

/// Sends an event and waits for its answer. Returns the time between.
///
/// # Panics
/// If the answer is an error: a failed call would be cheap.
pub async fn call(function: &Function, event: &str) -> Duration {
    static NTH: AtomicU32 = AtomicU32::new(1);
    let event = event.replace(ANOTHER_CODE, &format!("{:08x}", NTH.fetch_add(1, Ordering::Relaxed)));
    let invocation = tokio::time::timeout(TIME_LIMIT, function.invoke_timed(event)).await;
    let invocation = invocation.expect("an answer in time").expect("an answer");
    let status = invocation.answer["statusCode"].as_u64();
    assert!(status.is_some_and(|status| (200..303).contains(&status)), "{}", invocation.answer);
    invocation.duration
}

pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}
