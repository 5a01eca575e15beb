//! What a person does with a page: finds things by their role and name, reads them, clicks, types.
//!
//! Roles and names are the browser's own, from its accessibility tree, where a screen reader finds them too. A control without
//! a label cannot be found here. What lies behind an open dialog is not in that tree, so a person here cannot reach it either.
//!
//! Nothing here waits for a time to pass. A person looks until a condition holds, and gives up after [`PATIENCE`].

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

/// How long a person looks for something. A page answers within milliseconds; the rest is for a machine that is so busy that
/// one click, which waits for a page that loads, takes ten seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Looks until there is a result, and says what was missed if there is none in time.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Result<T, Missed>) -> T {
    let given_up = Instant::now() + PATIENCE;
    loop {
        match look().await {
            Ok(found) => return found,
            Err(missed) if Instant::now() > given_up => panic!("{what}: {missed}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
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
