//! The console: a page on which people look after the codes, and the files that it loads. All of them are in
//! `templates/console`.
//!
//! The page is open, because it shows nothing by itself: its scripts call the API as any other client does, with the
//! caller's token. So it knows no code, and this module no store. The setting `CONSOLE` decides whether it is served.

mod files;

use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, RequestExt, Response};
use serde::Serialize;

use super::handler_context::{Handled, OpenCx};
use super::problem::Problem;
use super::responses::response;
use super::static_file::StaticFile;
use crate::settings::{Access, ServiceSettings, SignIn};

/// The page loads scripts, a style sheet and pictures of its own origin, calls the API there and the provider where people
/// sign in, and nothing else. A picture that it draws itself is a blob.
fn policy(sign_in: Option<&SignIn>) -> HeaderValue {
    let provider: String = sign_in.into_iter().flat_map(SignIn::origins).flat_map(|origin| [" ", origin]).collect();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'{provider}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("origins are ASCII")
}

/// A client keeps its copies, and asks each time whether they are those of this release. So a page runs with the script of its
/// own release, unless two are in use side by side.
const CACHE_CONTROL: &str = "no-cache";

/// What the page's scripts depend on: `settings.js` reads it.
#[derive(Serialize)]
struct PageSettings {
    /// Whether the page asks for a token: `jwt` or `public`.
    access: &'static str,
    /// What the page says of a rotation's consequence depends on it.
    grace_days: u32,
    /// After how many days a code expires that is made without a time. 0: not at all.
    valid_days: u32,
    /// Where people sign in. None: they bring a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_in: Option<SignIn>,
}

impl PageSettings {
    fn of(settings: &ServiceSettings) -> Self {
        let (access, sign_in) = match &settings.access {
            Access::Public => ("public", None),
            Access::Jwt(rules) => {
                let usual = || format!("{} {}", rules.scope_read, rules.scope_write);
                let sign_in = settings.sign_in.clone();
                let asked = |sign_in: SignIn| SignIn { scopes: sign_in.scopes.or_else(|| Some(usual())), ..sign_in };
                ("jwt", sign_in.map(asked))
            }
        };
        let valid_days = settings.code_valid_days.unwrap_or(0);
        Self { access, grace_days: settings.rotated_grace_days, valid_days, sign_in }
    }

    /// An element with the settings as data, which no browser runs. No setting can end it.
    fn element(&self) -> String {
        let json = serde_json::to_string(self).expect("settings are JSON").replace('<', "\\u003c");
        format!("<script type=\"application/json\" id=\"settings\">{json}</script>\n")
    }
}

/// What the settings make of the page.
pub(super) struct Page {
    file: StaticFile,
    policy: HeaderValue,
}

impl Page {
    fn of(settings: &ServiceSettings) -> Self {
        let settings = PageSettings::of(settings);
        Self { file: files::page(&settings.element()), policy: policy(settings.sign_in.as_ref()) }
    }
}

/// `GET /console`. Its URLs are relative, so that they work behind a stage; with a trailing slash they would lead elsewhere.
pub(super) fn page(cx: &OpenCx<'_>, request: &Request) -> Response<Body> {
    if request.raw_http_path().ends_with('/') {
        cx.log.outcome("redirected");
        // The query says what the page shows.
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let location = format!("{}/console{query}", cx.prefix);
        let location = HeaderValue::try_from(location).expect("paths and queries are ASCII");
        return response(StatusCode::PERMANENT_REDIRECT, String::new(), [(header::LOCATION, location)]);
    }
    let page = cx.console.get_or_init(|| Page::of(cx.settings));
    let mut response = page.file.answer(request);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, page.policy.clone());
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}

pub(super) fn has_file(name: &str) -> bool {
    files::named(name).is_some()
}

/// `GET /console/{file}`.
pub(super) fn file(name: &str, request: &Request) -> Handled {
    Ok(files::named(name).ok_or(Problem::RouteNotFound)?.answer(request))
}
