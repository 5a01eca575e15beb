//! The catalogue of errors, as RFC 9457 problem documents.
//!
//! A `detail` says what failed and what to do. It shows no internals: those are a separate field, for the log only, and
//! each is logged once, here.
//! <https://www.rfc-editor.org/rfc/rfc9457>

use std::borrow::Cow;

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;

use crate::limits::{RECOVERY_TIME, RETRY_AFTER_SECONDS};
use crate::model::{CodeId, OutOfSight, Status};
use crate::store::{GetOrCreateError, InvalidateError, ListError, NotActive, RotateError, StoreError, ViewError};

/// The contract's errors. A new one compiles only with a status, a code and a title.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ProblemCode {
    /// 400: the body is missing, not UTF-8, or not a JSON object.
    InvalidJson,
    /// 400: a query parameter is malformed or out of range.
    InvalidParameter,
    /// 401: no verified token.
    Unauthenticated,
    /// 403: the token has no scope that allows the request.
    InsufficientScope,
    /// 403: the token is not for this organisation, or for none.
    OrgMismatch,
    /// 403: rotation by another mentor, or a token for another mentor.
    MentorMismatch,
    /// 404: no such code.
    CodeNotFound,
    /// 404: no such path.
    RouteNotFound,
    /// 405.
    MethodNotAllowed,
    /// 409: the mentor's active code is for another organisation.
    MentorInOtherOrg,
    /// 409: the code is not active, and only an active one can be changed.
    CodeNotActive,
    /// 410: the URL or the short link of a code that is not active.
    CodeGone,
    /// 413.
    BodyTooLarge,
    /// 415.
    UnsupportedMediaType,
    /// 422: a field of the body is missing, or has the wrong type or form.
    ValidationFailed,
    /// 500.
    Internal,
    /// 503.
    Unavailable,
}

impl ProblemCode {
    /// Every entry of the catalogue.
    pub const ALL: [Self; 17] = [
        Self::InvalidJson,
        Self::InvalidParameter,
        Self::Unauthenticated,
        Self::InsufficientScope,
        Self::OrgMismatch,
        Self::MentorMismatch,
        Self::CodeNotFound,
        Self::RouteNotFound,
        Self::MethodNotAllowed,
        Self::MentorInOtherOrg,
        Self::CodeNotActive,
        Self::CodeGone,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::ValidationFailed,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The HTTP status, the contract's `code`, and the title.
    #[must_use]
    pub fn entry(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::InvalidJson => (StatusCode::BAD_REQUEST, "invalid_json", "The body is not a JSON object"),
            Self::InvalidParameter => (StatusCode::BAD_REQUEST, "invalid_parameter", "A parameter is not valid"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated", "There is no verified token"),
            Self::InsufficientScope => {
                (StatusCode::FORBIDDEN, "insufficient_scope", "The token does not have the scope for this")
            }
            Self::OrgMismatch => (StatusCode::FORBIDDEN, "org_mismatch", "The token is not for this organisation"),
            Self::MentorMismatch => (StatusCode::FORBIDDEN, "mentor_mismatch", "The code belongs to another mentor"),
            Self::CodeNotFound => (StatusCode::NOT_FOUND, "code_not_found", "There is no such code"),
            Self::RouteNotFound => (StatusCode::NOT_FOUND, "route_not_found", "There is no such path"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "The path does not support this method")
            }
            Self::MentorInOtherOrg => {
                (StatusCode::CONFLICT, "mentor_in_other_org", "The mentor has an active code in another organisation")
            }
            Self::CodeNotActive => (StatusCode::CONFLICT, "code_not_active", "The code is not active"),
            Self::CodeGone => (StatusCode::GONE, "code_not_active", "The code is not active"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The body is not JSON")
            }
            Self::ValidationFailed => {
                (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", "A field of the body is not valid")
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The service failed"),
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The service is temporarily unavailable")
            }
        }
    }
}

/// One error in a request's input.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub(super) struct InvalidPart {
    /// The field of the body, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pointer: Option<&'static str>,
    /// The query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parameter: Option<&'static str>,
    /// What is valid, as the end of a sentence that begins with the field's or the parameter's name.
    pub(super) detail: String,
}

impl InvalidPart {
    /// The `expires_at` of a body has passed.
    pub(super) fn expired() -> Self {
        Self { pointer: Some("/expires_at"), parameter: None, detail: "must be in the future".into() }
    }
}

/// An error response.
#[derive(Debug)]
pub(super) struct Problem {
    code: ProblemCode,
    detail: Cow<'static, str>,
    active_id: Option<CodeId>,
    code_status: Option<Status>,
    errors: Box<[InvalidPart]>,
    allow: Option<Box<str>>,
    /// Of a 415: whether the body was compressed.
    is_encoded: bool,
    /// Of a 401 or a 403: how to authenticate.
    www_authenticate: Option<Box<str>>,
    /// Of a 503, in seconds.
    retry_after: u32,
    /// For the log only.
    error: Option<Box<str>>,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_status: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [InvalidPart],
}

