//! The catalogue of errors, as RFC 9457 problem documents.
//!
//! Each variant of [`Problem`] is one error, with its `detail`: what failed and what to do. It shows no internals: those
//! are for the log only, and each is logged once, here.
//! <https://www.rfc-editor.org/rfc/rfc9457>

use std::borrow::Cow;

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;

use super::responses::{response, uncached};
use crate::limits::{MAX_BODY_BYTES, MAX_CODES_READ, RECOVERY_TIME, RETRY_AFTER_SECONDS};
use crate::model::{CodeId, OutOfSight, Status};
use crate::store::{GetOrCreateError, InvalidateError, ListError, NotActive, RotateError, StoreError};

#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub(super) struct InvalidPart {
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'static str>,
    detail: String,
}

impl InvalidPart {
    /// A field of the body, as a JSON pointer (RFC 6901), and what is valid: the end of a sentence that begins with its name.
    pub(super) fn field(pointer: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer), parameter: None, detail: detail.into() }
    }

    /// The same of a query parameter.
    pub(super) fn parameter(name: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name), detail: detail.into() }
    }

    pub(super) fn expired() -> Self {
        Self::field("/expires_at", "must be in the future")
    }
}

/// An error response. Its text is the `detail`.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("{0}")]
    InvalidJson(Cow<'static, str>),
    /// What a gateway would not have sent.
    #[error("{0}")]
    InvalidEvent(&'static str),
    #[error("Correct the query parameters listed under `errors`, or leave them out.")]
    InvalidParameters(Vec<InvalidPart>),
    #[error("Correct the fields listed under `errors` and send the request again.")]
    ValidationFailed(Vec<InvalidPart>),
    #[error("Send the body as JSON, with `Content-Type: application/json`.")]
    UnsupportedMediaType,
    #[error("Send the body as it is, without compression and without `Content-Encoding`.")]
    UnsupportedContentCoding,
    #[error("The body has more than {MAX_BODY_BYTES} bytes. Send a smaller one.")]
    BodyTooLarge,
    #[error("Send a valid token in the header `Authorization: Bearer …`.")]
    Unauthenticated,
    #[error("Send a token with the scope {0}.")]
    InsufficientScope(String),
    #[error("The token names no organisation, or not one valid id. Get a token with the claim of one organisation.")]
    NoOrgInToken,
    #[error("The token's claim of its mentor is not one valid id. Get a token with the claim of one mentor.")]
    UnclearMentorInToken,
    #[error("The token is for another organisation. Send that organisation's `org_id`, or leave it out of a filter.")]
    OrgOutOfSight,
    #[error("The token is for another mentor. Send that mentor's `mentor_id`, or leave it out of a filter.")]
    MentorOutOfSight,
    #[error("The code belongs to another mentor. Send the `mentor_id` of the code's own mentor.")]
    MentorMismatch,
    #[error("The organisation is closed, so it gets no new codes. Ask those who run the service to open it again.")]
    OrgClosed,
    #[error("Nothing is served at this path. The codes are at /api/v1/referral-codes.")]
    RouteNotFound,
    #[error("This path does not support the method. Use one of: {0}.")]
    MethodNotAllowed(String),
    #[error("No code has this id. Use an `id` as POST or the list returns it, like rc_8f3a21bc.")]
    CodeNotFound,
    #[error("Only an active code has a URL. Get the mentor's active code with POST /api/v1/referral-codes.")]
    CodeGone(Status),
    #[error("No code is written like this. Check it with the person who gave it, or join without a code.")]
    ShortLinkNotFound,
    #[error("The code can no longer be used. Ask the person who gave it for a new one, or join without a code.")]
    ShortLinkGone(Status),
    #[error("The mentor has an active code in another organisation{}", match .0 {
        Some(_) => ": its id is `active_id`. Invalidate that code first, or send its `org_id`.",
        None => ", which this token may not see. That organisation has to invalidate it first.",
    })]
    MentorInOtherOrg(Option<CodeId>),
    #[error("The code is no longer active{}", match .0.active_id {
        Some(_) => ". Use the mentor's active code: its id is `active_id`.",
        None => ", and its mentor has no active code. Make one with POST /api/v1/referral-codes.",
    })]
    NotActive(NotActive),
    /// With what the log tells.
    #[error("The service failed. It is safe to repeat the request. If it fails again, report its `request_id`.")]
    Internal(String),
    #[error("Repeat the request after the number of seconds in `Retry-After`. It is safe to repeat it.")]
    Unavailable {
        /// For the log.
        error: String,
        retry_after: u64,
    },
}

