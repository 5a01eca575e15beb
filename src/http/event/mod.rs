//! A Lambda event becomes a request, and the response becomes what the sender of the event expects.
//!
//! The kinds of events share most of their fields, so one struct reads them all, in one pass. The part that only a gateway
//! writes tells the kind:
//!
//! | `requestContext` has | kind |
//! | --- | --- |
//! | `elb` | load balancer |
//! | `http` | HTTP API, payload 2.0; function URL |
//! | `httpMethod` | REST API; HTTP API, payload 1.0 |
//!
//! `lambda_http` can do the same. It copies every field of an event, tries one kind after the other, builds a URL to take it apart
//! again, and panics on invalid base64 and on an invalid host: a tenth of the instructions of a call.
//!
//! A field that stands twice makes the event unreadable: of two values, a program before this one may have gone by the other.

mod answer;
mod fields;

use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::query_map::QueryMap;
use lambda_http::http::header::HOST;
use lambda_http::http::{Extensions, HeaderMap, Method, Uri};
use lambda_http::lambda_runtime::Context;
use lambda_http::{Body, Request, RequestExt, Response};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::value::RawValue;

use self::answer::answer;
use self::fields::{Fields, RequestContext};
use super::access::{Caller, EventSource};
use super::json_object::Text;
use super::prefix::{Gateway, GatewayRoute};
use super::problem::Problem;
use super::request_log::millis_since;
use super::responses::without_body;
use super::security_headers;
use super::service::Service;

/// An event that is an HTTP request.
pub(crate) struct HttpEvent<'a> {
    kind: Kind,
    method: Method,
    headers: HeaderMap,
    /// Encoded.
    query: String,
    fields: Fields<'a>,
}

/// Who has sent an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    HttpApi,
    FunctionUrl,
    RestApi,
    LoadBalancer,
}

/// What a URI cannot hold, though a client can send it and a gateway passes it on: blanks, quotes, letters beyond ASCII. A
/// percent sign stays, so what is encoded already stays as it is.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
/// The same of a path, which a gateway may have decoded.
const NOT_IN_A_PATH: &AsciiSet = &NOT_IN_A_QUERY.add(b'?').add(b'\\').add(b'^').add(b'`');
/// The same of a parameter that a gateway has decoded.
const NOT_IN_A_PARAMETER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

impl<'a> HttpEvent<'a> {
    /// Reads an event; none if it is no HTTP request.
    pub(crate) fn parse(event: &'a str) -> Option<Self> {
        let mut fields: Fields<'a> = serde_json::from_str(event).ok()?;
        let headers = fields.headers()?;
        let context = &fields.request_context;
        // A load balancer has no authorizer, whichever other fields its event has.
        let (kind, method) = match (&context.elb, &context.http, &context.http_method) {
            (Some(_), ..) => (Kind::LoadBalancer, fields.http_method.as_ref()?),
            (_, Some(http), _) if is_of_function_url(context, &headers) => (Kind::FunctionUrl, &http.method),
            (_, Some(http), _) => (Kind::HttpApi, &http.method),
            (_, _, Some(_)) => (Kind::RestApi, fields.http_method.as_ref()?),
            _ => return None,
        };
        let method = if method.0.is_empty() { Method::GET } else { method.0.parse().ok()? };
        // A load balancer hands the query over as the client has encoded it, a REST API decoded.
        let query = match kind {
            Kind::HttpApi | Kind::FunctionUrl => {
                utf8_percent_encode(text(fields.raw_query_string.as_ref()).unwrap_or_default(), NOT_IN_A_QUERY)
                    .to_string()
            }
            Kind::RestApi => fields.parameters(NOT_IN_A_PARAMETER)?,
            Kind::LoadBalancer => fields.parameters(NOT_IN_A_QUERY)?,
        };
        Some(Self { kind, method, headers, query, fields })
    }

    /// Answers the request in the shape that its sender expects.
    pub(crate) async fn answer(mut self, service: Arc<Service>, context: Context) -> Box<RawValue> {
        let started = Instant::now();
        match self.request() {
            Ok(request) => {
                let (caller, route) = self.sender(&request);
                answer(Some(self.kind), &service.answer(&request, (&caller, &route), &context).await)
            }
            Err(problem) => refuse(&context.request_id, started, self.method == Method::HEAD, problem),
        }
    }

