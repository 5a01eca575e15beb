//! An HTTP event becomes a request, and the response becomes what the sender of the event expects.
//!
//! `lambda_http` does both. It panics on an unencoded query, which is encoded first; and on invalid base64 or an invalid host.
//! API Gateway sends none of those, but a test console or a fuzzer can. This module returns 400 instead.
//!
//! `lambda_http` also knows the claims of an authorizer, but as texts only: one claim that is a number, and it does not
//! know the event any more. So the authorizer's part of the event is cut out first, and [`super::access`] reads it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Future, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::http::header::HOST;
use lambda_http::http::{HeaderMap, HeaderValue, Method};
use lambda_http::lambda_runtime::{Context, LambdaEvent};
use lambda_http::request::LambdaRequest;
use lambda_http::tower::Service as _;
use lambda_http::{Adapter, Body, IntoResponse, Request, Response, service_fn};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::{RawValue, to_raw_value};

use super::access::{Caller, EventSource};
use super::prefix::GatewayRoute;
use super::problem::Problem;
use super::request_log::millis_since;
use super::responses::without_body;
use super::security_headers;
use super::service::Service;

/// An event that has the shape of an HTTP request, and who sent it.
pub(crate) struct HttpEvent {
    request: LambdaRequest,
    sender: (Caller, GatewayRoute),
}

impl HttpEvent {
    /// Reads an event; none if it is no HTTP request.
    ///
    /// `lambda_http` tries one kind after the other, and the one of HTTP APIs and function URLs is not the first. An
    /// event with a `rawPath` is most likely of that kind, so that kind is tried first.
    pub(crate) fn parse(event: &str) -> Option<Self> {
        // A client can write this as the name of a header, which only costs a look at it.
        let cut = if event.contains(r#""authorizer""#) { cut_authorizer(event) } else { None };
        let (event, authorizer) = match cut {
            Some((rest, authorizer)) => (Cow::Owned(rest), authorizer),
            None => (Cow::Borrowed(event), None),
        };
        let mut request = Self::parse_request(&event)?;
        let sender = sender(&request, authorizer);
        make_readable(&mut request);
        Some(Self { request, sender })
    }

    fn parse_request(event: &str) -> Option<LambdaRequest> {
        let of_http_api = || serde_json::from_str(event).ok().map(LambdaRequest::ApiGatewayV2);
        let early = if event.contains(r#""rawPath""#) { of_http_api() } else { None };
        early.or_else(|| serde_json::from_str(event).ok())
    }

    /// Answers the request in the shape that its sender expects.
    pub(crate) async fn answer(self, service: Arc<Service>, context: Context) -> Box<RawValue> {
        let started = Instant::now();
        let request_id = context.request_id.clone();
        let (method, encoded_body) = self.method_and_encoded_body();
        let has_head = *method == Method::HEAD;
        if encoded_body.is_some_and(|body| STANDARD.decode(body).is_err()) {
            return refuse(&request_id, started, has_head, Problem::InvalidJson(NOT_BASE64.into()));
        }
        let sender = Arc::new(self.sender);
        let mut adapter = Adapter::from(service_fn(move |request: Request| {
            let (service, sender) = (Arc::clone(&service), Arc::clone(&sender));
            async move { Ok::<_, Infallible>(Encoded(service.answer(request, &sender.0, &sender.1).await)) }
        }));
        let response = catch_unwind(AssertUnwindSafe(|| adapter.call(LambdaEvent::new(self.request, context))));
        let Ok(response) = response else {
            return refuse(&request_id, started, has_head, Problem::InvalidEvent(NO_REQUEST));
        };
        let Ok(response) = response.await;
        to_raw_value(&response).unwrap_or_else(|error| {
            refuse(&request_id, started, has_head, Problem::Internal(format!("cannot write the response: {error}")))
        })
    }

    /// The method, and the body if it is in base64.
    fn method_and_encoded_body(&self) -> (&Method, Option<&str>) {
        let (method, is_encoded, body) = match &self.request {
            LambdaRequest::ApiGatewayV1(event) => (&event.http_method, event.is_base64_encoded, &event.body),
            LambdaRequest::ApiGatewayV2(event) => {
                (&event.request_context.http.method, event.is_base64_encoded, &event.body)
            }
            LambdaRequest::Alb(event) => (&event.http_method, event.is_base64_encoded, &event.body),
            _ => (&Method::GET, false, &None),
        };
        (method, body.as_deref().filter(|_| is_encoded))
    }
}

/// A response whose body goes out as it is: a text as a text, bytes as base64.
///
/// `lambda_http` would read a [`Response`]'s body once more, by the charset of its content type. Ours are all UTF-8, and
/// the tables of the other charsets are 150 KB of binary.
struct Encoded(Response<Body>);

impl IntoResponse for Encoded {
    fn into_response(self) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
        Box::pin(ready(self.0))
    }
}

/// Where an event has its authorizer's part. If one of these fields stands twice, it is read from none.
#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(borrow, rename = "requestContext")]
    context: ContextOutline<'a>,
}

#[derive(Deserialize)]
struct ContextOutline<'a> {
    #[serde(borrow)]
    authorizer: &'a RawValue,
    elb: Option<IgnoredAny>,
}

