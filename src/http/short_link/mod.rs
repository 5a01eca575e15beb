//! The short link, as people and sign-up forms meet it: `/r/{code}`, and `/r/{code}.svg`, its QR code.
//!
//! | the code | a person | a client that prefers JSON |
//! | --- | --- | --- |
//! | active, or rotated and in its grace | 302 to where the active code leads | 200 with a document |
//! | unknown | 404 with a page | 404 with a problem |
//! | ended | 410 with a page | 410 with a problem |
//!
//! The paths around them (`/r`, `/r/{code}/x`) are answered as an unknown code.
//!
//! Nothing here tells a mentor, an organisation or an id.
//!
//! `typed code` → `super::accept` says which form the client wants → `location`, `page` or `qr` makes the answer.

mod location;
mod page;
mod qr;

use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};
use percent_encoding::percent_decode_str;

use super::accept;
use super::handler_context::{Handled, OpenCx};
use super::problem::Problem;
use super::request_log::LoggedOutcome;
use super::responses::{UrlDocument, join_url, json, response, short_url};
use crate::limits::SHORT_LINK_MAX_AGE_SECONDS;
use crate::model::{CodeString, Status, Timestamp};
use crate::store::ShortLink;
use page::Page;

/// What the text of a link leads to.
enum Found {
    /// To this code, which is active until then.
    Active { code: CodeString, until: Option<Timestamp> },
    /// To nothing. `code` is the text as a code, if it is one, and `ended` how that has ended, if there is one.
    Unusable { code: Option<CodeString>, ended: Option<Status> },
}

/// `GET /r/{code}`.
pub(super) async fn follow(cx: &OpenCx<'_>, text: &str, request: &Request) -> Handled {
    let (code, until) = match find(cx, text).await? {
        Found::Active { code, until } => (code, until),
        Found::Unusable { code, ended } => return unusable(cx, request.headers(), code.as_ref(), ended),
    };
    if accept::prefers_json(request.headers()) {
        cx.log.outcome(LoggedOutcome::SHOWN);
        let urls = UrlDocument { status: Some(Status::Active), ..UrlDocument::new(&code, cx.settings) };
        return Ok(json(StatusCode::OK, &urls));
    }
    cx.log.outcome(LoggedOutcome::REDIRECTED);
    let location = location::with_query(&join_url(&code, cx.settings), request.uri().query());
    let cache = for_a_minute_at_most(until, cx.links.now());
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, cache)];
    Ok(response(StatusCode::FOUND, String::new(), headers))
}

/// `GET /r/{code}.svg`.
pub(super) async fn draw(cx: &OpenCx<'_>, text: &str, request: &Request) -> Handled {
    let (code, until) = match find(cx, text).await? {
        Found::Active { code, until } => (code, until),
        Found::Unusable { code, ended } => return unusable(cx, request.headers(), code.as_ref(), ended),
    };
    cx.log.outcome(LoggedOutcome::SHOWN);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, for_a_minute_at_most(until, cx.links.now())),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'")),
    ];
    Ok(response(StatusCode::OK, qr::svg(&short_url(&code, cx.settings))?, headers))
}

/// A path below `/r` that is no code's: what was cut off or added by hand.
pub(super) fn not_found(cx: &OpenCx<'_>, headers: &HeaderMap) -> Handled {
    unusable(cx, headers, None, None)
}

/// What every answer of these paths carries, whichever function of this crate has made it.
pub(super) fn finish(response: &mut Response<Body>) {
    let is_options = response.status() == StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    // A sign-up form checks a code from a browser, so any site may read the JSON, and ask before. It tells what everybody
    // with the code may know. `CORS_ORIGINS` is about what tells more.
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|of| of.as_bytes().ends_with(b"json"));
    if is_json || is_options {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
}

/// Finds what a link leads to. API Gateway decodes the path of an HTTP API's event, and leaves that of others as it is. No
/// code has a percent sign, so decoding it again changes nothing.
async fn find(cx: &OpenCx<'_>, text: &str) -> Result<Found, Problem> {
    let text = percent_decode_str(text).decode_utf8_lossy();
    let Some(typed) = CodeString::parse_typed(&text, &cx.settings.campaign) else {
        return Ok(Found::Unusable { code: None, ended: None });
    };
    Ok(match cx.links.resolve(&typed, cx.settings.rotated_grace_days, |id| cx.log.code(id)).await? {
        Some(ShortLink::Active { code, until }) => Found::Active { code, until },
        Some(ShortLink::Ended(status)) => Found::Unusable { code: Some(typed), ended: Some(status) },
        None => Found::Unusable { code: Some(typed), ended: None },
    })
}

/// The answer to a link that leads to nothing: how its code has `ended`, or that there is none.
fn unusable(cx: &OpenCx<'_>, headers: &HeaderMap, code: Option<&CodeString>, ended: Option<Status>) -> Handled {
    if accept::prefers_json(headers) {
        return Err(ended.map_or(Problem::ShortLinkNotFound, Problem::ShortLinkGone));
    }
    // The page says what the problem would.
    cx.log.outcome(ended.map_or(LoggedOutcome::CODE_NOT_FOUND, |_| LoggedOutcome::CODE_NOT_ACTIVE));
    Ok(Page::new(code, ended, accept::language(headers), cx.settings).into_response())
}

/// How long a client may keep an answer. A shared cache may not keep it: it would hide an end from the next visitor.
fn for_a_minute_at_most(until: Option<Timestamp>, now: Timestamp) -> HeaderValue {
    let left = until.map_or(i64::MAX, |until| until.unix_seconds() - now.unix_seconds());
    let seconds = left.clamp(0, SHORT_LINK_MAX_AGE_SECONDS);
    HeaderValue::try_from(format!("private, max-age={seconds}")).expect("a number is ASCII")
}
