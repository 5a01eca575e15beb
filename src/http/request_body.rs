//! The bodies that come in, parsed at this edge into values of the model. Below it nobody checks a string. Whatever is
//! wrong is told all at once.

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

/// The body of PUT, whose only `action` is `rotate`.
pub(super) struct RotateBody {
    pub(super) mentor_id: MentorId,
}

impl GetOrCreateBody {
    pub(super) fn parse(request: &Request, now: Timestamp) -> Result<Self, Problem> {
        let mut fields = Fields::of(request)?;
        let mentor_id = fields.required("mentor_id", "/mentor_id", MentorId::parse);
        let org_id = fields.required("org_id", "/org_id", OrgId::parse);
        let mentor_name = fields.optional("mentor_name", "/mentor_name", MentorName::parse);
        let expires_at = fields.optional("expires_at", "/expires_at", |text| future_time(text, now));
        match (mentor_id, org_id, fields.errors.is_empty()) {
            (Some(mentor_id), Some(org_id), true) => Ok(Self { mentor_id, org_id, mentor_name, expires_at }),
            _ => Err(Problem::validation_failed(fields.errors)),
        }
    }
}

impl RotateBody {
    pub(super) fn parse(request: &Request) -> Result<Self, Problem> {
        let mut fields = Fields::of(request)?;
        let mentor_id = fields.required("mentor_id", "/mentor_id", MentorId::parse);
        let rotate = |text: &str| if text == "rotate" { Ok(()) } else { Err("must be \"rotate\"") };
        fields.required("action", "/action", rotate);
        match (mentor_id, fields.errors.is_empty()) {
            (Some(mentor_id), true) => Ok(Self { mentor_id }),
            _ => Err(Problem::validation_failed(fields.errors)),
        }
    }
}

fn future_time(text: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    match Timestamp::parse(text) {
        Ok(at) if at > now => Ok(at),
        Ok(_) => Err("must be in the future"),
        Err(_) => Err("must be an RFC 3339 time, like 2027-01-31T12:00:00Z"),
    }
}

/// The fields of a JSON object, and what was found wrong with those that were asked for. Others are ignored.
struct Fields {
    object: Map<String, Value>,
    errors: Vec<InvalidPart>,
}

impl Fields {
    fn of(request: &Request) -> Result<Self, Problem> {
        let body: &[u8] = request.body();
        if body.is_empty() {
            return Err(Problem::invalid_json("Send a JSON object as the body; there is none."));
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
            Ok(_) => Err(Problem::invalid_json("Send a JSON object; the body is JSON of another kind.")),
            Err(error) => Err(Problem::invalid_json(format!("Send a JSON object; the body is not JSON: {error}."))),
        }
    }

    fn required<T, E: Display>(
        &mut self,
        name: &str,
        pointer: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.object.contains_key(name) {
            self.present(name, pointer, parse)
        } else {
            self.wrong(pointer, "is required");
            None
        }
    }

    /// Null counts as absent: it is how the answers write `expires_at` of a code without one.
    fn optional<T, E: Display>(
        &mut self,
        name: &str,
        pointer: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.object.get(name).is_none_or(Value::is_null) { None } else { self.present(name, pointer, parse) }
    }

    fn present<T, E: Display>(
        &mut self,
        name: &str,
        pointer: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        match self.object.get(name).and_then(Value::as_str).map(parse) {
            Some(Ok(value)) => return Some(value),
            Some(Err(why)) => self.wrong(pointer, why),
            None => self.wrong(pointer, "must be a string"),
        }
        None
    }

    fn wrong(&mut self, pointer: &'static str, detail: impl Display) {
        self.errors.push(InvalidPart { pointer: Some(pointer), parameter: None, detail: detail.to_string() });
    }
}

/// `application/json` or any `application/…+json` (RFC 6839), whatever its parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
