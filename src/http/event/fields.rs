//! What this service reads of an event. All other fields are ignored, whatever they hold.

use std::borrow::Cow;

use lambda_http::http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::http::json_object::{JsonObject, Text};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fields<'a> {
    pub(super) raw_path: Option<String>,
    pub(super) path: Option<String>,
    #[serde(borrow)]
    pub(super) raw_query_string: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) http_method: Option<Text<'a>>,
    #[serde(borrow)]
    headers: Option<JsonObject<'a>>,
    #[serde(borrow)]
    multi_value_headers: Option<JsonObject<'a>>,
    #[serde(borrow)]
    query_string_parameters: Option<JsonObject<'a>>,
    #[serde(borrow)]
    multi_value_query_string_parameters: Option<JsonObject<'a>>,
    #[serde(borrow)]
    pub(super) route_key: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) resource: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) request_context: RequestContext<'a>,
    pub(super) body: Option<String>,
    pub(super) is_base64_encoded: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestContext<'a> {
    pub(super) elb: Option<IgnoredAny>,
    #[serde(borrow)]
    pub(super) http: Option<Http<'a>>,
    pub(super) http_method: Option<IgnoredAny>,
    #[serde(borrow)]
    pub(super) authorizer: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) account_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) domain_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) identity: Option<Identity<'a>>,
    pub(super) path: Option<String>,
    #[serde(borrow)]
    pub(super) request_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) resource_path: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) route_key: Option<Text<'a>>,
    pub(super) stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Http<'a> {
    #[serde(borrow)]
    pub(super) method: Text<'a>,
    #[serde(borrow)]
    pub(super) source_ip: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identity<'a> {
    #[serde(borrow)]
    pub(super) source_ip: Option<Text<'a>>,
}

impl Fields<'_> {
    /// The headers; none if one of them cannot be one. Of a header that was sent twice, `headers` has the last value. The token
    /// is left behind: API Gateway has verified it, and nothing here reads it.
    pub(super) fn headers(&mut self) -> Option<HeaderMap> {
        let pairs = pairs(self.multi_value_headers.take(), self.headers.take())?;
        let mut headers = HeaderMap::with_capacity(pairs.len());
        for (name, value) in pairs {
            if name.eq_ignore_ascii_case("authorization") {
                continue;
            }
            headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(&value).ok()?);
        }
        Some(headers)
    }

    /// The parameters as a query, in which this is encoded; none if one of them is no string.
    pub(super) fn parameters(&mut self, encoded: &'static AsciiSet) -> Option<String> {
        let pairs = pairs(self.multi_value_query_string_parameters.take(), self.query_string_parameters.take())?;
        let encode = |text| utf8_percent_encode(text, encoded);
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        Some(pairs.join("&"))
    }
}

type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Names and their values: each has a list of them in `many`, or one in `one`, which counts if `many` is empty.
fn pairs<'a>(many: Option<JsonObject<'a>>, one: Option<JsonObject<'a>>) -> Option<Pairs<'a>> {
    let mut pairs = Vec::new();
    for (name, json) in many.filter(|many| !many.0.is_empty()).or(one).into_iter().flat_map(|object| object.0) {
        if json.starts_with('[') {
            let values: Vec<Text<'_>> = serde_json::from_str(json).ok().filter(|values: &Vec<_>| !values.is_empty())?;
            pairs.extend(values.into_iter().map(|Text(value)| (name.clone(), value)));
        } else {
            let Text(value) = serde_json::from_str(json).ok()?;
            pairs.push((name, value));
        }
    }
    Some(pairs)
}
