//! What takes the place of the SDK's HTTP client, and DynamoDB's requests and responses as it sees them.

use std::fmt;
use std::future::ready;
use std::sync::Arc;

use aws_sdk_dynamodb::config::{HttpClient, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

/// The HTTP status and the body of a response.
pub type Response = (u16, String);

pub type Sent = Result<HttpResponse, ConnectorError>;

/// Answers every request in the place of the SDK's HTTP client.
pub fn http_client<A>(answer: impl Fn(HttpRequest) -> A + Send + Sync + 'static) -> SharedHttpClient
where
    A: Future<Output = Sent> + Send + 'static,
{
    let connector = SharedHttpConnector::new(Connector(answer));
    http_client_fn(move |_, _| connector.clone())
}

/// As [`http_client`], for what answers on the thread that sends the request. `answer` gets an operation of DynamoDB's API
/// and a request's body.
pub fn at_once(answer: impl Fn(&str, &[u8]) -> Response + Send + Sync + 'static) -> SharedHttpClient {
    http_client(move |request| {
        let answer = answer(&operation(&request), request.body().bytes().unwrap_or_default());
        ready(Ok(http_response(answer)))
    })
}

/// Stands between the SDK and its HTTP client. `answer` gets each request, and the way on.
pub fn in_front_of<A>(
    inner: SharedHttpClient,
    answer: impl Fn(HttpRequest, SharedHttpConnector) -> A + Send + Sync + 'static,
) -> SharedHttpClient
where
    A: Future<Output = Sent> + Send + 'static,
{
    let answer = Arc::new(answer);
    http_client_fn(move |settings, components| {
        let (inner, answer) = (inner.http_connector(settings, components), Arc::clone(&answer));
        SharedHttpConnector::new(Connector(move |request| answer(request, inner.clone())))
    })
}

struct Connector<F>(F);

impl<F> fmt::Debug for Connector<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Connector")
    }
}

impl<F, A> HttpConnector for Connector<F>
where
    F: Fn(HttpRequest) -> A + Send + Sync,
    A: Future<Output = Sent> + Send + 'static,
{
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new((self.0)(request))
    }
}

/// `GetItem`, `TransactWriteItems`, …
pub fn operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

/// The request's body; null if it is not JSON.
pub fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default()
}

pub fn set_body(request: &mut HttpRequest, body: &Value) {
    let text = body.to_string();
    request.headers_mut().insert("content-length", text.len().to_string());
    *request.body_mut() = SdkBody::from(text);
}

pub fn http_response((status, body): Response) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))
}

/// The body of an error with this code, in DynamoDB's form, and with these other members.
pub fn error_body(code: &str, others: Value) -> String {
    let mut body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "injected" });
    if let Value::Object(others) = others {
        body.as_object_mut().unwrap().extend(others);
    }
    body.to_string()
}
