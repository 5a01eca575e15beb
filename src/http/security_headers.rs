//! The headers that tell a browser what it must not do with any answer. A page has its own `Content-Security-Policy`.

use lambda_http::http::{HeaderMap, HeaderValue, header};

pub(super) fn add(headers: &mut HeaderMap) {
    // A body is what its type says: no browser takes JSON for a script or a page.
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // The URL of an API call has ids in it.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}
