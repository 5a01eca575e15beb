//! Request bodies: JSON becomes values of the model here, so that no layer below checks a string. All errors of a body
//! are reported together.

use std::fmt::Display;

use lambda_http::Request;
use lambda_http::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use lambda_http::http::{HeaderMap, HeaderName};
use serde_json::value::RawValue;

use super::json_object::{Field, JsonObject};
use super::problem::{InvalidPart, Problem};
use crate::limits::MAX_BODY_BYTES;
use crate::model::{Label, MentorId, MentorName, OrgId, Timestamp};
use crate::settings::ServiceSettings;
use crate::store::GetOrCreate;

/// What the body of a POST asks for.
pub(super) fn get_or_create(
    request: &Request,
    settings: &ServiceSettings,
    now: Timestamp,
) -> Result<GetOrCreate, Problem> {
    let mut fields = Fields::read(request)?;
    let mentor_id = fields.required("/mentor_id", MentorId::parse);
    let org_id = fields.required("/org_id", OrgId::parse);
    let mentor_name = fields.optional("/mentor_name", MentorName::parse);
    let expires_at = fields.optional("/expires_at", parse_time);
    // A body with other errors makes no code in any case, and its errors are reported together.
    if !fields.errors.is_empty() && expires_at.is_some_and(|at| at <= now) {
        fields.errors.push(InvalidPart::expired());
    }
    match (mentor_id, org_id, fields.errors.is_empty()) {
        (Some(mentor_id), Some(org_id), true) => Ok(GetOrCreate {
            label: Label::for_mentor(mentor_name.as_ref(), &mentor_id),
            mentor_id,
            org_id,
            campaign: settings.campaign.clone(),
            expires_at: expires_at.or_else(|| settings.code_valid_days.map(|days| now.plus_days(days))),
        }),
        _ => Err(Problem::ValidationFailed(fields.errors)),
    }
}

/// The mentor whom the body of a PUT names. Its only `action` is `rotate`.
pub(super) fn rotating_mentor(request: &Request) -> Result<MentorId, Problem> {
    let mut fields = Fields::read(request)?;
    let mentor_id = fields.required("/mentor_id", MentorId::parse);
    let rotate = |text: &str| if text == "rotate" { Ok(()) } else { Err("must be \"rotate\"") };
    fields.required("/action", rotate);
    mentor_id.filter(|_| fields.errors.is_empty()).ok_or(Problem::ValidationFailed(fields.errors))
}

fn parse_time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).map_err(|error| format!("must be an RFC 3339 time, like 2027-01-31T12:00:00Z: {error}"))
}

/// The fields of a body, and the errors in those that were read. Unknown fields are ignored, whatever JSON they hold.
struct Fields<'a> {
    object: JsonObject<'a>,
    errors: Vec<InvalidPart>,
}

impl<'a> Fields<'a> {
    fn read(request: &'a Request) -> Result<Self, Problem> {
        let body: &[u8] = request.body();
        let no_json = |detail: &'static str| Err(Problem::InvalidJson(detail.into()));
        if body.is_empty() {
            return no_json("The body is missing. Send a JSON object.");
        }
        if !every_value(request.headers(), &CONTENT_ENCODING, |coding| coding.eq_ignore_ascii_case("identity")) {
            return Err(Problem::UnsupportedContentCoding);
        }
        if !every_value(request.headers(), &CONTENT_TYPE, is_json) {
            return Err(Problem::UnsupportedMediaType);
        }
        if body.len() > MAX_BODY_BYTES {
            return Err(Problem::BodyTooLarge);
        }
        let Ok(text) = std::str::from_utf8(body) else {
            return no_json("The body is not UTF-8. Send a JSON object in UTF-8.");
        };
        if text.starts_with('\u{feff}') {
            return no_json(
                "The body begins with a UTF-8 byte order mark (EF BB BF). Send the JSON object without it.",
            );
        }
        if !text.trim_start().starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok() {
            return no_json("The body is JSON, but not an object. Send a JSON object.");
        }
        match serde_json::from_str(text) {
            Ok(object) => Ok(Self { object, errors: Vec::new() }),
            Err(error) => {
                Err(Problem::InvalidJson(format!("The body is not JSON: {error}. Send a JSON object.").into()))
            }
        }
    }

    /// The value of a field; none if the field is absent or not valid.
    fn required<T, E: Display>(&mut self, pointer: &'static str, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let error = match self.object.field(&pointer[1..]) {
            Field::Absent => "is required".to_owned(),
            Field::Once(value) if !value.starts_with('"') => "must be a string".to_owned(),
            Field::Once(value) => match serde_json::from_str::<String>(value).map(|text| parse(&text)) {
                Ok(Ok(value)) => return Some(value),
                Ok(Err(error)) => error.to_string(),
                // It is JSON, and JSON allows in a string what UTF-8 cannot write: half of a surrogate pair.
                Err(_) => "must be Unicode text: an escape like \\ud83d needs its other half".to_owned(),
            },
            Field::Repeated => "must be given once".to_owned(),
        };
        self.errors.push(InvalidPart::field(pointer, error));
        None
    }

    /// Null counts as absent: a response has `expires_at: null` if a code does not expire, and a client can send that
    /// back.
    fn optional<T, E: Display>(&mut self, pointer: &'static str, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        match self.object.field(&pointer[1..]) {
            Field::Absent | Field::Once("null") => None,
            Field::Once(_) | Field::Repeated => self.required(pointer, parse),
        }
    }
}

/// Whether every value of a header fits. A header that was sent twice is one with a comma on some gateways, and two on
/// others; commas in quotation marks separate nothing. An empty value is none.
fn every_value(headers: &HeaderMap, name: &HeaderName, fits: impl Fn(&str) -> bool) -> bool {
    headers.get_all(name).iter().all(|value| {
        let mut is_quoted = false;
        let mut values = value.to_str().unwrap_or("unreadable").split(|c| {
            is_quoted ^= c == '"';
            c == ',' && !is_quoted
        });
        values.all(|value| value.trim().is_empty() || fits(value.trim()))
    })
}

/// `application/json` or any `application/…+json` (RFC 6839), with any parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
