//! HTTP on loopback in front of the Lambda handler: a request becomes an API Gateway HTTP API event (payload 2.0), the
//! handler answers it as in Lambda, and the answer becomes a response. As in API Gateway, the path is decoded, the query is
//! left encoded, and a body that is not text is sent as base64.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::lambda_runtime::{Context, LambdaEvent};
use referral_codes::http::Service;
use referral_codes::lambda::handle;
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use ulid::Ulid;

/// The largest event of Lambda, in bytes: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_BODY_BYTES: usize = 6 * 1024 * 1024;

/// Every path goes to the handler.
pub fn router(service: Arc<Service>) -> Router {
    Router::new().fallback(forward).with_state(service)
}

async fn forward(State(service): State<Arc<Service>>, request: Request) -> Response {
    let started = Instant::now();
    let line = format!("{} {}", request.method(), request.uri());
    let response = answer(service, request).await;
    log(&line, response.status(), started);
    response
}

async fn answer(service: Arc<Service>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, r#"{"message":"Request Entity Too Large"}"#);
    };
    let mut context = Context::default();
    context.request_id = Ulid::generate().to_string();
    let event = event(&parts, &body, &context.request_id);
    let Ok(answer) = handle(service, LambdaEvent::new(event, context)).await;
    response(&answer).unwrap_or_else(|error| {
        eprintln!("the handler's answer is no HTTP response: {error}");
        plain(StatusCode::INTERNAL_SERVER_ERROR, r#"{"message":"Internal Server Error"}"#)
    })
}

fn event(parts: &axum::http::request::Parts, body: &[u8], request_id: &str) -> Box<RawValue> {
    let path = percent_encoding::percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let (body, is_base64) = match std::str::from_utf8(body) {
        Ok("") => (Value::Null, false),
        Ok(text) if is_text(&parts.headers) => (Value::from(text), false),
        _ => (Value::from(STANDARD.encode(body)), true),
    };
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers(&parts.headers),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "127.0.0.1",
            "domainPrefix": "127",
            "http": { "method": parts.method.as_str(), "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1" },
            "requestId": request_id,
            "routeKey": "$default",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": is_base64,
    });
    to_raw_value(&event).expect("plain values are JSON")
}

/// Several headers of one name are joined by commas.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let joined = headers.keys().map(|name| {
        let values: Vec<_> =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (name.to_string(), Value::from(values.join(",")))
    });
    joined.collect()
}

fn is_text(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.starts_with("text/")
        || ["application/json", "application/xml", "application/javascript"]
            .iter()
            .any(|text| content_type.starts_with(text))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    headers: Map<String, Value>,
    #[serde(default)]
    body: Option<String>,
    is_base64_encoded: bool,
}

fn response(answer: &RawValue) -> Result<Response, Box<dyn std::error::Error>> {
    let answer: Answer = serde_json::from_str(answer.get())?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded { STANDARD.decode(body)? } else { body.into_bytes() };
    let mut response = Response::builder().status(answer.status_code);
    for (name, value) in &answer.headers {
        response = response.header(name, value.as_str().unwrap_or_default());
    }
    Ok(response.body(Body::from(body))?)
}

fn plain(status: StatusCode, body: &'static str) -> Response {
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    response.body(Body::from(body)).expect("a plain response")
}

/// Prints one line for each request. On a terminal it is in colour, unless `NO_COLOR` is set (<https://no-color.org>).
fn log(line: &str, status: StatusCode, started: Instant) {
    let millis = started.elapsed().as_secs_f64() * 1e3;
    let code = status.as_u16();
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()) {
        let colour = match code {
            200..=299 => 32,
            400..=499 => 33,
            _ => 31,
        };
        println!("\x1b[{colour}m{code}\x1b[0m {line} \x1b[2m{millis:.1} ms\x1b[0m");
    } else {
        println!("{code} {line} {millis:.1} ms");
    }
}
