//! Tokens in the form of a JWT, signed with a secret of the test's own. (API Gateway verifies RSA signatures against the keys
//! that the issuer publishes; to the page a token is a text.)

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[derive(Clone)]
pub struct Issuer {
    secret: Arc<AtomicU64>,
}

/// The claims of a token that may read and write the codes of an organisation.
pub fn claims(org: &str) -> Value {
    json!({ "sub": "user-7", "scope": "codes:read codes:write", "org_id": org })
}

impl Issuer {
    pub fn new() -> Self {
        Self { secret: Arc::new(AtomicU64::new(fastrand::u64(..))) }
    }

    pub fn token(&self, claims: &Value) -> String {
        let [header, claims] = [&json!({ "alg": "test" }), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        format!("{signed}.{}", self.signature(&signed))
    }

    /// The claims of a good token.
    pub fn verify(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        if signature != self.signature(signed) {
            return None;
        }
        let (_, claims) = signed.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    /// Makes all tokens so far bad, as when they expire.
    pub fn revoke(&self) {
        self.secret.fetch_add(1, Ordering::Relaxed);
    }

    fn signature(&self, signed: &str) -> String {
        let secret = self.secret.load(Ordering::Relaxed);
        URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{secret}.{signed}")))
    }
}
