//! The page of a link that leads to nothing. It says what happened, and leads on without a code.
//!
//! It loads nothing: no script, no picture, no font. Its one style sheet is part of it, and the policy allows that very
//! text and nothing else.

use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use sha2::{Digest, Sha256};

use crate::http::accept::Language;
use crate::http::responses::{response, uncached};
use crate::model::{CodeString, Status};
use crate::settings::ServiceSettings;

const STYLE: &str = include_str!("../../../templates/page.css");

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("the policy is ASCII")
});

/// The template has the words, in each language.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    style: &'static str,
    language: Language,
    /// The code that the visitor has typed, if it is one.
    code: Option<&'a CodeString>,
    /// How it has ended. None: it is unknown.
    ended: Option<Status>,
    join_url: &'a str,
}

/// The page about this code, which is unknown or has `ended`.
pub(super) fn page(
    code: Option<&CodeString>,
    ended: Option<Status>,
    language: Language,
    settings: &ServiceSettings,
) -> Response<Body> {
    let page = Page { style: STYLE, language, code, ended, join_url: &settings.join_url_base };
    let text = page.render().expect("a string takes all text");
    let status = if ended.is_some() { StatusCode::GONE } else { StatusCode::NOT_FOUND };
    let language = match language {
        Language::English => "en",
        Language::Bokmal => "nb",
    };
    let mut response = response(status, text, uncached("text/html; charset=utf-8"));
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}
