//! Request bodies: JSON becomes values of the model here, so that no layer below checks a string. All errors of a body
//! are reported together.

use std::fmt::Display;

use lambda_http::Request;
use lambda_http::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::problem::{InvalidPart, Problem};
use crate::limits::MAX_BODY_BYTES;
use crate::model::{MentorId, MentorName, OrgId, Timestamp};

/// The body of POST.
pub(super) struct GetOrCreateBody {
    pub(super) mentor_id: MentorId,
    pub(super) org_id: OrgId,
    pub(super) mentor_name: Option<MentorName>,
    pub(super) expires_at: Option<Timestamp>,
}

/// The body of PUT. Its only `action` is `rotate`.
pub(super) struct RotateBody {
    pub(super) mentor_id: MentorId,
}

impl GetOrCreateBody {
    pub(super) fn parse(request: &Request, now: Timestamp) -> Result<Self, Problem> {
        let mut fields = Fields::read(request)?;
        let mentor_id = fields.required("mentor_id", "/mentor_id", MentorId::parse);
        let org_id = fields.required("org_id", "/org_id", OrgId::parse);
        let mentor_name = fields.optional("mentor_name", "/mentor_name", MentorName::parse);
        let expires_at = fields.optional("expires_at", "/expires_at", parse_time);
        // A body with other errors makes no code in any case, and its errors are reported together.
        if !fields.errors.is_empty() && expires_at.is_some_and(|at| at <= now) {
            fields.errors.push(InvalidPart::expired());
        }
        match (mentor_id, org_id, fields.errors.is_empty()) {
            (Some(mentor_id), Some(org_id), true) => Ok(Self { mentor_id, org_id, mentor_name, expires_at }),
            _ => Err(Problem::validation_failed(fields.errors)),
        }
    }
}

impl RotateBody {
    pub(super) fn parse(request: &Request) -> Result<Self, Problem> {
        let mut fields = Fields::read(request)?;
        let mentor_id = fields.required("mentor_id", "/mentor_id", MentorId::parse);
        let rotate = |text: &str| if text == "rotate" { Ok(()) } else { Err("must be \"rotate\"") };
        fields.required("action", "/action", rotate);
        match (mentor_id, fields.errors.is_empty()) {
            (Some(mentor_id), true) => Ok(Self { mentor_id }),
            _ => Err(Problem::validation_failed(fields.errors)),
        }
    }
}

fn parse_time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text).map_err(|_| "must be an RFC 3339 time, like 2027-01-31T12:00:00Z")
}

/// The fields of a body, and the errors in those that were read. Unknown fields are ignored.
struct Fields {
    object: Map<String, Value>,
    errors: Vec<InvalidPart>,
}

impl Fields {
    fn read(request: &Request) -> Result<Self, Problem> {
        let body: &[u8] = request.body();
        if body.is_empty() {
            return Err(Problem::invalid_json("The body is missing. Send a JSON object."));
        }
        let content_type = request.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or("unreadable"));
        if !content_type.is_none_or(is_json) {
            return Err(Problem::unsupported_media_type());
        }
        if body.len() > MAX_BODY_BYTES {
            return Err(Problem::body_too_large(MAX_BODY_BYTES));
        }
        let Ok(text) = std::str::from_utf8(body) else {
            return Err(Problem::invalid_json("The body is not UTF-8. Send a JSON object in UTF-8."));
        };
        if text.starts_with('\u{feff}') {
            return Err(Problem::invalid_json(
                "The body begins with a UTF-8 byte order mark (EF BB BF). Send the JSON object without it.",
            ));
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Ok(Self { object, errors: Vec::new() }),
            Ok(_) => Err(Problem::invalid_json("The body is JSON, but not an object. Send a JSON object.")),
            Err(error) => Err(Problem::invalid_json(format!("The body is not JSON: {error}. Send a JSON object."))),
        }
    }

    fn required<T, E: Display>(
        &mut self,
        name: &str,
        pointer: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.object.contains_key(name) {
            self.parse_present(name, pointer, parse)
        } else {
            self.add_error(pointer, "is required");
            None
        }
    }

    /// Null counts as absent: a response has `expires_at: null` if a code does not expire, and a client can send that
    /// back.
    fn optional<T, E: Display>(
        &mut self,
        name: &str,
        pointer: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.object.get(name).is_none_or(Value::is_null) { None } else { self.parse_present(name, pointer, parse) }
    }

    fn parse_present<T, E: Display>(
        &mut self,
        name: &str,
        pointer: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        match self.object.get(name).and_then(Value::as_str).map(parse) {
            Some(Ok(value)) => return Some(value),
            Some(Err(error)) => self.add_error(pointer, error),
            None => self.add_error(pointer, "must be a string"),
        }
        None
    }

    fn add_error(&mut self, pointer: &'static str, detail: impl Display) {
        self.errors.push(InvalidPart { pointer: Some(pointer), parameter: None, detail: detail.to_string() });
    }
}

/// `application/json` or any `application/…+json` (RFC 6839), with any parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
