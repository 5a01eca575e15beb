//! The decision: what a caller may do, and which codes are in their sight.

use super::caller::{Caller, Claim, claim, first_string};
use crate::http::json_object::JsonObject;
use crate::http::problem::Problem;
use crate::model::{MentorId, OrgId, Sight};
use crate::settings::{Access, TokenRules};

/// What a caller has to be allowed to do. A route declares it; `access` compares it with the token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Permission {
    /// Nothing, whatever the access settings say.
    Open,
    /// To call at all, with any token: something below the base path that is no route.
    Token,
    /// To read codes.
    Read,
    /// To make, rotate and invalidate codes.
    Write,
}

/// A caller was let in, and may see these codes. Only [`decide`] makes one.
#[derive(Debug)]
pub(crate) struct Grant {
    sight: Sight,
}

impl Grant {
    pub(super) fn into_sight(self) -> Sight {
        self.sight
    }

    /// The organisation that the caller is confined to; for the log.
    pub(crate) fn org_id(&self) -> Option<&OrgId> {
        match &self.sight {
            Sight::All => None,
            Sight::Org { org_id, .. } => Some(org_id),
        }
    }
}

/// Lets a caller in, or says why not.
///
/// # Errors
/// 401 without a token, 403 without the scope, the organisation or the mentor that the token must have.
pub(crate) fn decide(access: &Access, permission: Permission, caller: &Caller<'_>) -> Result<Grant, Problem> {
    let everything = Ok(Grant { sight: Sight::All });
    let Access::Jwt(rules) = access else { return everything };
    if permission == Permission::Open {
        return everything;
    }
    let claims = caller.claims().ok_or(Problem::Unauthenticated)?;
    let scopes = first_string(claims, ["scope", "scp"]).unwrap_or_default();
    let has_scope = |scope: &str| words(&scopes, caller).any(|word| word == scope);
    let is_admin = has_scope(&rules.scope_admin);
    let may_write = is_admin || has_scope(&rules.scope_write);
    let may_read = may_write || has_scope(&rules.scope_read);
    match permission {
        Permission::Write if !may_write => return Err(Problem::InsufficientScope(rules.scope_write.clone())),
        Permission::Read if !may_read => return Err(Problem::InsufficientScope(rules.scope_read.clone())),
        _ => {}
    }
    // What is no route shows no code.
    if is_admin || permission == Permission::Token {
        return everything;
    }
    Ok(Grant { sight: confined(claims, rules)? })
}

/// The codes in sight of a token that is no admin's.
fn confined(claims: &JsonObject<'_>, rules: &TokenRules) -> Result<Sight, Problem> {
    let Claim::String(org) = claim(claims, &rules.org_claim) else { return Err(Problem::NoOrgInToken) };
    let org_id = OrgId::parse(&org).map_err(|_| Problem::NoOrgInToken)?;
    let mentor_id = match rules.mentor_claim.as_deref().map_or(Claim::Absent, |name| claim(claims, name)) {
        Claim::Absent => None,
        // A token that is meant to be confined and does not say to whom must not see more than one that does.
        Claim::NotString => return Err(Problem::UnclearMentorInToken),
        Claim::String(mentor) => Some(MentorId::parse(&mentor).map_err(|_| Problem::UnclearMentorInToken)?),
    };
    Ok(Sight::Org { org_id, mentor_id })
}

/// The scopes in the claim `scope`, or in `scp` if there is no such string.
///
/// An HTTP API hands over a claim that is a list as one string in brackets: `[codes:read openid]`.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>
fn words<'s>(scopes: &'s str, caller: &Caller<'_>) -> impl Iterator<Item = &'s str> {
    let list = scopes.strip_prefix('[').and_then(|words| words.strip_suffix(']')).filter(|_| caller.is_of_http_api());
    list.unwrap_or(scopes).split_ascii_whitespace()
}
