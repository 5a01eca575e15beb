//! The description of the API: `docs/openapi.yaml`, as it is. The tests hold every answer to it.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};
use sha2::{Digest, Sha256};

const DESCRIPTION: &str = include_str!("../../docs/openapi.yaml");

/// A strong validator: the start of the hash of the text.
static ETAG: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = Sha256::digest(DESCRIPTION);
    HeaderValue::try_from(format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash[..12]))).expect("Base64 is ASCII")
});

/// The description, or a 304 if the client has it already.
/// <https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match>
pub(super) fn describe(request: &Request) -> Response<Body> {
    let is_known = request.headers().get_all(header::IF_NONE_MATCH).iter().any(|known| {
        let known = known.to_str().unwrap_or_default();
        known.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == *ETAG)
    });
    let mut response = Response::new(Body::Text(if is_known { String::new() } else { DESCRIPTION.to_owned() }));
    let headers = response.headers_mut();
    headers.insert(header::ETAG, ETAG.clone());
    // It changes with a release only. Five minutes after one, every client has the new one.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        // RFC 9512.
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/yaml"));
    }
    response
}
