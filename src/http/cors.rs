//! CORS: which web pages may read the answers, by the setting `CORS_ORIGINS`.
//!
//! The function answers preflights itself: API Gateway would throw away these headers if the API itself were configured
//! for CORS, and a preflight has no token, so it must pass any authorizer.
//! <https://fetch.spec.whatwg.org/#http-cors-protocol>

use lambda_http::http::{HeaderMap, HeaderValue, Method, header};
use lambda_http::{Body, Request, Response};

use crate::limits::PREFLIGHT_MAX_AGE_SECONDS;
use crate::settings::CorsOrigins;

/// The headers of an answer that a script may read, besides those that it always may.
const EXPOSED: HeaderValue = HeaderValue::from_static("Location, Link, Retry-After, WWW-Authenticate, apigw-requestid");
/// The headers of a request that a script may set, besides those that it always may.
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static("Authorization, Content-Type");

impl CorsOrigins {
    /// Adds the headers of CORS to an answer, an error alike. An answer that any page may read already, as of a short link,
    /// stays so: a page that the setting does not list must not lose it.
    pub(super) fn add_headers(&self, request: &Request, response: &mut Response<Body>) {
        let origin = request.headers().get(header::ORIGIN);
        let headers = response.headers_mut();
        if *self != Self::None {
            add_vary(headers);
        }
        let open_to_all = headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned();
        // What is open to all asks for no token, and a monitoring tool may add its headers. `*` is every one but
        // `Authorization`: <https://fetch.spec.whatwg.org/#http-access-control-allow-headers>
        let allowed_headers = if open_to_all.is_some() { HeaderValue::from_static("*") } else { ALLOWED_HEADERS };
        let Some(allowed) = open_to_all.or_else(|| self.allowed(origin?)) else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if origin.is_none() {
            return;
        }
        let is_preflight = request.method() == Method::OPTIONS
            && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if !is_preflight {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        } else if let Some(methods) = headers.get(header::ALLOW).cloned() {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE_SECONDS.into());
        }
    }

    /// The origin whose pages may read the answer to a request from this origin, as the header has it.
    fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::Any => Some(HeaderValue::from_static("*")),
            Self::Listed(origins) => {
                origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
            }
        }
    }
}

/// Adds `Origin` to `Vary`: a cache must not give the answer for one origin to another.
///
/// One header line, whatever the handler has put there: the events of function URLs and load balancers keep one value of
/// each header.
fn add_vary(headers: &mut HeaderMap) {
    let vary = match headers.get(header::VARY).and_then(|vary| vary.to_str().ok()) {
        Some(vary) => HeaderValue::from_str(&format!("{vary}, Origin")).expect("it was a header's value"),
        None => HeaderValue::from_static("Origin"),
    };
    headers.insert(header::VARY, vary);
}
