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

use super::accept::Language;
use crate::http::handlers::Handled;
use crate::http::problem::Problem;
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
    language: &'static str,
    style: &'static str,
    words: &'static Words,
    code: Option<&'a str>,
    join_url: &'a str,
}

/// What a page says, in one language.
struct Words {
    /// On the ticket, over the code.
    label: &'static str,
    /// On the ticket, under the code.
    state: &'static str,
    title: &'static str,
    text: &'static str,
    /// On the link to the page where people join.
    link: &'static str,
}

impl<'a> Page<'a> {
    /// The page of a code that has `ended`, or that does not exist. `code` is shown, if the visitor has typed one.
    pub(super) fn new(
        code: Option<&'a CodeString>,
        ended: Option<Status>,
        language: Language,
        settings: &'a ServiceSettings,
    ) -> Self {
        Self {
            has_ended: ended.is_some(),
            language: match language {
                Language::English => "en",
                Language::Bokmal => "nb",
            },
            style: STYLE,
            words: words(language, ended),
            code: code.map(CodeString::as_str),
            join_url: &settings.join_url_base,
        }
    }

    pub(super) fn into_response(self) -> Handled {
        let page = self.render().map_err(|error| Problem::internal(format!("cannot write the page: {error}")))?;
        let mut response = Response::new(Body::Text(page));
        *response.status_mut() = if self.has_ended { StatusCode::GONE } else { StatusCode::NOT_FOUND };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.language));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // The address of this page has the code.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        Ok(response)
    }
}

/// A code that is active has no page; the words for one that is unknown say nothing false of it.
fn words(language: Language, ended: Option<Status>) -> &'static Words {
    match (language, ended) {
        (Language::English, None | Some(Status::Active)) => &Words {
            label: "Referral code",
            state: "Unknown",
            title: "We don’t know this code",
            text: "Check that it is written exactly as you got it, or ask the person who gave it to you. You can also \
                   join without a code.",
            link: "Join without a code",
        },
        (Language::English, Some(Status::Rotated)) => &Words {
            label: "Referral code",
            state: "Replaced",
            title: "This code has been replaced",
            text: "A new code has taken its place. Ask the person who gave it to you for the new one. You can also join \
                   without a code.",
            link: "Join without a code",
        },
        (Language::English, Some(Status::Invalidated)) => &Words {
            label: "Referral code",
            state: "Withdrawn",
            title: "This code has been withdrawn",
            text: "It can no longer be used. Ask the person who gave it to you for another one. You can also join \
                   without a code.",
            link: "Join without a code",
        },
        (Language::English, Some(Status::Expired)) => &Words {
            label: "Referral code",
            state: "Expired",
            title: "This code has expired",
            text: "It was valid for a limited time. Ask the person who gave it to you for a new one. You can also join \
                   without a code.",
            link: "Join without a code",
        },
        (Language::Bokmal, None | Some(Status::Active)) => &Words {
            label: "Vervekode",
            state: "Ukjent",
            title: "Vi kjenner ikke denne koden",
            text: "Sjekk at den er skrevet akkurat slik du fikk den, eller spør den som ga deg den. Du kan også bli med \
                   uten kode.",
            link: "Bli med uten kode",
        },
        (Language::Bokmal, Some(Status::Rotated)) => &Words {
            label: "Vervekode",
            state: "Byttet ut",
            title: "Denne koden er byttet ut",
            text: "Den er erstattet av en ny kode. Spør den som ga deg koden, om den nye. Du kan også bli med uten kode.",
            link: "Bli med uten kode",
        },
        (Language::Bokmal, Some(Status::Invalidated)) => &Words {
            label: "Vervekode",
            state: "Trukket tilbake",
            title: "Denne koden er trukket tilbake",
            text: "Den kan ikke brukes lenger. Spør den som ga deg koden, om en ny. Du kan også bli med uten kode.",
            link: "Bli med uten kode",
        },
        (Language::Bokmal, Some(Status::Expired)) => &Words {
            label: "Vervekode",
            state: "Utløpt",
            title: "Denne koden er utløpt",
            text: "Den gjaldt i en begrenset periode. Spør den som ga deg koden, om en ny. Du kan også bli med uten kode.",
            link: "Bli med uten kode",
        },
    }
}
