//! Tokens as API Gateway has verified them, and the places in an event where it puts their claims.

use dev::{Call, Kind};
use serde_json::{Value, json};

use super::fixture::{OWN_MENTOR, OWN_ORG};

/// Which authorizer has verified the token, of which API.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carrier {
    /// HTTP API, JWT authorizer.
    Jwt,
    /// HTTP API, Lambda authorizer.
    LambdaOfHttpApi,
    /// REST API, Cognito authorizer.
    Cognito,
    /// REST API, Lambda authorizer.
    LambdaOfRestApi,
}

impl Carrier {
    pub const ALL: [Self; 4] = [Self::Jwt, Self::LambdaOfHttpApi, Self::Cognito, Self::LambdaOfRestApi];

    /// The call with these claims, or without a token.
    pub fn carry(self, call: Call, claims: Option<&Value>) -> Call {
        let (kind, authorizer) = match self {
            Self::Jwt => (Kind::HttpApi, claims.map(|claims| json!({ "jwt": { "claims": claims, "scopes": null } }))),
            Self::LambdaOfHttpApi => (Kind::HttpApi, claims.map(|claims| json!({ "lambda": claims }))),
            Self::Cognito => (Kind::RestApi, claims.map(|claims| json!({ "claims": claims }))),
            Self::LambdaOfRestApi => (Kind::RestApi, claims.cloned()),
        };
        let call = call.kind(kind);
        authorizer.into_iter().fold(call, Call::authorizer)
    }
}

/// The claims of a token with this scope, without an organisation.
pub fn without_org(scope: &str) -> Value {
    json!({ "iss": "https://issuer.example", "sub": "someone", "scope": scope })
}

/// The claims of a token with this scope, for the own organisation.
pub fn of_org(scope: &str) -> Value {
    with(without_org(scope), "org_id", OWN_ORG)
}

/// The claims of a token with this scope, for the own mentor in the own organisation.
pub fn of_mentor(scope: &str) -> Value {
    with(of_org(scope), "mentor_id", OWN_MENTOR)
}

/// The claims with one more, or with another value of one.
pub fn with(mut claims: Value, name: &str, value: impl Into<Value>) -> Value {
    claims[name] = value.into();
    claims
}
