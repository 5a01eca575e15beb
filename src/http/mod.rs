//! The contract over HTTP, and the only code that knows status codes.
//!
//! A request passes through these files, in this order:
//!
//! 1. `event`: a Lambda event of one of the four kinds becomes a [`lambda_http::Request`].
//! 2. `route`: method and path become a row of [`ROUTES`], or a 404 or 405.
//! 3. `request_body` and `query` (with `cursor`): the input becomes values of the model, or a list of *all* its errors.
//! 4. `handlers`: one function per endpoint calls the store. `short_link` has those of the short link, with its pages and
//!    pictures, and `openapi` the description of the API.
//! 5. `responses`, `link` and `problem`: the result becomes a document with headers. Every error has one entry in
//!    `problem`.
//!
//! [`Service`] joins them, and logs one line per request: request id, method, route, status, duration. It never logs a
//! body.

mod cursor;
mod event;
mod handlers;
mod link;
mod openapi;
mod problem;
mod query;
mod request_body;
mod responses;
mod route;
mod short_link;

pub(crate) use event::{HttpEvent, refuse_other_event};
pub use problem::ProblemCode;
pub use route::{BASE_PATH, PathPattern, Permission, ROUTES, RouteSpec};

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;
use lambda_http::http::Method;
use lambda_http::{Body, Request, RequestExt, Response};

use crate::limits::CALL_DEADLINE;
use crate::model::Sources;
use crate::settings::ServiceSettings;
use crate::store::Store;
use problem::Problem;
use responses::without_body;

/// What every request needs: the settings, the table, and the sources of time and randomness.
pub struct Service {
    settings: ServiceSettings,
    store: Store,
    sources: Sources,
}

impl Service {
    /// A service with these settings over this table.
    #[must_use]
    pub fn new(settings: ServiceSettings, store: Store, sources: Sources) -> Self {
        Self { settings, store, sources }
    }

    /// Answers one request. There is always a response: a panic becomes a 500, and a passed deadline a 503.
    pub async fn answer(&self, request: Request) -> Response<Body> {
        let started = Instant::now();
        let request_id = request.lambda_context_ref().map_or("", |context| &context.request_id);
        let target = route::resolve(&request);
        let route = target.as_ref().map_or("none", route::Target::name);

        let handled = async {
            match target {
                Ok(target) => handlers::handle_target(self, &target, &request).await,
                Err(problem) => Err(problem),
            }
        };
        let handled = tokio::time::timeout(CALL_DEADLINE, AssertUnwindSafe(handled).catch_unwind()).await;
        let result = match handled {
            Ok(Ok(result)) => result,
            // The panic hook has logged the place and the message.
            Ok(Err(_panic)) => Err(Problem::internal("panic in request")),
            Err(_elapsed) => Err(Problem::unavailable("call deadline exceeded")),
        };
        let mut response = result.unwrap_or_else(|problem| problem.into_response(request_id));
        if route::is_short_link(&request) {
            short_link::finish(&mut response);
        }
        if request.method() == Method::HEAD {
            response = without_body(response);
        }

        tracing::info!(
            request_id,
            method = request.method().as_str(),
            route,
            status = response.status().as_u16(),
            duration_ms = millis_since(started),
            "request completed"
        );
        response
    }
}

/// The time since `started` for the log: in milliseconds, rounded to a microsecond.
fn millis_since(started: Instant) -> f64 {
    (started.elapsed().as_secs_f64() * 1e6).round() / 1e3
}
