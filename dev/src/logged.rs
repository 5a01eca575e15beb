//! What a call logs, line by line.

use std::io::Write;
use std::sync::{Arc, Mutex, Once};

use referral_codes::log_lines::json_lines;
use serde_json::Value;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::{DefaultGuard, NoSubscriber, set_default, set_global_default};

/// Carries out a future, and returns the lines that the function would write meanwhile, parsed: all of them, in its own form.
/// On a runtime of one thread that includes the lines of tasks that the future has spawned.
pub async fn log_lines<T>(future: impl Future<Output = T>) -> (T, Vec<Value>) {
    lines_from(LevelFilter::INFO, future).await
}

/// As [`log_lines`], with warnings and errors alone.
pub async fn logged<T>(future: impl Future<Output = T>) -> (T, Vec<Value>) {
    lines_from(LevelFilter::WARN, future).await
}

/// As [`log_lines`], with the lines of every level, of this crate and of the SDK, that a release build leaves out.
pub async fn traced<T>(future: impl Future<Output = T>) -> (T, Vec<Value>) {
    lines_from(LevelFilter::TRACE, future).await
}

async fn lines_from<T>(level: LevelFilter, future: impl Future<Output = T>) -> (T, Vec<Value>) {
    let text = Text::default();
    let writer = text.clone();
    let until_done = listen(json_lines(level, move || writer.clone()));
    let done = future.await;
    drop(until_done);
    let text = std::mem::take(&mut *text.0.lock().unwrap());
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    (done, lines.map(|line| serde_json::from_slice(line).expect("a line is JSON")).collect())
}

/// Listens to this thread. All others get a subscriber that takes nothing, once for all.
///
/// Without one, `tracing` keeps for every thread what the only subscriber of one thread says of an event or a span: then lines
/// get lost.
pub(crate) fn listen(subscriber: impl Subscriber + Send + Sync) -> DefaultGuard {
    static ELSEWHERE: Once = Once::new();
    ELSEWHERE.call_once(|| set_global_default(NoSubscriber::default()).expect("no test sets another"));
    set_default(subscriber)
}

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
