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

use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// What an authorizer has handed over: names and values.
pub(super) type Claims = Map<String, Value>;

/// Who calls.
#[derive(Default, Debug)]
pub(crate) struct Caller {
    source: EventSource,
    /// The claims of the verified token; none without a token.
    claims: Option<Claims>,
    /// The address that the request came from.
    pub(crate) source_ip: Option<String>,
    /// The gateway's own id of the request: a client can quote it.
    pub(crate) gateway_request_id: Option<String>,
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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Claim<'a> {
    /// The token has no such claim, or a null one.
    Absent,
    /// A string.
    String(&'a str),
    /// A number, a list, or anything else: it never counts.
    NotString,
}

impl Caller {
    /// A caller from what an authorizer has put into the event.
    pub(crate) fn new(
        source: EventSource,
        authorizer: Option<&RawValue>,
        source_ip: Option<String>,
        gateway_request_id: Option<String>,
    ) -> Self {
        let claims = authorizer.and_then(|authorizer| claims(source, authorizer)).filter(|claims| !claims.is_empty());
        Self { source, claims, source_ip, gateway_request_id }
    }

    pub(super) fn is_of_http_api(&self) -> bool {
        self.source == EventSource::HttpApi
    }

    pub(super) fn claims(&self) -> Option<&Claims> {
        self.claims.as_ref()
    }

    /// The subject of the token, or the principal of a Lambda authorizer; for the log.
    pub(crate) fn subject(&self) -> Option<&str> {
        let claims = self.claims.as_ref()?;
        ["sub", "principalId"].into_iter().find_map(|name| match claim(claims, name) {
            Claim::String(subject) => Some(subject),
            Claim::Absent | Claim::NotString => None,
        })
    }
}

/// Reads one claim.
pub(super) fn claim<'a>(claims: &'a Claims, name: &str) -> Claim<'a> {
    match claims.get(name) {
        None | Some(Value::Null) => Claim::Absent,
        Some(Value::String(text)) => Claim::String(text),
        Some(_) => Claim::NotString,
    }
}

/// What an HTTP API's authorizers hand over. A field that is null is absent. One that stands twice or is of another kind, and
/// a claim that stands twice, make all of it unreadable.
#[derive(Deserialize)]
struct HttpApiAuthorizer {
    iam: Option<IgnoredAny>,
    jwt: Option<Jwt>,
    lambda: Option<Distinct>,
}

#[derive(Deserialize)]
struct Jwt {
    claims: Option<Distinct>,
}

/// The same of a REST API. A Lambda authorizer's context is flat, and may have a text of this name.
#[derive(Deserialize)]
struct RestApiAuthorizer<'a> {
    #[serde(borrow)]
    claims: Option<&'a RawValue>,
}

/// Claims of which none stands twice: of two, a program before this one may have gone by the other.
struct Distinct(Claims);

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Distinct;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Distinct, A::Error> {
                let mut claims = Claims::new();
                while let Some((name, value)) = object.next_entry()? {
                    if claims.insert(name, value).is_some() {
                        return Err(A::Error::custom("a claim stands twice"));
                    }
                }
                Ok(Distinct(claims))
            }
        }
        from.deserialize_map(Object)
    }
}

fn claims(source: EventSource, authorizer: &RawValue) -> Option<Claims> {
    // Serde would read the fields of a struct from a list, too.
    let is_object = |json: &&RawValue| json.get().starts_with('{');
    let authorizer = Some(authorizer).filter(is_object)?;
    let Distinct(mut claims) = match source {
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
    // A null claim is an absent one, and no token if there is no other.
    claims.retain(|_, value| !value.is_null());
    Some(claims)
}
