//! The settings of who may call: `ACCESS`, and how the claims of a token are read.

use super::Reader;
use crate::limits::MAX_CLAIM_NAME_BYTES;

/// `ACCESS`: who may call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Access {
    /// `public`: every caller may do everything.
    Public,
    /// `jwt`: only callers whose token API Gateway has verified, each within its claims.
    Jwt(TokenRules),
}

/// How the claims of a token are read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenRules {
    /// `SCOPE_READ`: the scope that the GETs take.
    pub scope_read: String,
    /// `SCOPE_WRITE`: the scope that everything takes.
    pub scope_write: String,
    /// `SCOPE_ADMIN`: the scope of callers who are confined to no organisation.
    pub scope_admin: String,
    /// `ORG_CLAIM`: the claim that names the token's organisation.
    pub org_claim: String,
    /// `MENTOR_CLAIM`: the claim that confines a token to one mentor. None: no token is.
    pub mentor_claim: Option<String>,
}

impl Reader<'_> {
    pub(super) fn access(&mut self) -> Access {
        // All are read in either case, so that an error in one does not wait for the day on which `ACCESS` is changed.
        let rules = TokenRules {
            scope_read: self.scope("SCOPE_READ", "codes:read"),
            scope_write: self.scope("SCOPE_WRITE", "codes:write"),
            scope_admin: self.scope("SCOPE_ADMIN", "codes:admin"),
            org_claim: self.claim("ORG_CLAIM").unwrap_or_else(|| "org_id".to_owned()),
            mentor_claim: self.claim("MENTOR_CLAIM"),
        };
        let access = self.matching("ACCESS", "be public or jwt", |access| matches!(access, "public" | "jwt"));
        if access.as_deref() == Some("jwt") { Access::Jwt(rules) } else { Access::Public }
    }

    /// One scope, as RFC 6749 has it: <https://www.rfc-editor.org/rfc/rfc6749#section-3.3>
    fn scope(&mut self, name: &str, default: &str) -> String {
        let rule = format_args!("be one scope, like {default}: visible ASCII characters without blanks, \" and \\");
        let fits = |scope: &str| scope.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\'));
        self.matching(name, rule, fits).unwrap_or_else(|| default.to_owned())
    }

    fn claim(&mut self, name: &str) -> Option<String> {
        let rule = format_args!(
            "be the name of a claim, like org_id: up to {MAX_CLAIM_NAME_BYTES} visible ASCII characters without blanks"
        );
        let fits = |claim: &str| claim.len() <= MAX_CLAIM_NAME_BYTES && claim.bytes().all(|b| b.is_ascii_graphic());
        self.matching(name, rule, fits)
    }
}
