//! Files that change with a release only: answered with a strong `ETag`, and with a 304 to a client that has them.
//!
//! <https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match>

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};
use sha2::{Digest, Sha256};

use super::responses::response;

pub(super) struct StaticFile {
    text: Cow<'static, str>,
    content_type: &'static str,
    cache_control: &'static str,
    /// The start of the hash of the text.
    tag: HeaderValue,
}

impl StaticFile {
    pub(super) fn new(
        text: impl Into<Cow<'static, str>>,
        content_type: &'static str,
        cache_control: &'static str,
    ) -> Self {
        let text = text.into();
        let hash = Sha256::digest(text.as_bytes());
        let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash[..12]));
        Self { text, content_type, cache_control, tag: HeaderValue::try_from(tag).expect("Base64 is ASCII") }
    }

    /// The file, or a 304 if the client has it already.
    pub(super) fn answer(&self, request: &Request) -> Response<Body> {
        let is_known = request.headers().get_all(header::IF_NONE_MATCH).iter().any(|known| {
            let known = known.to_str().unwrap_or_default();
            known.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.tag)
        });
        let cache = HeaderValue::from_static(self.cache_control);
        let headers = [(header::ETAG, self.tag.clone()), (header::CACHE_CONTROL, cache)];
        if is_known {
            return response(StatusCode::NOT_MODIFIED, String::new(), headers);
        }
        let mut response = response(StatusCode::OK, self.text.to_string(), headers);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        response
    }
}
