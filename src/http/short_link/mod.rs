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

mod location;
mod page;
mod qr;

use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};
use percent_encoding::percent_decode_str;

use super::accept;
use super::handler_context::{Handled, OpenCx};
use super::problem::Problem;
use super::responses::{UrlDocument, join_url, json, response, short_url};
use crate::limits::SHORT_LINK_MAX_AGE_SECONDS;
use crate::model::{CodeString, Status, Timestamp};
use crate::settings::ServiceSettings;
use crate::store::ShortLink;
use page::page;

/// `GET /r/{code}`.
pub(super) async fn follow(cx: &OpenCx<'_>, text: &str, request: &Request) -> Handled {
    answer(cx, text, request.headers(), |code, cache| {
        if accept::prefers_json(request.headers()) {
            let urls = UrlDocument { status: Some(Status::Active), ..UrlDocument::new(code, cx.settings) };
            return Ok(json(StatusCode::OK, &urls));
        }
        cx.log.outcome("redirected");
        let location = location::with_query(&join_url(code, cx.settings), request.uri().query());
        let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, cache)];
        Ok(response(StatusCode::FOUND, String::new(), headers))
    })
    .await
}

/// `GET /r/{code}.svg`.
pub(super) async fn draw(cx: &OpenCx<'_>, text: &str, request: &Request) -> Handled {
    answer(cx, text, request.headers(), |code, cache| {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
            (header::CACHE_CONTROL, cache),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'")),
        ];
        Ok(response(StatusCode::OK, qr::svg(&short_url(code, cx.settings))?, headers))
    })
    .await
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

/// The code in the path of a link. API Gateway decodes the path of an HTTP API's event, and leaves that of others as it is. No
/// code has a percent sign, so decoding it again changes nothing.
pub(super) fn typed_code(text: &str, settings: &ServiceSettings) -> Option<CodeString> {
    CodeString::parse_typed(&percent_decode_str(text).decode_utf8_lossy(), &settings.campaign)
}

/// The answer to a link: `of_active` has that of the active code that it leads to, which a client may keep so long.
async fn answer(
    cx: &OpenCx<'_>,
    text: &str,
    headers: &HeaderMap,
    of_active: impl Fn(&CodeString, HeaderValue) -> Handled,
) -> Handled {
    let Some(typed) = typed_code(text, cx.settings) else { return unusable(cx, headers, None, None) };
    match cx.codes.resolve(&typed, cx.settings.rotated_grace_days, |id| cx.log.code(id)).await? {
        Some(ShortLink::Active { code, until }) => of_active(&code, for_a_minute_at_most(until, cx.codes.now())),
        Some(ShortLink::Ended(status)) => unusable(cx, headers, Some(&typed), Some(status)),
        None => unusable(cx, headers, Some(&typed), None),
    }
}

/// The answer to a link that leads to nothing: how its code has `ended`, or that there is none.
fn unusable(cx: &OpenCx<'_>, headers: &HeaderMap, code: Option<&CodeString>, ended: Option<Status>) -> Handled {
    if accept::prefers_json(headers) {
        return Err(ended.map_or(Problem::ShortLinkNotFound, Problem::ShortLinkGone));
    }
    // The page says what the problem would.
    cx.log.outcome(ended.map_or("code_not_found", |_| "code_not_active"));
    Ok(page(code, ended, accept::language(headers), cx.settings))
}

/// How long a client may keep an answer. A shared cache may not keep it: it would hide an end from the next visitor.
fn for_a_minute_at_most(until: Option<Timestamp>, now: Timestamp) -> HeaderValue {
    let left = until.map_or(i64::MAX, |until| until.unix_seconds() - now.unix_seconds());
    let seconds = left.clamp(0, SHORT_LINK_MAX_AGE_SECONDS);
    HeaderValue::try_from(format!("private, max-age={seconds}")).expect("a number is ASCII")
}
