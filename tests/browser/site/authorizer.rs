//! API Gateway's JWT authorizer, as the routes of `template.yaml` have it: below the base path a request takes a good token.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>
//!
//! Its tokens are random, or those of a provider. (API Gateway verifies signatures against the keys that the issuer publishes; to
//! the page a token is a text.)

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::Request;
use axum::http::{Method, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dev::BASE;
use serde_json::{Value, json};

/// The claims of a token that may read and write the codes of an organisation.
pub fn claims(org: &str) -> Value {
    json!({ "sub": "user-7", "scope": "codes:read codes:write", "org_id": org })
}

/// A request without a good token where it takes one.
pub(super) struct Unauthorized;

/// Which tokens are good. Clones share them.
#[derive(Clone)]
pub enum Authorizer {
    /// No route asks for one.
    None,
    /// These, with their claims.
    Known(Arc<Mutex<HashMap<String, Value>>>),
    /// Those of this issuer for this audience.
    Of { issuer: String, audience: String },
}

impl Authorizer {
    fn known(&self) -> &Mutex<HashMap<String, Value>> {
        let Self::Known(tokens) = self else { panic!("no tokens of its own") };
        tokens
    }

    pub fn token(&self, claims: &Value) -> String {
        let token = [(); 3].map(|()| format!("{:032x}", fastrand::u128(..))).join(".");
        self.known().lock().unwrap().insert(token.clone(), claims.clone());
        token
    }

    /// Makes all tokens so far bad, as when they expire.
    pub fn revoke(&self) {
        self.known().lock().unwrap().clear();
    }

    /// What the event has as `requestContext.authorizer`, if the request is not refused.
    pub(super) fn authorize(&self, request: &Request) -> Result<Option<Value>, Unauthorized> {
        if matches!(self, Self::None) || !request.uri().path().starts_with(BASE) || request.method() == Method::OPTIONS
        {
            return Ok(None);
        }
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let claims = match self {
            Self::Known(tokens) => tokens.lock().unwrap().get(token).cloned(),
            Self::Of { issuer, audience } => claims_of(token).filter(|claims| {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
                claims["iss"] == *issuer && claims["aud"] == *audience && claims["exp"].as_u64() > Some(now)
            }),
            Self::None => None,
        };
        let claims = claims.ok_or(Unauthorized)?;
        Ok(Some(json!({ "jwt": { "claims": claims, "scopes": null } })))
    }
}

/// What a token of a provider says.
fn claims_of(token: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?).ok()
}
