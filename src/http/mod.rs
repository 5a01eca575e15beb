//! The contract over HTTP, and the only code that knows status codes.
//!
//! A request passes through these files, in this order:
//!
//! 1. `event`: a Lambda event of one of the four kinds becomes a [`lambda_http::Request`].
//! 2. `route`: method and path become a row of [`ROUTES`], or a 404 or 405.
//! 3. `access`: the caller is let in, with what they may see, or gets a 401 or 403.
//! 4. `request_body` and `query` (with `cursor`): the input becomes values of the model, or a list of *all* its errors.
//! 5. `handlers`: one function per endpoint asks the store, which shows what the caller may see. `short_link` has those of
//!    the short link, with its pages and pictures, `openapi` the description of the API, and `console` the page for the
//!    people who look after the codes. These are open, and know no caller: they can resolve short links, and see nothing
//!    else.
//! 6. `responses`, `csv`, `link` and `problem`: the result becomes a document with headers, in the form that `accept` reads
//!    from the request. Every error has one entry in `problem`. `static_file` answers with files that change with a release
//!    only.
//! 7. `cors` and `security_headers` add to every response what a browser needs to know.
//!
//! [`Service`] joins them, and logs one line per request (`trail`). It never logs a body.

mod accept;
mod access;
mod console;
mod cors;
mod csv;
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
mod security_headers;
mod short_link;
mod static_file;
mod trail;

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
use access::{Caller, GuardedStore};
use cors::CorsRequest;
use problem::Problem;
use responses::without_body;
use trail::{Completed, Trail};

/// What every request needs: the settings, and the table behind the decision on who may see what.
pub struct Service {
    settings: ServiceSettings,
    store: GuardedStore,
}

impl Service {
    /// A service with these settings over this table.
    #[must_use]
    pub fn new(settings: ServiceSettings, store: Store, sources: Sources) -> Self {
        Self { settings, store: GuardedStore::new(store, sources) }
    }

    /// Answers one request. There is always a response: a panic becomes a 500, and a passed deadline a 503.
    async fn answer(&self, request: Request, caller: &Caller) -> Response<Body> {
        let started = Instant::now();
        let request_id = request.lambda_context_ref().map_or("", |context| &context.request_id);
        let cors = CorsRequest::of(&request);
        let target = route::resolve(&request, self.settings.console);
        let route = target.name();
        let trail = Trail::default();

        let handled = async {
            let grant = access::decide(&self.settings.access, target.needs(), caller)?;
            trail.grant(&grant);
            Box::pin(handlers::handle_target(self, target, &request, grant, &trail)).await
        };
        let handled = trail.round_trips.of(AssertUnwindSafe(handled).catch_unwind());
        let result = match tokio::time::timeout(CALL_DEADLINE, handled).await {
            Ok(Ok(result)) => result,
            // The panic hook has logged the place and the message.
            Ok(Err(_panic)) => Err(Problem::internal("panic in request")),
            Err(_elapsed) => Err(Problem::unavailable("call deadline exceeded")),
        };
        let problem = result.as_ref().err().map(Problem::code);
        let mut response = result.unwrap_or_else(|problem| problem.into_response(request_id));
        if route::is_short_link(&request) {
            short_link::finish(&mut response);
        }
        security_headers::add(response.headers_mut());
        self.settings.cors_origins.add_headers(&cors, &mut response);
        if request.method() == Method::HEAD {
            response = without_body(response);
        }
        let (method, status) = (request.method(), response.status());
        trail::log(&Completed { request_id, method, route, status, problem, started }, caller, &trail);
        response
    }
}

/// The time since `started` for the log: in milliseconds, rounded to a microsecond.
fn millis_since(started: Instant) -> f64 {
    (started.elapsed().as_secs_f64() * 1e6).round() / 1e3
}