/// An error of the contract: its HTTP status, its `code`, and its title.
type Entry = (StatusCode, &'static str, &'static str);

/// Makes the catalogue. A [`Problem`] without an entry does not compile.
macro_rules! catalogue {
    ($($problem:pat => $status:ident, $code:literal, $title:literal;)+) => {
        /// The contract's errors: of each the HTTP status, the `code`, and the title.
        pub const CATALOGUE: &[Entry] = &[$((StatusCode::$status, $code, $title),)+];

        impl Problem {
            fn entry(&self) -> Entry {
                match self {
                    $($problem => (StatusCode::$status, $code, $title),)+
                }
            }
        }
    };
}

catalogue! {
    Self::InvalidJson(_) => BAD_REQUEST, "invalid_json", "The body is not a JSON object";
    Self::InvalidEvent(_) | Self::InvalidParameters(_) => BAD_REQUEST, "invalid_parameter", "A parameter is not valid";
    Self::Unauthenticated => UNAUTHORIZED, "unauthenticated", "There is no verified token";
    Self::InsufficientScope(_) => FORBIDDEN, "insufficient_scope", "The token does not have the scope for this";
    Self::NoOrgInToken | Self::OrgOutOfSight => FORBIDDEN, "org_mismatch", "The token is not for this organisation";
    Self::UnclearMentorInToken | Self::MentorOutOfSight | Self::MentorMismatch =>
        FORBIDDEN, "mentor_mismatch", "The code belongs to another mentor";
    Self::OrgClosed => FORBIDDEN, "org_closed", "The organisation is closed";
    Self::CodeNotFound | Self::ShortLinkNotFound => NOT_FOUND, "code_not_found", "There is no such code";
    Self::RouteNotFound => NOT_FOUND, "route_not_found", "There is no such path";
    Self::MethodNotAllowed(_) => METHOD_NOT_ALLOWED, "method_not_allowed", "The path does not support this method";
    Self::MentorInOtherOrg(_) =>
        CONFLICT, "mentor_in_other_org", "The mentor has an active code in another organisation";
    Self::NotActive(_) => CONFLICT, "code_not_active", "The code is not active";
    Self::CodeGone(_) | Self::ShortLinkGone(_) => GONE, "code_not_active", "The code is not active";
    Self::BodyTooLarge => PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large";
    Self::UnsupportedMediaType | Self::UnsupportedContentCoding =>
        UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The body is not JSON";
    Self::ValidationFailed(_) => UNPROCESSABLE_ENTITY, "validation_failed", "A field of the body is not valid";
    Self::Internal(_) => INTERNAL_SERVER_ERROR, "internal", "The service failed";
    Self::Unavailable { .. } => SERVICE_UNAVAILABLE, "unavailable", "The service is temporarily unavailable";
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_id: Option<&'a CodeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_status: Option<Status>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [InvalidPart],
}

impl Problem {
    pub(super) fn unavailable(error: impl Into<String>) -> Self {
        Self::Unavailable { error: error.into(), retry_after: RETRY_AFTER_SECONDS }
    }

