//! API Gateway's JWT authorizer, as the routes of `template.yaml` have it: below the base path a request takes a good token.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>
//!
//! Its tokens are random. (API Gateway verifies signatures against the keys that the issuer publishes; to the page a token is
//! a text.)

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::Request;
use axum::http::{Method, header};
use dev::BASE;
use serde_json::{Value, json};

/// The claims of a token that may read and write the codes of an organisation.
pub fn claims(org: &str) -> Value {
    json!({ "sub": "user-7", "scope": "codes:read codes:write", "org_id": org })
}

/// A request without a good token where it takes one.
pub(super) struct Unauthorized;

/// The claims of all good tokens; none where no route asks for one. Clones share them.
#[derive(Clone)]
pub struct Authorizer(Option<Arc<Mutex<HashMap<String, Value>>>>);

impl Authorizer {
    pub fn none() -> Self {
        Self(None)
    }

    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    pub fn token(&self, claims: &Value) -> String {
        let token = [(); 3].map(|()| format!("{:032x}", fastrand::u128(..))).join(".");
        self.0.as_ref().unwrap().lock().unwrap().insert(token.clone(), claims.clone());
        token
    }

    /// Makes all tokens so far bad, as when they expire.
    pub fn revoke(&self) {
        self.0.as_ref().unwrap().lock().unwrap().clear();
    }

    /// What the event has as `requestContext.authorizer`, if the request is not refused.
    pub(super) fn authorize(&self, request: &Request) -> Result<Option<Value>, Unauthorized> {
        let Some(tokens) = &self.0 else { return Ok(None) };
        if !request.uri().path().starts_with(BASE) || request.method() == Method::OPTIONS {
            return Ok(None);
        }
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let claims = tokens.lock().unwrap().get(token).cloned().ok_or(Unauthorized)?;
        Ok(Some(json!({ "jwt": { "claims": claims, "scopes": null } })))
    }
}
