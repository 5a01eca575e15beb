//! `/docs`: the description of the API as a page to read and to try. It comes from a crate, and loads nothing from any
//! other host; the policy makes sure of that.

use axum::Router;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use scalar_api_reference::{get_asset_with_mime, scalar_html};
use serde_json::{Value, json};

/// The crate's page has scripts and styles in itself.
const POLICY: &str = "default-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn routes() -> Router {
    Router::new()
        .route("/docs", get(page))
        .route("/docs/scalar.js", get(script))
        .route("/docs/openapi.json", get(description))
}

async fn page() -> Response {
    // Nothing is sent to the makers of the page, and nothing is loaded from them.
    let configuration = json!({
        "url": "/docs/openapi.json",
        "agent": { "disabled": true },
        "mcp": { "disabled": true },
        "telemetry": false,
        "withDefaultFonts": false,
        "hideClientButton": true,
        "showDeveloperTools": "never",
        "documentDownloadType": "direct",
    });
    let page = scalar_html(&configuration, Some("/docs/scalar.js"));
    // Screen readers need the language to pronounce the text. The crate's page leaves it out.
    answer("text/html; charset=utf-8", page.replacen("<html>", r#"<html lang="en">"#, 1))
}

async fn script() -> Response {
    let (_, script) = get_asset_with_mime("scalar.js").expect("the crate has it");
    answer("text/javascript; charset=utf-8", script)
}

async fn description() -> Response {
    let file = include_str!("../../docs/openapi.yaml");
    let description: Value = yaml_serde::from_str(file).expect("the file is YAML");
    answer("application/json", description.to_string())
}

fn answer(content_type: &str, body: impl Into<Body>) -> Response {
    let response = Response::builder().status(StatusCode::OK);
    let response = response.header(header::CONTENT_TYPE, content_type).header(header::CONTENT_SECURITY_POLICY, POLICY);
    response.body(body.into()).expect("a plain response")
}
