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
    language: &'static str,
    style: &'static str,
    labels: Labels,
    words: &'static Words,
    code: Option<&'a str>,
    join_url: &'a str,
}

/// What every page of a language says.
struct Labels {
    /// On the ticket, over the code.
    code: &'static str,
    /// On the link to the page where people join.
    link: &'static str,
}

/// What a page says of its code, in one language.
struct Words {
    /// On the ticket, under the code.
    state: &'static str,
    title: &'static str,
    text: &'static str,
}

impl<'a> Page<'a> {
    /// The page of a code that has `ended`, or that does not exist. `code` is shown, if the visitor has typed one.
    pub(super) fn new(
        code: Option<&'a CodeString>,
        ended: Option<Status>,
        language: Language,
        settings: &'a ServiceSettings,
    ) -> Self {
        let (tag, labels) = match language {
            Language::English => ("en", Labels { code: "Referral code", link: "Join without a code" }),
            Language::Bokmal => ("nb", Labels { code: "Vervekode", link: "Bli med uten kode" }),
        };
        Self {
            has_ended: ended.is_some(),
            language: tag,
            style: STYLE,
            labels,
            words: words(language, ended),
            code: code.map(CodeString::as_str),
            join_url: &settings.join_url_base,
        }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let page = self.render().expect("a string takes all text");
        let status = if self.has_ended { StatusCode::GONE } else { StatusCode::NOT_FOUND };
        let mut response = response(status, page, uncached("text/html; charset=utf-8"));
        response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.language));
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
        response
    }
}

/// A code that is active has no page; the words for one that is unknown say nothing false of it.
fn words(language: Language, ended: Option<Status>) -> &'static Words {
    match (language, ended) {
        (Language::English, None | Some(Status::Active)) => &Words {
            state: "Unknown",
            title: "We don’t know this code",
            text: "Check that it is written exactly as you got it, or ask the person who gave it to you. You can also \
                   join without a code.",
        },
        (Language::English, Some(Status::Rotated)) => &Words {
            state: "Replaced",
            title: "This code has been replaced",
            text: "A new code has taken its place. Ask the person who gave it to you for the new one. You can also join \
                   without a code.",
        },
        (Language::English, Some(Status::Invalidated)) => &Words {
            state: "Withdrawn",
            title: "This code has been withdrawn",
            text: "It can no longer be used. Ask the person who gave it to you for another one. You can also join \
                   without a code.",
        },
        (Language::English, Some(Status::Expired)) => &Words {
            state: "Expired",
            title: "This code has expired",
            text: "It was valid for a limited time. Ask the person who gave it to you for a new one. You can also join \
                   without a code.",
        },
        (Language::Bokmal, None | Some(Status::Active)) => &Words {
            state: "Ukjent",
            title: "Vi kjenner ikke denne koden",
            text: "Sjekk at den er skrevet akkurat slik du fikk den, eller spør den som ga deg den. Du kan også bli med \
                   uten kode.",
        },
        (Language::Bokmal, Some(Status::Rotated)) => &Words {
            state: "Byttet ut",
            title: "Denne koden er byttet ut",
            text: "Den er erstattet av en ny kode. Spør den som ga deg koden, om den nye. Du kan også bli med uten kode.",
        },
        (Language::Bokmal, Some(Status::Invalidated)) => &Words {
            state: "Trukket tilbake",
            title: "Denne koden er trukket tilbake",
            text: "Den kan ikke brukes lenger. Spør den som ga deg koden, om en ny. Du kan også bli med uten kode.",
        },
        (Language::Bokmal, Some(Status::Expired)) => &Words {
            state: "Utløpt",
            title: "Denne koden er utløpt",
            text: "Den gjaldt i en begrenset periode. Spør den som ga deg koden, om en ny. Du kan også bli med uten kode.",
        },
    }
}
