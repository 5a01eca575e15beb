//! The description of the API: `docs/openapi.yaml`, as it is but for the place where it is served. The tests hold every answer to it.

use std::borrow::Cow;
use std::sync::LazyLock;

use lambda_http::{Body, Request, Response};

use super::handler_context::OpenCx;
use super::static_file::StaticFile;

const TEXT: &str = include_str!("../../docs/openapi.yaml");

static DESCRIPTION: LazyLock<StaticFile> = LazyLock::new(|| description(TEXT));

const SERVED_AT: &str = "  - url: /\n";

/// The description, or a 304 if the client has it already. It names the prefix that the client used.
pub(super) fn describe(cx: &OpenCx<'_>, request: &Request) -> Response<Body> {
    if cx.prefix.is_empty() {
        return DESCRIPTION.answer(request);
    }
    description(TEXT.replacen(SERVED_AT, &format!("  - url: {}\n", cx.prefix), 1)).answer(request)
}

/// RFC 9512 has the type. Five minutes after a release, every client has the new description.
fn description(text: impl Into<Cow<'static, str>>) -> StaticFile {
    StaticFile::new(text, "application/yaml", "public, max-age=300")
}