impl Problem {
    fn new(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            active_id: None,
            code_status: None,
            errors: Box::default(),
            allow: None,
            is_encoded: false,
            www_authenticate: None,
            retry_after: RETRY_AFTER_SECONDS,
            error: None,
        }
    }

    pub(super) fn invalid_json(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ProblemCode::InvalidJson, detail)
    }

    pub(super) fn invalid_event(detail: &'static str) -> Self {
        Self::new(ProblemCode::InvalidParameter, detail)
    }

    pub(super) fn invalid_parameters(errors: Vec<InvalidPart>) -> Self {
        let detail = "Correct the query parameters listed under `errors`, or leave them out.";
        Self { errors: errors.into(), ..Self::new(ProblemCode::InvalidParameter, detail) }
    }

    pub(super) fn validation_failed(errors: Vec<InvalidPart>) -> Self {
        let detail = "Correct the fields listed under `errors` and send the request again.";
        Self { errors: errors.into(), ..Self::new(ProblemCode::ValidationFailed, detail) }
    }

    pub(super) fn unsupported_media_type() -> Self {
        Self::new(ProblemCode::UnsupportedMediaType, "Send the body as JSON, with `Content-Type: application/json`.")
    }

    /// <https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16>
    pub(super) fn unsupported_content_coding() -> Self {
        let detail = "Send the body as it is, without compression and without `Content-Encoding`.";
        Self { is_encoded: true, ..Self::new(ProblemCode::UnsupportedMediaType, detail) }
    }

    pub(super) fn body_too_large(max_bytes: usize) -> Self {
        Self::new(ProblemCode::BodyTooLarge, format!("The body has more than {max_bytes} bytes. Send a smaller one."))
    }

    pub(super) fn unauthenticated() -> Self {
        let detail = "Send a valid token in the header `Authorization: Bearer …`.";
        let www_authenticate = Some("Bearer".into());
        Self { www_authenticate, ..Self::new(ProblemCode::Unauthenticated, detail) }
    }

    /// <https://www.rfc-editor.org/rfc/rfc6750#section-3.1>
    pub(super) fn insufficient_scope(scope: &str) -> Self {
        let detail = format!("Send a token with the scope {scope}.");
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
        Self { www_authenticate: Some(challenge.into()), ..Self::new(ProblemCode::InsufficientScope, detail) }
    }

    pub(super) fn no_org_in_token() -> Self {
        let detail =
            "The token names no organisation, or not one valid id. Get a token with the claim of one organisation.";
        Self::new(ProblemCode::OrgMismatch, detail)
    }

    pub(super) fn unclear_mentor_in_token() -> Self {
        let detail = "The token's claim of its mentor is not one valid id. Get a token with the claim of one mentor.";
        Self::new(ProblemCode::MentorMismatch, detail)
    }

    pub(super) fn route_not_found() -> Self {
        let detail = "Nothing is served at this path. The codes are at /api/v1/referral-codes.";
        Self::new(ProblemCode::RouteNotFound, detail)
    }

    pub(super) fn method_not_allowed(allow: &str) -> Self {
        let detail = format!("This path does not support the method. Use one of: {allow}.");
        Self { allow: Some(allow.into()), ..Self::new(ProblemCode::MethodNotAllowed, detail) }
    }

    pub(super) fn code_not_found() -> Self {
        let detail = "No code has this id. Use an `id` as POST or the list returns it, like rc_8f3a21bc.";
        Self::new(ProblemCode::CodeNotFound, detail)
    }

    pub(super) fn code_gone(status: Status) -> Self {
        let detail = "Only an active code has a URL. Get the mentor's active code with POST /api/v1/referral-codes.";
        Self { code_status: Some(status), ..Self::new(ProblemCode::CodeGone, detail) }
    }

    pub(super) fn short_link_not_found() -> Self {
        let detail = "No code is written like this. Check it with the person who gave it, or join without a code.";
        Self::new(ProblemCode::CodeNotFound, detail)
    }

    pub(super) fn short_link_gone(status: Status) -> Self {
        let detail =
            "The code can no longer be used. Ask the person who gave it for a new one, or join without a code.";
        Self { code_status: Some(status), ..Self::new(ProblemCode::CodeGone, detail) }
    }

    fn code_not_active(status: Status, active_id: Option<CodeId>) -> Self {
        let detail = match active_id {
            Some(_) => "The code is no longer active. Use the mentor's active code: its id is `active_id`.",
            None => {
                "The code is no longer active, and its mentor has no active code. Make one with POST \
                 /api/v1/referral-codes."
            }
        };
        Self { code_status: Some(status), active_id, ..Self::new(ProblemCode::CodeNotActive, detail) }
    }

    pub(super) fn internal(error: impl Into<String>) -> Self {
        let detail =
            "The service failed. It is safe to repeat the request. If it fails again, report its `request_id`.";
        Self { error: Some(error.into().into_boxed_str()), ..Self::new(ProblemCode::Internal, detail) }
    }

    pub(super) fn unavailable(error: impl Into<String>) -> Self {
        let detail = "Repeat the request after the number of seconds in `Retry-After`. It is safe to repeat it.";
        Self { error: Some(error.into().into_boxed_str()), ..Self::new(ProblemCode::Unavailable, detail) }
    }

    /// The `code` of the document.
    pub(super) fn code(&self) -> &'static str {
        self.code.entry().1
    }

    /// The document with its headers. Logs the error behind a 500 or a 503.
    pub(super) fn into_response(self, request_id: &str) -> Response<Body> {
        let (status, code, title) = self.code.entry();
        match (&self.error, self.code) {
            (Some(error), ProblemCode::Unavailable) => tracing::warn!(request_id, error, "returned 503"),
            (Some(error), _) => tracing::error!(request_id, error, "request failed"),
            (None, _) => {}
        }
        let document = Document {
            r#type: format!("urn:problem-type:referral-codes:{code}"),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            code,
            request_id,
            active_id: self.active_id.as_ref().map(CodeId::as_str),
            code_status: self.code_status.map(Status::as_str),
            errors: &self.errors,
        };
        let body = serde_json::to_string(&document).expect("strings and numbers are JSON");
        let mut response = Response::new(Body::Text(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_str(&allow).expect("methods are ASCII"));
        }
        if self.is_encoded {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        if let Some(challenge) = self.www_authenticate {
            let challenge = HeaderValue::from_str(&challenge).expect("a scope is visible ASCII");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if self.code == ProblemCode::Unavailable {
            headers.insert(header::RETRY_AFTER, self.retry_after.into());
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::unavailable(error.to_string()),
            StoreError::Contended(_) => {
                let seconds = u32::try_from(RECOVERY_TIME.as_secs()).unwrap_or(u32::MAX);
                Self { retry_after: seconds, ..Self::unavailable(error.to_string()) }
            }
            StoreError::Misconfigured(_) | StoreError::Unsound(_) | StoreError::Fault(_) => {
                Self::internal(error.to_string())
            }
        }
    }
}

impl From<OutOfSight> for Problem {
    fn from(out: OutOfSight) -> Self {
        match out {
            OutOfSight::Org => {
                let detail = "The token is for another organisation. Send that organisation's `org_id`, or leave it out of a filter.";
                Self::new(ProblemCode::OrgMismatch, detail)
            }
            OutOfSight::Mentor => {
                let detail =
                    "The token is for another mentor. Send that mentor's `mentor_id`, or leave it out of a filter.";
                Self::new(ProblemCode::MentorMismatch, detail)
            }
        }
    }
}

impl<E> From<ViewError<E>> for Problem
where
    Self: From<E>,
{
    fn from(error: ViewError<E>) -> Self {
        match error {
            ViewError::OutOfSight(out) => out.into(),
            ViewError::Refused(error) => error.into(),
        }
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::TooMany { most } => {
                let detail = format!(
                    "cannot be used here: numbered pages cover at most {most} codes under this filter. Use `cursor=`, \
                     then each `next_cursor`, or narrow the filter by `org_id` or `mentor_id`"
                );
                Self::invalid_parameters(vec![InvalidPart { pointer: None, parameter: Some("page"), detail }])
            }
            ListError::Store(error) => error.into(),
        }
    }
}