/// Cuts the authorizer's part out of an event. None if the event is no JSON, or has no such part.
fn cut_authorizer(event: &str) -> Option<(String, Option<&RawValue>)> {
    let ContextOutline { authorizer, elb } = serde_json::from_str::<Outline<'_>>(event).ok()?.context;
    let start = authorizer.get().as_ptr().addr() - event.as_ptr().addr();
    let rest = [&event[..start], "{}", &event[start + authorizer.get().len()..]].concat();
    // A load balancer has no authorizer, whichever other fields an event has.
    Some((rest, Some(authorizer).filter(|_| elb.is_none())))
}

/// Who sent an event and the route that its gateway says it matched, from the parts of it that its sender writes and no
/// client.
fn sender(request: &LambdaRequest, authorizer: Option<&RawValue>) -> (Caller, GatewayRoute) {
    match request {
        LambdaRequest::ApiGatewayV2(event) => {
            let context = &event.request_context;
            let source = if is_of_function_url(event) { EventSource::Unverified } else { EventSource::HttpApi };
            let address = context.http.source_ip.clone();
            let caller = Caller::new(source, authorizer, address, context.request_id.clone());
            (caller, GatewayRoute::new(event.route_key.as_deref(), context.route_key.as_deref()))
        }
        LambdaRequest::ApiGatewayV1(event) => {
            let context = &event.request_context;
            let address = context.identity.source_ip.clone();
            let caller = Caller::new(EventSource::RestApi, authorizer, address, context.request_id.clone());
            (caller, GatewayRoute::new(event.resource.as_deref(), context.resource_path.as_deref()))
        }
        LambdaRequest::Alb(event) => {
            let address = seen_by_load_balancer(&event.headers);
            (Caller::new(EventSource::Unverified, authorizer, address, None), GatewayRoute::default())
        }
        _ => Default::default(),
    }
}

/// What a URI cannot hold, though a client can send it and a gateway passes it on: blanks, quotes, letters. A percent sign
/// stays, so what is encoded already stays as it is.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// Changes an event so that `lambda_http` reads all of it.
fn make_readable(request: &mut LambdaRequest) {
    match request {
        LambdaRequest::ApiGatewayV2(event) => {
            if let Some(query) = event.raw_query_string.as_mut().filter(|query| !query.is_empty()) {
                *query = utf8_percent_encode(query, NOT_IN_A_QUERY).to_string();
            }
        }
        // Of a header that was sent twice, `headers` has the last value, and would take the place of both.
        LambdaRequest::ApiGatewayV1(event) => {
            let sent = &event.multi_value_headers;
            for name in sent.keys().filter(|name| sent.get_all(*name).iter().count() > 1) {
                event.headers.remove(name);
            }
        }
        _ => {}
    }
}

/// Whether an event is a function URL's, which has the same shape as an HTTP API's. The domain of a function URL is
/// `<url-id>.lambda-url.<region>.on.aws`, and an open one has no account.
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>
fn is_of_function_url(event: &ApiGatewayV2httpRequest) -> bool {
    let host = event.headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_domain = |name: &str| name.split('.').nth(1) == Some("lambda-url");
    let context = &event.request_context;
    context.domain_name.as_deref().is_some_and(is_domain)
        || host.is_some_and(is_domain)
        || context.account_id.as_deref() == Some("anonymous")
}

/// The address that a load balancer has seen: it appends that to what the client may have sent.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html>
fn seen_by_load_balancer(headers: &HeaderMap) -> Option<String> {
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    forwarded.rsplit(',').next().map(|address| address.trim().to_owned())
}

const UNKNOWN_SHAPE: &str = "The event is not an HTTP request as API Gateway, a Lambda function URL or an Application \
                             Load Balancer sends it. See the folder `events` for examples of each.";
const NO_REQUEST: &str =
    "The event cannot be read as an HTTP request. Send a valid host and a URI shorter than 64 KiB.";
const NOT_BASE64: &str = "The event's body is not valid base64, but its `isBase64Encoded` is true. Encode the body, or \
                          set `isBase64Encoded` to false.";

/// The answer to an event that is no HTTP request.
pub(crate) fn refuse_other_event(request_id: &str) -> Box<RawValue> {
    refuse(request_id, Instant::now(), false, Problem::InvalidEvent(UNKNOWN_SHAPE))
}

/// An error in a shape that every sender understands, and its line in the log.
fn refuse(request_id: &str, started: Instant, has_head: bool, problem: Problem) -> Box<RawValue> {
    let mut response: Response<Body> = problem.into_response(request_id);
    if has_head {
        response = without_body(response);
    }
    security_headers::add(response.headers_mut());
    tracing::warn!(
        request_id,
        route = "none",
        status = response.status().as_u16(),
        duration_ms = millis_since(started),
        "event refused"
    );
    // A REST API takes either form of headers, a load balancer the one that it is set up for, the others the first.
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers: BTreeMap<_, _> = response.headers().iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    let lists: BTreeMap<_, _> = headers.iter().map(|(name, value)| (name, [value])).collect();
    let answer = serde_json::json!({
        "statusCode": response.status().as_u16(),
        "headers": headers,
        "multiValueHeaders": lists,
        "body": std::str::from_utf8(response.body()).unwrap_or_default(),
        "isBase64Encoded": false,
    });
    to_raw_value(&answer).expect("plain values are JSON")
}
