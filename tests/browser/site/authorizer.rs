//! API Gateway's JWT authorizer, as the routes of `template.yaml` have it: below the base path a request takes a good token.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>

use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use dev::{BASE, gateway};
use serde_json::{Value, json};

use super::issuer::Issuer;

/// What the event has as `requestContext.authorizer`, or the gateway's own refusal.
pub fn authorize(issuer: &Issuer, request: &Request) -> Result<Option<Value>, Response> {
    if !request.uri().path().starts_with(BASE) || request.method() == Method::OPTIONS {
        return Ok(None);
    }
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    match issuer.verify(token) {
        Some(claims) => Ok(Some(json!({ "jwt": { "claims": claims, "scopes": null } }))),
        None => Err(gateway::own_response(StatusCode::UNAUTHORIZED, "Unauthorized")),
    }
}
