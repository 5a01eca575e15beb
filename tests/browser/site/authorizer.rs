//! API Gateway's JWT authorizer, as the routes of `template.yaml` have it: below the base path a request takes a good token.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>
//!
//! (API Gateway verifies signatures against the keys that the issuer publishes; to the page a token is a text.)

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::Request;
use axum::http::{Method, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dev::BASE;
use serde_json::{Value, json};

/// The service, as issuers of tokens know it.
pub const AUDIENCE: &str = "https://codes.example";

/// The claims of a token that may read and write the codes of an organisation.
pub fn claims(org: &str) -> Value {
    json!({ "sub": "user-7", "scope": "codes:read codes:write", "org_id": org })
}

/// A request without a good token where it takes one.
pub(super) struct Unauthorized;

/// Whose tokens for [`AUDIENCE`] are good. Without an issuer no route asks for one. Clones share it.
#[derive(Clone, Default)]
pub struct Authorizer(Arc<Mutex<Option<String>>>);

impl Authorizer {
    pub(super) fn of(issuer: &str) -> Self {
        Self(Arc::new(Mutex::new(Some(issuer.to_owned()))))
    }

    /// A token of the issuer.
    pub fn token(&self, claims: &Value) -> String {
        let mut claims = claims.clone();
        claims["iss"] = self.0.lock().unwrap().clone().into();
        (claims["aud"], claims["exp"]) = (AUDIENCE.into(), u32::MAX.into());
        let [head, signature] = [(); 2].map(|()| format!("{:032x}", fastrand::u128(..)));
        format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    /// Makes all tokens so far bad, as when they expire.
    pub fn revoke(&self) {
        self.0.lock().unwrap().as_mut().expect("an issuer").push('/');
    }

    /// What the event has as `requestContext.authorizer`, if the request is not refused.
    pub(super) fn authorize(&self, request: &Request) -> Result<Option<Value>, Unauthorized> {
        let Some(issuer) = self.0.lock().unwrap().clone() else { return Ok(None) };
        if !request.uri().path().starts_with(BASE) || request.method() == Method::OPTIONS {
            return Ok(None);
        }
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let claims = header.and_then(|value| claims_of(value.strip_prefix("Bearer ")?)).filter(|claims| {
            claims["iss"] == issuer && claims["aud"] == AUDIENCE && claims["exp"].as_u64() > Some(now)
        });
        Ok(Some(json!({ "jwt": { "claims": claims.ok_or(Unauthorized)?, "scopes": null } })))
    }
}

/// What a token says.
fn claims_of(token: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?).ok()
}
