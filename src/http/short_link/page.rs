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

#[derive(Template)]
#[template(path = "page.html")]
pub(super) struct Page<'a> {
    has_ended: bool,
    style: &'static str,
    common: CommonWords,
    /// On the ticket, under the code.
    state: &'static str,
    title: &'static str,
    text: &'static str,
    code: Option<&'a str>,
    join_url: &'a str,
}

/// What every page of a language says.
struct CommonWords {
    language: &'static str,
    /// On the ticket, over the code.
    code: &'static str,
    /// After the text.
    otherwise: &'static str,
    /// On the link to the page where people join.
    link: &'static str,
}

const ENGLISH: CommonWords = CommonWords {
    language: "en",
    code: "Referral code",
    otherwise: "You can also join without a code.",
    link: "Join without a code",
};
const BOKMAL: CommonWords = CommonWords {
    language: "nb",
    code: "Vervekode",
    otherwise: "Du kan også bli med uten kode.",
    link: "Bli med uten kode",
};

impl<'a> Page<'a> {
    /// The page of a code that has `ended`, or that does not exist. `code` is shown, if the visitor has typed one.
    pub(super) fn new(
        code: Option<&'a CodeString>,
        ended: Option<Status>,
        language: Language,
        settings: &'a ServiceSettings,
    ) -> Self {
        let [state, title, text] = words(language, ended);
        Self {
            has_ended: ended.is_some(),
            style: STYLE,
            common: match language {
                Language::English => ENGLISH,
                Language::Bokmal => BOKMAL,
            },
            state,
            title,
            text,
            code: code.map(CodeString::as_str),
            join_url: &settings.join_url_base,
        }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let page = self.render().expect("a string takes all text");
        let status = if self.has_ended { StatusCode::GONE } else { StatusCode::NOT_FOUND };
        let mut response = response(status, page, uncached("text/html; charset=utf-8"));
        response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.common.language));
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
        response
    }
}

/// State, title and text. A code that is active has no page; the words for one that is unknown say nothing false of it.
fn words(language: Language, ended: Option<Status>) -> [&'static str; 3] {
    match (language, ended) {
        (Language::English, None | Some(Status::Active)) => [
            "Unknown",
            "We don’t know this code",
            "Check that it is written exactly as you got it, or ask the person who gave it to you.",
        ],
        (Language::English, Some(Status::Rotated)) => [
            "Replaced",
            "This code has been replaced",
            "A new code has taken its place. Ask the person who gave it to you for the new one.",
        ],
        (Language::English, Some(Status::Invalidated)) => [
            "Withdrawn",
            "This code has been withdrawn",
            "It can no longer be used. Ask the person who gave it to you for another one.",
        ],
        (Language::English, Some(Status::Expired)) => [
            "Expired",
            "This code has expired",
            "It was valid for a limited time. Ask the person who gave it to you for a new one.",
        ],
        (Language::Bokmal, None | Some(Status::Active)) => [
            "Ukjent",
            "Vi kjenner ikke denne koden",
            "Sjekk at den er skrevet akkurat slik du fikk den, eller spør den som ga deg den.",
        ],
        (Language::Bokmal, Some(Status::Rotated)) => [
            "Byttet ut",
            "Denne koden er byttet ut",
            "Den er erstattet av en ny kode. Spør den som ga deg koden, om den nye.",
        ],
        (Language::Bokmal, Some(Status::Invalidated)) => [
            "Trukket tilbake",
            "Denne koden er trukket tilbake",
            "Den kan ikke brukes lenger. Spør den som ga deg koden, om en ny.",
        ],
        (Language::Bokmal, Some(Status::Expired)) => [
            "Utløpt",
            "Denne koden er utløpt",
            "Den gjaldt i en begrenset periode. Spør den som ga deg koden, om en ny.",
        ],
    }
}
