//! What a call logs, line by line.

use std::fmt::Debug;
use std::io::Write;
use std::sync::{Arc, Mutex, Once};

use referral_codes::log_lines::json_lines;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::{DefaultGuard, NoSubscriber, set_default, set_global_default};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<Value>>>);

/// Carries out a future, and returns the warnings and errors that this thread has logged meanwhile, each as an object of
/// its fields and its `level`. On a runtime of one thread those are all of them, also of tasks that the future has spawned.
pub async fn logged<T>(future: impl Future<Output = T>) -> (T, Vec<Value>) {
    let lines = Lines::default();
    let until_done = listen(registry().with(lines.clone()));
    let done = future.await;
    drop(until_done);
    let lines = std::mem::take(&mut *lines.0.lock().unwrap());
    (done, lines)
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = *event.metadata().level();
        if level <= Level::WARN && event.metadata().target().starts_with("referral_codes") {
            let mut fields = Fields(Map::from_iter([("level".to_owned(), level.as_str().into())]));
            event.record(&mut fields);
            self.0.lock().unwrap().push(Value::Object(fields.0));
        }
    }
}

/// Carries out a future, and returns the lines that the function would write meanwhile, parsed: all of them, in its own form.
/// On a runtime of one thread that includes the lines of tasks that the future has spawned.
pub async fn log_lines<T>(future: impl Future<Output = T>) -> (T, Vec<Value>) {
    let text = Text::default();
    let until_done = listen(json_lines(LevelFilter::INFO, text.clone()));
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

impl MakeWriter<'_> for Text {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}
