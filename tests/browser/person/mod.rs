//! What a person does with a page: finds things by their role and name, reads them, clicks, types.
//!
//! Roles and names are those of ARIA, by which a screen reader finds things too. A control without a label cannot be found
//! here, nor can what lies behind an open dialog. What the keyboard comes to has the name that the browser itself tells.
//!
//! Nothing here waits for a time to pass. A person looks until a condition holds, and gives up after [`PATIENCE`]. What a page
//! itself waits for comes with [`Page::pass`].

mod axe;
mod page;
mod target;

use std::fmt::Debug;
use std::time::Duration;

use tokio::time::Instant;

pub use fantoccini::key::Key;
pub use page::Page;
pub use target::Target;

use crate::browser::Missed;

/// How long a person looks for something, at least. A page answers within milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a person looks, at least. On a busy machine one look takes as long as a page loads: it must not be the only one.
const MIN_LOOKS: usize = 20;

/// Looks until there is a result, and says what was missed if there is none.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Result<T, Missed>) -> T {
    let started = Instant::now();
    for looks in 1.. {
        match look().await {
            Ok(found) => return found,
            Err(missed) if looks > MIN_LOOKS && started.elapsed() > PATIENCE => panic!("{what}: {missed}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    unreachable!("it ends")
}

/// Looks until what is seen is as it should be.
async fn until_seen<T: Debug>(
    what: &str,
    is_right: impl Fn(&T) -> bool,
    mut look: impl AsyncFnMut() -> Result<T, Missed>,
) {
    until(what, async || {
        let seen = look().await?;
        if is_right(&seen) { Ok(()) } else { Err(format!("it is {seen:?}").into()) }
    })
    .await;
}
