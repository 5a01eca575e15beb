//! The console: a page on which people look after the codes, and the files that it loads. All of them are in
//! `templates/console`.
//!
//! The page is open, because it shows nothing by itself: its scripts call the API as any other client does, with the
//! caller's token. So it knows no code, and this module no store. The setting `CONSOLE` decides whether it is served.

mod files;

use askama::Template;
use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, RequestExt, Response};

use super::handler_context::{Handled, OpenCx};
use super::problem::Problem;
use super::request_log::LoggedOutcome;
use super::responses::response;
use super::static_file::StaticFile;
use crate::settings::Access;

/// The page loads scripts, a style sheet and pictures of its own origin, calls the API there, and nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

/// A client keeps its copies, and asks each time whether they are those of this release. So a page runs with the script of its
/// own release, unless two are in use side by side.
const CACHE_CONTROL: &str = "no-cache";

#[derive(Template)]
#[template(path = "console/index.html")]
struct Page {
    /// Whether the page asks for a token: `jwt` or `public`.
    access: &'static str,
    /// What the page says of a rotation's consequence depends on it.
    grace_days: u32,
    /// After how many days a code expires that is made without a time. 0: not at all.
    valid_days: u32,
}

/// `GET /console`. Its URLs are relative, so that they work behind a stage; with a trailing slash they would lead elsewhere.
pub(super) fn page(cx: &OpenCx<'_>, request: &Request) -> Response<Body> {
    if request.raw_http_path().ends_with('/') {
        cx.log.outcome(LoggedOutcome::REDIRECTED);
        // The query says what the page shows.
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let location = format!("{}/console{query}", cx.prefix);
        let location = HeaderValue::try_from(location).expect("paths and queries are ASCII");
        return response(StatusCode::PERMANENT_REDIRECT, String::new(), [(header::LOCATION, location)]);
    }
    let access = match cx.settings.access {
        Access::Public => "public",
        Access::Jwt(_) => "jwt",
    };
    let page = Page {
        access,
        grace_days: cx.settings.rotated_grace_days,
        valid_days: cx.settings.code_valid_days.unwrap_or(0),
    };
    let page = page.render().expect("a string takes all text");
    cx.log.outcome(LoggedOutcome::SHOWN);
    let mut response = StaticFile::new(page, "text/html; charset=utf-8", CACHE_CONTROL).answer(request);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}

/// Whether the console has a file of this name.
pub(super) fn has_file(name: &str) -> bool {
    files::named(name).is_some()
}

/// `GET /console/{file}`.
pub(super) fn file(cx: &OpenCx<'_>, name: &str, request: &Request) -> Handled {
    let file = files::named(name).ok_or(Problem::RouteNotFound)?;
    cx.log.outcome(LoggedOutcome::SHOWN);
    Ok(file.answer(request))
}
