//! The place of the SDK's HTTP client, for what answers a request at once, on the thread that sends it.

use std::fmt;

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use crate::faults::{operation, response};

/// An HTTP client for the SDK. `answer` gets an operation of DynamoDB's API and a request's body, and returns the HTTP status
/// and the body of the response.
pub fn at_once(answer: impl Fn(&str, &[u8]) -> (u16, String) + Clone + Send + Sync + 'static) -> SharedHttpClient {
    SharedHttpClient::new(AtOnce(answer))
}

#[derive(Clone)]
struct AtOnce<A>(A);

impl<A> fmt::Debug for AtOnce<A> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AtOnce")
    }
}

impl<A: Fn(&str, &[u8]) -> (u16, String) + Clone + Send + Sync + 'static> HttpClient for AtOnce<A> {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl<A: Fn(&str, &[u8]) -> (u16, String) + Send + Sync> HttpConnector for AtOnce<A> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = (self.0)(&operation(&request), request.body().bytes().unwrap());
        HttpConnectorFuture::ready(Ok(response(status, body)))
    }
}