impl From<GetOrCreateError> for Problem {
    fn from(error: GetOrCreateError) -> Self {
        match error {
            GetOrCreateError::MentorInOtherOrg { active_id } => {
                let detail = match active_id {
                    Some(_) => {
                        "The mentor has an active code in another organisation: its id is `active_id`. Invalidate that \
                         code first, or send its `org_id`."
                    }
                    None => {
                        "The mentor has an active code in another organisation, which this token may not see. That \
                         organisation has to invalidate it first."
                    }
                };
                Self { active_id, ..Self::new(ProblemCode::MentorInOtherOrg, detail) }
            }
            GetOrCreateError::Expired => Self::validation_failed(vec![InvalidPart::expired()]),
            GetOrCreateError::Store(error) => error.into(),
        }
    }
}

impl From<RotateError> for Problem {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::NotFound => Self::code_not_found(),
            RotateError::MentorMismatch => {
                let detail = "The code belongs to another mentor. Send the `mentor_id` of the code's own mentor.";
                Self::new(ProblemCode::MentorMismatch, detail)
            }
            RotateError::NotActive(NotActive { status, active_id }) => Self::code_not_active(status, active_id),
            RotateError::Store(error) => error.into(),
        }
    }
}

impl From<InvalidateError> for Problem {
    fn from(error: InvalidateError) -> Self {
        match error {
            InvalidateError::NotFound => Self::code_not_found(),
            InvalidateError::NotActive(NotActive { status, active_id }) => Self::code_not_active(status, active_id),
            InvalidateError::Store(error) => error.into(),
        }
    }
}
