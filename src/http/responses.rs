//! The documents of the owner's contract, and the responses that carry them.
//!
//! The names, the order and the formats of the owner's fields are binding. A field that the owner's example does not
//! show appears only if it has a value. The example shows `expires_at`, so that field is always there: null if the code
//! does not expire.

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;

use super::problem::Problem;
use crate::model::{CodeString, Page, PageRequest, ReferralCode, State, Status, Timestamp};
use crate::settings::ServiceSettings;
use crate::store::Invalidated;

/// A code.
#[derive(Serialize)]
pub(super) struct CodeDocument {
    id: String,
    mentor_id: String,
    org_id: String,
    code: String,
    url: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotated_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    successor_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invalidated_at: Option<String>,
    created_at: String,
    expires_at: Option<String>,
}

/// A page of codes, numbered or by cursor.
#[derive(Serialize)]
pub(super) struct ListDocument {
    data: Vec<CodeDocument>,
    pagination: Pagination,
}

/// The place of a page in the list.
#[derive(Serialize)]
#[serde(untagged)]
enum Pagination {
    /// A numbered page has the owner's three fields and no other.
    Numbered { page: u64, limit: u32, total: u64 },
    /// A page by cursor. The last one has no `next_cursor`.
    Cursor {
        limit: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_cursor: Option<String>,
    },
}

/// The document of an invalidated code.
#[derive(Serialize)]
pub(super) struct InvalidatedDocument {
    id: String,
    status: &'static str,
    invalidated_at: String,
}

/// A code that a short link leads to. It tells no mentor, no organisation and no id.
#[derive(Serialize)]
pub(super) struct ShortLinkDocument {
    code: String,
    status: &'static str,
    url: String,
    short_url: String,
}

/// A code's URLs.
#[derive(Serialize)]
pub(super) struct UrlDocument {
    code: String,
    url: String,
    short_url: String,
    generated_at: String,
}

impl CodeDocument {
    /// The names of the fields in their order, those too that only some codes have.
    pub(super) const FIELDS: [&str; 12] = [
        "id",
        "mentor_id",
        "org_id",
        "code",
        "url",
        "status",
        "previous_code",
        "rotated_at",
        "successor_id",
        "invalidated_at",
        "created_at",
        "expires_at",
    ];

    /// The code string.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// The values of [`Self::FIELDS`].
    pub(super) fn values(&self) -> [Option<&str>; Self::FIELDS.len()] {
        // Every field by its name: one that is added has to be added here too.
        let Self {
            id,
            mentor_id,
            org_id,
            code,
            url,
            status,
            previous_code,
            rotated_at,
            successor_id,
            invalidated_at,
            created_at,
            expires_at,
        } = self;
        [
            Some(id),
            Some(mentor_id),
            Some(org_id),
            Some(code),
            Some(url),
            Some(status),
            previous_code.as_deref(),
            rotated_at.as_deref(),
            successor_id.as_deref(),
            invalidated_at.as_deref(),
            Some(created_at),
            expires_at.as_deref(),
        ]
    }

    pub(super) fn new(code: &ReferralCode, settings: &ServiceSettings, now: Timestamp) -> Self {
        let (successor_id, invalidated_at) = match &code.state {
            State::Active | State::Expired { .. } => (None, None),
            State::Rotated { successor, .. } => (Some(successor.id.to_string()), None),
            State::Invalidated { at } => (None, Some(at.to_string())),
        };
        Self {
            id: code.id.to_string(),
            mentor_id: code.mentor_id.to_string(),
            org_id: code.org_id.to_string(),
            code: code.code.to_string(),
            url: join_url(&code.code, settings),
            status: code.status(now).as_str(),
            previous_code: code.rotated_from().map(|predecessor| predecessor.code.to_string()),
            rotated_at: code.rotated_at().map(|at| at.to_string()),
            successor_id,
            invalidated_at,
            created_at: code.created_at().to_string(),
            expires_at: code.expires_at.map(|at| at.to_string()),
        }
    }
}

impl ListDocument {
    /// The codes of the page.
    pub(super) fn codes(&self) -> &[CodeDocument] {
        &self.data
    }

    pub(super) fn page(page: &Page, request: &PageRequest, settings: &ServiceSettings, now: Timestamp) -> Self {
        let PageRequest { page: number, limit, .. } = *request;
        Self {
            data: documents(&page.codes, settings, now),
            pagination: Pagination::Numbered { page: number, limit, total: page.total },
        }
    }

    pub(super) fn cursor_page(
        codes: &[ReferralCode],
        limit: u32,
        next_cursor: Option<String>,
        settings: &ServiceSettings,
        now: Timestamp,
    ) -> Self {
        Self { data: documents(codes, settings, now), pagination: Pagination::Cursor { limit, next_cursor } }
    }
}

impl InvalidatedDocument {
    pub(super) fn new(invalidated: &Invalidated) -> Self {
        Self { id: invalidated.id.to_string(), status: "invalidated", invalidated_at: invalidated.at.to_string() }
    }
}

impl ShortLinkDocument {
    pub(super) fn new(code: &CodeString, settings: &ServiceSettings) -> Self {
        Self {
            code: code.to_string(),
            status: Status::Active.as_str(),
            url: join_url(code, settings),
            short_url: short_url(code, settings),
        }
    }
}

impl UrlDocument {
    pub(super) fn new(code: &CodeString, settings: &ServiceSettings, now: Timestamp) -> Self {
        Self {
            code: code.to_string(),
            url: join_url(code, settings),
            short_url: short_url(code, settings),
            generated_at: now.to_string(),
        }
    }
}

/// A successful response with a document.
pub(super) fn json(status: StatusCode, document: &impl Serialize) -> Result<Response<Body>, Problem> {
    let body = serde_json::to_string(document)
        .map_err(|error| Problem::internal(format!("cannot write the document: {error}")))?;
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // A code can end at any moment, so no cache may keep it.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The response to OPTIONS: the methods of the path, and no body.
pub(super) fn options(allow: &str) -> Response<Body> {
    let mut response = Response::new(Body::Text(String::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_str(allow).expect("methods are ASCII"));
    response
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

fn documents(codes: &[ReferralCode], settings: &ServiceSettings, now: Timestamp) -> Vec<CodeDocument> {
    codes.iter().map(|code| CodeDocument::new(code, settings, now)).collect()
}

/// Where a code leads: the owner's `url`.
pub(super) fn join_url(code: &CodeString, settings: &ServiceSettings) -> String {
    format!("{}?ref={code}", settings.join_url_base)
}

/// What a mentor hands out: the owner's `short_url`.
pub(super) fn short_url(code: &CodeString, settings: &ServiceSettings) -> String {
    format!("{}/{code}", settings.short_url_base)
}
