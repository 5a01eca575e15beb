//! The description of the API: `docs/openapi.yaml`, as it is. The tests hold every answer to it.

use std::sync::LazyLock;

use lambda_http::{Body, Request, Response};

use super::static_file::StaticFile;

/// RFC 9512 has the type. Five minutes after a release, every client has the new description.
static DESCRIPTION: LazyLock<StaticFile> = LazyLock::new(|| {
    StaticFile::new(include_str!("../../docs/openapi.yaml"), "application/yaml", "public, max-age=300")
});

/// The description, or a 304 if the client has it already.
pub(super) fn describe(request: &Request) -> Response<Body> {
    DESCRIPTION.answer(request)
}
