//! Who calls, as the event tells.
//!
//! | event | claims |
//! | --- | --- |
//! | HTTP API, JWT authorizer | `requestContext.authorizer.jwt.claims` |
//! | HTTP API, Lambda authorizer | `requestContext.authorizer.lambda` |
//! | REST API, Cognito authorizer; HTTP API with payload 1.0 | `requestContext.authorizer.claims` |
//! | REST API, Lambda authorizer | `requestContext.authorizer` itself |
//! | function URL, load balancer | none, whatever the event holds: nothing there has verified a token |
//!
//! API Gateway writes `requestContext`; a client writes the headers, the query, the path and the body.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::http::json_object::{Field, JsonObject, Text};

/// Who calls.
#[derive(Default, Debug)]
pub(crate) struct Caller<'a> {
    source: EventSource,
    /// The claims of the verified token; none without a token.
    claims: Option<JsonObject<'a>>,
    /// The address that the request came from.
    pub(crate) source_ip: Option<&'a str>,
    /// The gateway's own id of the request: a client can quote it.
    pub(crate) gateway_request_id: Option<&'a str>,
}

/// What has sent an event, as far as its claims can be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum EventSource {
    /// API Gateway, HTTP API, payload 2.0.
    HttpApi,
    /// API Gateway, REST API; or an HTTP API with payload 1.0.
    RestApi,
    /// A function URL, a load balancer, or nothing that is known.
    #[default]
    Unverified,
}

/// A claim of a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Claim<'a> {
    /// The token has no such claim, or a null one.
    Absent,
    /// A string.
    String(Cow<'a, str>),
    /// A number, a list, or anything else: it never counts.
    NotString,
}

impl<'a> Caller<'a> {
    /// A caller from what an authorizer has put into the event.
    pub(crate) fn new(
        source: EventSource,
        authorizer: Option<&'a RawValue>,
        source_ip: Option<&'a str>,
        gateway_request_id: Option<&'a str>,
    ) -> Self {
        let claims = authorizer.and_then(|authorizer| claims(source, authorizer));
        Self { source, claims, source_ip, gateway_request_id }
    }

    pub(super) fn is_of_http_api(&self) -> bool {
        self.source == EventSource::HttpApi
    }

    pub(super) fn claims(&self) -> Option<&JsonObject<'a>> {
        self.claims.as_ref()
    }

    /// The subject of the token, or the principal of a Lambda authorizer; for the log.
    pub(crate) fn subject(&self) -> Option<Cow<'a, str>> {
        first_string(self.claims.as_ref()?, ["sub", "principalId"])
    }
}

/// Reads one claim.
pub(super) fn claim<'a>(claims: &JsonObject<'a>, name: &str) -> Claim<'a> {
    match claims.field(name) {
        Field::Absent | Field::Once("null") => Claim::Absent,
        Field::Once(json) => serde_json::from_str(json).map_or(Claim::NotString, |Text(text)| Claim::String(text)),
        Field::Repeated => Claim::NotString,
    }
}

/// The first of these claims that is a string.
pub(super) fn first_string<'a>(claims: &JsonObject<'a>, names: [&str; 2]) -> Option<Cow<'a, str>> {
    names.into_iter().find_map(|name| match claim(claims, name) {
        Claim::String(text) => Some(text),
        Claim::Absent | Claim::NotString => None,
    })
}

/// What an HTTP API's authorizers hand over. A field that is null is absent. One that stands twice or is of another kind makes
/// all of it unreadable.
#[derive(Deserialize)]
struct HttpApiAuthorizer<'a> {
    iam: Option<IgnoredAny>,
    #[serde(borrow)]
    jwt: Option<Jwt<'a>>,
    #[serde(borrow)]
    lambda: Option<JsonObject<'a>>,
}

#[derive(Deserialize)]
struct Jwt<'a> {
    #[serde(borrow)]
    claims: Option<JsonObject<'a>>,
}

/// The same of a REST API. A Lambda authorizer's context is flat, and may have a text of this name.
#[derive(Deserialize)]
struct RestApiAuthorizer<'a> {
    #[serde(borrow)]
    claims: Option<&'a RawValue>,
}

fn claims(source: EventSource, authorizer: &RawValue) -> Option<JsonObject<'_>> {
    // Serde would read the fields of a struct from a list, too.
    let is_object = |json: &&RawValue| json.get().starts_with('{');
    let authorizer = Some(authorizer).filter(is_object)?;
    let claims: JsonObject<'_> = match source {
        EventSource::Unverified => return None,
        EventSource::HttpApi => match serde_json::from_str(authorizer.get()).ok()? {
            // An IAM authorizer verifies no token, and stands beside no other.
            HttpApiAuthorizer { iam: Some(_), .. } => return None,
            HttpApiAuthorizer { jwt: Some(jwt), .. } => jwt.claims?,
            HttpApiAuthorizer { lambda, .. } => lambda?,
        },
        EventSource::RestApi => {
            let RestApiAuthorizer { claims } = serde_json::from_str(authorizer.get()).ok()?;
            serde_json::from_str(claims.filter(is_object).unwrap_or(authorizer).get()).ok()?
        }
    };
    // Of two claims of one name, a program before this one may have gone by the other. A null claim is an absent one, and no
    // token if there is no other.
    Some(claims).filter(|claims| claims.is_distinct() && claims.0.iter().any(|(_, json)| *json != "null"))
}
