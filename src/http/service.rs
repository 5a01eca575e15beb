//! The service: from a request to its response, and the line in the log.

use std::panic::AssertUnwindSafe;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use lambda_http::http::{HeaderValue, Method, StatusCode, header};
use lambda_http::{Body, Context, Request, Response};

use super::access::{self, Caller, Grant, GuardedStore};
use super::console::Page;
use super::handler_context::{Cx, Handled, OpenCx};
use super::prefix::GatewayRoute;
use super::problem::Problem;
use super::request_log::{self, Completed, RequestLog};
use super::resolve::{Resolved, Target, resolve};
use super::responses::{response, without_body};
use super::route::Handler;
use super::{security_headers, short_link};
use crate::limits::{ANSWER_MARGIN, CALL_DEADLINE};
use crate::model::Sources;
use crate::settings::ServiceSettings;
use crate::store::Store;

/// What every request needs: the settings, the table behind the decision on who may see what, and the page that the settings
/// make.
pub struct Service {
    settings: ServiceSettings,
    store: GuardedStore,
    console: OnceLock<Page>,
}

impl Service {
    /// A service with these settings over this table.
    pub fn new(settings: ServiceSettings, store: Store, sources: Sources) -> Self {
        Self { settings, store: GuardedStore::new(store, sources), console: OnceLock::new() }
    }

    /// Answers one request. There is always a response: a panic becomes a 500, and a passed deadline a 503.
    pub(super) async fn answer(
        &self,
        request: &Request,
        sender: (&Caller<'_>, &GatewayRoute),
        context: &Context,
    ) -> Response<Body> {
        let started = Instant::now();
        let (caller, matched) = sender;
        let request_id = &context.request_id;
        let resolved = resolve(request, matched, &self.settings);
        let (route, is_short_link) = (resolved.target.name(), resolved.is_short_link);
        let log = RequestLog::default();

        let handled = async {
            let grant = access::decide(&self.settings.access, resolved.target.permission(), caller)?;
            log.grant(&grant);
            self.handle(resolved, request, grant, &log).await
        };
        let handled = log.round_trips.of(AssertUnwindSafe(handled).catch_unwind());
        let result = match tokio::time::timeout(self.time_limit(context), handled).await {
            Ok(Ok(result)) => result,
            // The panic hook has logged the place and the message.
            Ok(Err(_panic)) => Err(Problem::Internal("panic in request".into())),
            Err(_elapsed) => Err(Problem::unavailable("call deadline exceeded")),
        };
        let problem = result.as_ref().err().map(Problem::code);
        let mut response = result.unwrap_or_else(|problem| problem.into_response(request_id));
        if is_short_link {
            short_link::finish(&mut response);
        }
        security_headers::add(response.headers_mut());
        self.settings.cors_origins.add_headers(request, &mut response);
        if request.method() == Method::HEAD {
            response = without_body(response);
        }
        let (method, status) = (request.method(), response.status());
        request_log::write(&Completed { request_id, method, route, status, problem, started }, caller, &log);
        response
    }

    /// Handles a request of a caller who was let in.
    async fn handle(&self, resolved: Resolved<'_>, request: &Request, grant: Grant, log: &RequestLog) -> Handled {
        let (settings, prefix, console) = (&self.settings, resolved.prefix, &self.console);
        let open = || OpenCx { settings, prefix, codes: self.store.short_links(), console, log };
        match resolved.target {
            Target::Route { route, parameter } => match route.handler {
                Handler::Guarded(handler) => {
                    let cx = Cx { settings, prefix, codes: self.store.open(grant), console, log };
                    handler(&cx, parameter, request).await
                }
                Handler::Open(handler) => handler(&open(), parameter, request).await,
            },
            Target::Options { allow } => {
                log.outcome("options");
                let allow = HeaderValue::try_from(allow).expect("methods are ASCII");
                Ok(response(StatusCode::NO_CONTENT, String::new(), [(header::ALLOW, allow)]))
            }
            Target::NoRoute { problem, .. } => Err(problem),
            Target::NoShortLink => short_link::not_found(&open(), request.headers()),
        }
    }

    /// How long a request may take: [`CALL_DEADLINE`], or less if Lambda ends the call before.
    fn time_limit(&self, context: &Context) -> Duration {
        let left = self.store.time_left(context.deadline());
        left.map_or(CALL_DEADLINE, |left| left.saturating_sub(ANSWER_MARGIN).max(left / 2).min(CALL_DEADLINE))
    }
}
