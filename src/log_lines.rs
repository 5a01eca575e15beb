//! The form of the log: one JSON object per line, as CloudWatch reads them. The function and the tests write with it alike.

use lambda_http::tracing::Subscriber;
use lambda_http::tracing::level_filters::LevelFilter;
use lambda_http::tracing::subscriber::fmt;
use lambda_http::tracing::subscriber::fmt::MakeWriter;

/// Writes each event of this level or above as a line. Its fields stand beside `timestamp`, `level` and `message`.
pub fn json_lines<W>(max_level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    fmt::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(max_level)
        .with_writer(writer)
        .finish()
}
