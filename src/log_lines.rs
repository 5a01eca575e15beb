//! The form of the log: one JSON object per line, as CloudWatch reads them. The function and the tests write with it alike.
//!
//! `tracing-subscriber` can write the same lines. It keeps them, and the spans that no line shows, in more steps: a tenth of
//! this service's own share of a call.

use std::fmt::Debug;
use std::io::Write;

use lambda_http::tracing::level_filters::LevelFilter;
use lambda_http::tracing::subscriber::fmt::MakeWriter;
use serde::Serialize;
use time::OffsetDateTime;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes each event of this level or above as a line. Its fields stand beside `timestamp`, `level` and `message`.
pub fn json_lines<W>(max_level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    JsonLines { max_level, writer }
}

/// Where the runtime logs the error of an invocation: what a panic or a failed command has logged already.
const FAILED_INVOCATIONS: &str = "lambda_runtime::layers::panic";

struct JsonLines<W> {
    max_level: LevelFilter,
    writer: W,
}

impl<W> Subscriber for JsonLines<W>
where
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.max_level && metadata.target() != FAILED_INVOCATIONS
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.max_level)
    }

    fn event(&self, event: &Event<'_>) {
        let now = OffsetDateTime::now_utc();
        let ((hour, minute, second), micros) = (now.to_hms(), now.microsecond());
        let mut line = Line(Vec::with_capacity(512));
        // A write to memory does not fail.
        let _ = write!(
            line.0,
            r#"{{"timestamp":"{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z","level":"{}""#,
            now.year(),
            u8::from(now.month()),
            now.day(),
            event.metadata().level(),
        );
        event.record(&mut line);
        line.0.extend(b"}\n");
        let _ = self.writer.make_writer().write_all(&line.0);
    }

    // No span is enabled, so none is ever made.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(Vec<u8>);

impl Line {
    fn add(&mut self, field: &Field, value: &(impl Serialize + ?Sized)) {
        for part in [",\"", field.name(), "\":"] {
            self.0.extend(part.as_bytes());
        }
        // Numbers and texts are JSON.
        let _ = serde_json::to_writer(&mut self.0, value);
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, &value);
    }
}
