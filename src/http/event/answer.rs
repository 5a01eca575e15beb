//! A response as the sender of an event expects it, or as all of them understand it.

use lambda_http::http::{HeaderMap, HeaderValue};
use lambda_http::{Body, Response};
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::Kind;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_description: Option<String>,
    headers: Values<'a>,
    multi_value_headers: Lists<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a Body>,
    is_base64_encoded: bool,
    /// None of ours; `cargo lambda watch` asks for the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    cookies: Option<[&'a str; 0]>,
}

/// A REST API merges both forms of headers, and a load balancer takes the one that it is set up for.
pub(super) fn answer(kind: Option<Kind>, response: &Response<Body>) -> Box<RawValue> {
    let is_of_http_api = matches!(kind, Some(Kind::HttpApi | Kind::FunctionUrl));
    let (status, headers, body) = (response.status(), response.headers(), response.body());
    let none = HeaderMap::new();
    let answer = Answer {
        status_code: status.as_u16(),
        status_description: (kind == Some(Kind::LoadBalancer)).then(|| status.to_string()),
        headers: Values(if kind == Some(Kind::RestApi) { &none } else { headers }),
        multi_value_headers: Lists(if is_of_http_api { &none } else { headers }),
        body: Some(body).filter(|body| !matches!(body, Body::Empty)),
        is_base64_encoded: matches!(body, Body::Binary(_)),
        cookies: is_of_http_api.then_some([]),
    };
    to_raw_value(&answer).expect("texts and bytes are JSON")
}

/// Each name once: no response has two headers of one name.
struct Values<'a>(&'a HeaderMap);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name.as_str(), text(value))))
    }
}

struct Lists<'a>(&'a HeaderMap);

impl Serialize for Lists<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name.as_str(), [text(value)])))
    }
}

fn text(value: &HeaderValue) -> &str {
    std::str::from_utf8(value.as_bytes()).unwrap_or_default()
}