    pub(super) fn code(&self) -> &'static str {
        self.entry().1
    }

    /// The document with its headers. Logs the error behind a 500 or a 503.
    pub(super) fn into_response(self, request_id: &str) -> Response<Body> {
        let (status, code, title) = self.entry();
        let mut document = Document {
            r#type: format!("urn:problem-type:referral-codes:{code}"),
            title,
            status: status.as_u16(),
            detail: self.to_string(),
            code,
            request_id,
            active_id: None,
            code_status: None,
            errors: &[],
        };
        let mut header = None;
        match &self {
            Self::InvalidParameters(errors) | Self::ValidationFailed(errors) => document.errors = errors,
            Self::MentorInOtherOrg(active_id) => document.active_id = active_id.as_ref(),
            Self::NotActive(NotActive { status, active_id }) => {
                (document.code_status, document.active_id) = (Some(*status), active_id.as_ref());
            }
            Self::CodeGone(status) | Self::ShortLinkGone(status) => document.code_status = Some(*status),
            Self::MethodNotAllowed(methods) => header = Some((header::ALLOW, methods.clone())),
            // <https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16>
            Self::UnsupportedContentCoding => header = Some((header::ACCEPT_ENCODING, "identity".into())),
            Self::Unauthenticated => header = Some((header::WWW_AUTHENTICATE, "Bearer".into())),
            // <https://www.rfc-editor.org/rfc/rfc6750#section-3.1>
            Self::InsufficientScope(scope) => {
                let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
                header = Some((header::WWW_AUTHENTICATE, challenge));
            }
            Self::Internal(error) => tracing::error!(request_id, error, "request failed"),
            Self::Unavailable { error, retry_after } => {
                tracing::warn!(request_id, error, "returned 503");
                header = Some((header::RETRY_AFTER, retry_after.to_string()));
            }
            _ => {}
        }
        let body = serde_json::to_string(&document).expect("strings and numbers are JSON");
        let mut response = response(status, body, uncached("application/problem+json"));
        if let Some((name, value)) = header {
            let value = HeaderValue::try_from(value).expect("methods, scopes and numbers are visible ASCII");
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        match error {
            StoreError::Unavailable(_) => Self::unavailable(text),
            StoreError::Contended(_) => Self::Unavailable { error: text, retry_after: RECOVERY_TIME.as_secs() },
            StoreError::Fault(_) => Self::Internal(text),
        }
    }
}

impl From<OutOfSight> for Problem {
    fn from(named: OutOfSight) -> Self {
        match named {
            OutOfSight::Org => Self::OrgOutOfSight,
            OutOfSight::Mentor => Self::MentorOutOfSight,
        }
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::OutOfSight(named) => named.into(),
            ListError::TooMany => {
                let detail = format!(
                    "cannot be used here: numbered pages cover at most {MAX_CODES_READ} codes under this filter. Use `cursor=`, \
                     then each `next_cursor`, or narrow the filter by `org_id` or `mentor_id`"
                );
                Self::InvalidParameters(vec![InvalidPart::parameter("page", detail)])
            }
            ListError::Store(error) => error.into(),
        }
    }
}

impl From<GetOrCreateError> for Problem {
    fn from(error: GetOrCreateError) -> Self {
        match error {
            GetOrCreateError::OutOfSight(named) => named.into(),
            GetOrCreateError::MentorInOtherOrg { active_id } => Self::MentorInOtherOrg(active_id),
            GetOrCreateError::OrgClosed => Self::OrgClosed,
            GetOrCreateError::Expired => Self::ValidationFailed(vec![InvalidPart::expired()]),
            GetOrCreateError::Store(error) => error.into(),
        }
    }
}

impl From<RotateError> for Problem {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::NotFound => Self::CodeNotFound,
            RotateError::MentorMismatch => Self::MentorMismatch,
            RotateError::OrgClosed => Self::OrgClosed,
            RotateError::NotActive(not_active) => Self::NotActive(not_active),
            RotateError::Store(error) => error.into(),
        }
    }
}

impl From<InvalidateError> for Problem {
    fn from(error: InvalidateError) -> Self {
        match error {
            InvalidateError::NotFound => Self::CodeNotFound,
            InvalidateError::NotActive(not_active) => Self::NotActive(not_active),
            InvalidateError::Store(error) => error.into(),
        }
    }
}
