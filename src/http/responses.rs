//! The documents of the owner's contract, and the responses that carry them.
//!
//! The names, the order and the formats of the owner's fields are binding. A field that the owner's example does not
//! show appears only if it has a value. The example shows `expires_at`, so that field is always there: null if the code
//! does not expire.

use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;

use crate::model::{CodeId, CodeString, MentorId, OrgId, ReferralCode, State, Status, Timestamp};
use crate::settings::ServiceSettings;

#[derive(Serialize)]
pub(super) struct CodeDocument<'a> {
    id: &'a CodeId,
    mentor_id: &'a MentorId,
    org_id: &'a OrgId,
    pub(super) code: &'a CodeString,
    url: String,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_code: Option<&'a CodeString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    successor_id: Option<&'a CodeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invalidated_at: Option<Timestamp>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
pub(super) struct ListDocument<'a> {
    pub(super) data: Vec<CodeDocument<'a>>,
    pub(super) pagination: Pagination,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Pagination {
    /// A numbered page has the owner's three fields and no other.
    Numbered { page: u64, limit: u32, total: u64 },
    /// A page by cursor. The last one has no `next_cursor`.
    Cursor {
        limit: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_cursor: Option<String>,
    },
}

#[derive(Serialize)]
pub(super) struct InvalidatedDocument<'a> {
    pub(super) id: &'a CodeId,
    pub(super) status: Status,
    pub(super) invalidated_at: Option<Timestamp>,
}

/// A code's URLs. It tells no mentor, no organisation and no id.
#[derive(Serialize)]
pub(super) struct UrlDocument<'a> {
    pub(super) code: &'a CodeString,
    /// For a short link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<Status>,
    pub(super) url: String,
    pub(super) short_url: String,
    /// For the endpoint that builds them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) generated_at: Option<Timestamp>,
}

impl<'a> CodeDocument<'a> {
    pub(super) fn new(code: &'a ReferralCode, settings: &ServiceSettings, now: Timestamp) -> Self {
        let (successor_id, invalidated_at) = match &code.state {
            State::Active | State::Expired { .. } => (None, None),
            State::Rotated { successor, .. } => (Some(&successor.id), None),
            State::Invalidated { at } => (None, Some(*at)),
        };
        Self {
            id: &code.id,
            mentor_id: &code.mentor_id,
            org_id: &code.org_id,
            code: &code.code,
            url: join_url(&code.code, settings),
            status: code.status(now),
            previous_code: code.rotated_from().map(|predecessor| &predecessor.code),
            rotated_at: code.rotated_at(),
            successor_id,
            invalidated_at,
            created_at: code.created_at(),
            expires_at: code.expires_at,
        }
    }
}

impl<'a> UrlDocument<'a> {
    pub(super) fn new(code: &'a CodeString, settings: &ServiceSettings) -> Self {
        let (url, short_url) = (join_url(code, settings), short_url(code, settings));
        Self { code, status: None, url, short_url, generated_at: None }
    }
}

pub(super) fn response<const N: usize>(
    status: StatusCode,
    body: String,
    headers: [(HeaderName, HeaderValue); N],
) -> Response<Body> {
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

/// The headers of a body of this type that no cache may keep: a code can end at any moment.
pub(super) fn uncached(content_type: &'static str) -> [(HeaderName, HeaderValue); 2] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]
}

/// A successful response with a document.
pub(super) fn json(status: StatusCode, document: &impl Serialize) -> Response<Body> {
    response(status, serde_json::to_string(document).expect("a document is JSON"), uncached("application/json"))
}

/// The response to HEAD: the status and the headers of the response to GET, without its body.
///
/// It states the length of the body that is left out. Without that header, axum in the local server, and perhaps a
/// gateway, would measure the empty body and send `Content-Length: 0`, which RFC 9110 forbids: the value must be that
/// of the GET.
/// <https://www.rfc-editor.org/rfc/rfc9110#section-8.6-7>
///
/// A REST API passes the function's `Content-Length` through
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>), and a load balancer
/// accepts it. So it can be set here for every kind of event.
pub(super) fn without_body(mut response: Response<Body>) -> Response<Body> {
    // A 304 has no body already. Its length would have to be that of the 200, and may be left out.
    if response.status() == StatusCode::NOT_MODIFIED {
        return response;
    }
    let length = response.body().len();
    *response.body_mut() = Body::Text(String::new());
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

/// Where a code leads: the owner's `url`.
pub(super) fn join_url(code: &CodeString, settings: &ServiceSettings) -> String {
    format!("{}?ref={code}", settings.join_url_base)
}

/// What a mentor hands out: the owner's `short_url`.
pub(super) fn short_url(code: &CodeString, settings: &ServiceSettings) -> String {
    format!("{}/{code}", settings.short_url_base)
}
