//! A function's answer as a response, and the responses that API Gateway makes by itself.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    headers: Map<String, Value>,
    #[serde(default)]
    body: Option<String>,
    is_base64_encoded: bool,
}

pub(super) fn response(answer: &RawValue) -> Result<Response, Box<dyn std::error::Error>> {
    let answer: Answer = serde_json::from_str(answer.get())?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded { STANDARD.decode(body)? } else { body.into_bytes() };
    let mut response = Response::builder().status(answer.status_code);
    for (name, value) in &answer.headers {
        response = response.header(name, value.as_str().unwrap_or_default());
    }
    Ok(response.body(Body::from(body))?)
}

/// What API Gateway answers without the function: `{"message": …}`.
pub fn own_response(status: StatusCode, message: &str) -> Response {
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    response.body(Body::from(json!({ "message": message }).to_string())).expect("a plain response")
}
