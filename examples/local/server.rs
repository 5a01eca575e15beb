//! HTTP on loopback in front of the Lambda handler, which answers each request as behind an HTTP API of API Gateway.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use dev::gateway;
use referral_codes::http::Service;
use referral_codes::lambda::handle;

/// Every path goes to the handler.
pub fn router(service: Arc<Service>) -> Router {
    Router::new().fallback(forward).with_state(service)
}

async fn forward(State(service): State<Arc<Service>>, request: Request) -> Response {
    let started = Instant::now();
    let line = format!("{} {}", request.method(), request.uri());
    let response = gateway::respond(request, None, async |event| handle(service, event).await);
    let response = response.await;
    log(&line, response.status(), started);
    response
}

/// Prints one line for each request. On a terminal it is in colour, unless `NO_COLOR` is set (<https://no-color.org>).
fn log(line: &str, status: StatusCode, started: Instant) {
    let millis = started.elapsed().as_secs_f64() * 1e3;
    let code = status.as_u16();
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()) {
        let colour = match code {
            200..=299 => 32,
            400..=499 => 33,
            _ => 31,
        };
        println!("\x1b[{colour}m{code}\x1b[0m {line} \x1b[2m{millis:.1} ms\x1b[0m");
    } else {
        println!("{code} {line} {millis:.1} ms");
    }
}
