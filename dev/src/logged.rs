//! What a call logs, line by line.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<Value>>>);

/// Carries out a future, and returns the warnings and errors that this thread has logged meanwhile, each as an object of
/// its fields and its `level`. On a runtime of one thread those are all of them, also of tasks that the future has spawned.
pub async fn logged<T>(future: impl Future<Output = T>) -> (T, Vec<Value>) {
    let lines = Lines::default();
    let until_done = tracing::subscriber::set_default(registry().with(lines.clone()));
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

struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}