    /// The request, made of the fields that nothing else reads.
    fn request(&mut self) -> Result<Request, Problem> {
        let fields = &mut self.fields;
        let body = match (fields.body.take(), fields.is_base64_encoded) {
            (None, _) => Body::Empty,
            (Some(body), Some(true)) => {
                let bytes = STANDARD.decode(body).map_err(|_| Problem::InvalidJson(NOT_BASE64.into()))?;
                Body::Binary(bytes)
            }
            (Some(body), _) => Body::Text(body),
        };
        let path = fields.raw_path.take().or(fields.path.take()).unwrap_or_default();
        let gateway = Gateway {
            stage: fields.request_context.stage.take(),
            sent_path: fields.request_context.path.take().filter(|_| self.kind == Kind::RestApi),
            takes_bytes: self.kind != Kind::RestApi,
        };
        let query = &self.query;
        let mut uri = format!("/{}", utf8_percent_encode(path.strip_prefix('/').unwrap_or(&path), NOT_IN_A_PATH));
        let mut extensions = Extensions::new().with_raw_http_path(path);
        if !query.is_empty() {
            let Ok(parameters) = query.parse::<QueryMap>();
            extensions = extensions.with_query_string_parameters(parameters);
            uri.extend(["?", query.as_str()]);
        }
        extensions.insert(gateway);
        let mut request = Request::new(body);
        *request.uri_mut() = Uri::try_from(uri).map_err(|_| Problem::InvalidEvent(NO_URI))?;
        *request.method_mut() = self.method.clone();
        *request.headers_mut() = std::mem::take(&mut self.headers);
        *request.extensions_mut() = extensions;
        Ok(request)
    }

    /// Who sent an event and the route that its gateway says it matched, from the parts of it that its sender writes and no
    /// client.
    fn sender<'s>(&'s self, request: &'s Request) -> (Caller<'s>, GatewayRoute) {
        let (fields, context) = (&self.fields, &self.fields.request_context);
        let source = match self.kind {
            Kind::HttpApi => EventSource::HttpApi,
            Kind::RestApi => EventSource::RestApi,
            Kind::FunctionUrl | Kind::LoadBalancer => EventSource::Unverified,
        };
        let (address, one_route, other_route) = match self.kind {
            Kind::HttpApi | Kind::FunctionUrl => {
                (context.http.as_ref().and_then(|http| http.source_ip.as_ref()), &fields.route_key, &context.route_key)
            }
            Kind::RestApi => {
                let address = context.identity.as_ref().and_then(|identity| identity.source_ip.as_ref());
                (address, &fields.resource, &context.resource_path)
            }
            Kind::LoadBalancer => (None, &None, &None),
        };
        let route = GatewayRoute::new(text(one_route.as_ref()), text(other_route.as_ref()));
        let address =
            if self.kind == Kind::LoadBalancer { seen_by_load_balancer(request.headers()) } else { text(address) };
        let request_id = text(context.request_id.as_ref()).filter(|_| self.kind != Kind::LoadBalancer);
        let caller = Caller::new(source, context.authorizer, address, request_id);
        (caller, route)
    }
}

fn text<'a>(text: Option<&'a Text<'_>>) -> Option<&'a str> {
    text.map(|text| &*text.0)
}

/// Whether an event is a function URL's, which has the same shape as an HTTP API's. The domain of a function URL is
/// `<url-id>.lambda-url.<region>.on.aws`, and an open one has no account.
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>
fn is_of_function_url(context: &RequestContext<'_>, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_domain = |name: &str| name.split('.').nth(1) == Some("lambda-url");
    text(context.domain_name.as_ref()).is_some_and(is_domain)
        || host.is_some_and(is_domain)
        || text(context.account_id.as_ref()) == Some("anonymous")
}

/// The address that a load balancer has seen: it appends that to what the client may have sent.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html>
fn seen_by_load_balancer(headers: &HeaderMap) -> Option<&str> {
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    forwarded.rsplit(',').next().map(str::trim)
}

const UNKNOWN_SHAPE: &str = "The event is not an HTTP request as API Gateway, a Lambda function URL or an Application \
                             Load Balancer sends it. See the folder `events` for examples of each.";
const NO_URI: &str = "The event cannot be read as an HTTP request. Send a URI shorter than 64 KiB.";
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
    answer(None, &response)
}
