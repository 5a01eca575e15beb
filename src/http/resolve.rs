//! Which row of the table of routes a method and a path mean.
//!
//! HEAD means the GET of the same path; the response then goes out without its body. OPTIONS of every path in the table is a
//! 204 with `Allow`. <https://www.rfc-editor.org/rfc/rfc9110#name-head>
//!
//! A deployment can put a prefix before the path: `super::prefix`. A path that is a route as it stands is that route,
//! whatever the prefixes are called. Where a gateway matched the path with a route that is open, only an open route of ours
//! answers: else `ANY /r/{proxy+}` would lead around the authorizer and the throttle of every other route of a stage `r`.

use std::collections::BTreeSet;

use lambda_http::{Request, RequestExt};

use super::access::Permission;
use super::prefix::{GatewayRoute, Prefixes, first_segment};
use super::problem::Problem;
use super::route::{ROUTES, RouteSpec, begins_an_open_route, strip_base};
use crate::settings::ServiceSettings;

/// What a request asks for, and where.
#[derive(Debug)]
pub(super) struct Resolved<'r> {
    pub(super) target: Target<'r>,
    /// What the client's own path has before the route's.
    pub(super) prefix: &'r str,
    /// Whether the path is one of a short link, or below them: all answers there keep search engines away.
    pub(super) is_short_link: bool,
}

#[derive(Debug)]
pub(super) enum Target<'r> {
    /// A route, and the text in the place of its braces.
    Route { route: &'static RouteSpec, parameter: &'r str },
    /// The methods of a path, as the `Allow` header has them.
    Options { allow: String },
    /// Nothing: no route has this path, or none has this method too.
    NoRoute { problem: Problem, permission: Permission },
    /// A path among those of the short links that is none: `/r`, `/r/x/y`.
    NoShortLink,
}

impl Target<'_> {
    /// The name in the log.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Route { route, .. } => route.name,
            Self::Options { .. } => "options",
            Self::NoRoute { .. } | Self::NoShortLink => "none",
        }
    }

    /// What the request needs to be answered.
    pub(super) fn permission(&self) -> Permission {
        match self {
            Self::Route { route, .. } => route.permission,
            Self::Options { .. } | Self::NoShortLink => Permission::Open,
            Self::NoRoute { permission, .. } => *permission,
        }
    }
}

/// What a request asks for: the answer is a 404 if no route has its path, a 405 if none has its method too. The routes of
/// the console are there only where it is served.
pub(super) fn resolve<'r>(request: &'r Request, matched: &GatewayRoute, settings: &'r ServiceSettings) -> Resolved<'r> {
    let prefixes = Prefixes::of(request, settings.path_prefix.as_deref());
    let forms = || prefixes.forms(request.raw_http_path());
    let only_open = matched.is_below(prefixes, begins_an_open_route);
    let served = |route: &&RouteSpec| {
        (settings.console || !route.is_of_console()) && (!only_open || route.permission == Permission::Open)
    };
    let fitting = |form: &'r str| {
        let routes = ROUTES.iter().filter(served);
        let fitting: Vec<_> = routes.filter_map(|route| Some((route, route.path.parameter_of(form)?))).collect();
        (!fitting.is_empty()).then_some((form, fitting))
    };
    let found: Vec<_> = forms().filter_map(fitting).collect();
    // `/r/openapi.yaml` behind a stage `r` is no short link: the 404 of a short link is what no other form leads past.
    let is_known = |(route, text): &(&RouteSpec, &str)| route.knows(text, settings);
    let fits = match &found[..] {
        // Whether its route knows the text need not be asked: a code has to be parsed for that.
        [only] => Some(only),
        several => several.iter().find(|(_, fitting)| fitting.iter().any(is_known)).or(several.first()),
    };
    if let Some((form, fitting)) = fits {
        return Resolved {
            target: target(request.method().as_str(), fitting, is_below_base(form)),
            prefix: prefixes.used_by_client(request, form),
            is_short_link: is_among_short_links(form),
        };
    }
    let is_guarded = !only_open && forms().any(is_below_base);
    let is_short_link = !is_guarded && forms().any(is_among_short_links);
    let target = if is_short_link {
        Target::NoShortLink
    } else {
        no_route(Problem::RouteNotFound, request.method().as_str(), is_guarded)
    };
    Resolved { target, prefix: "", is_short_link }
}

/// What a method means where these routes have the path.
fn target<'r>(method: &str, routes: &[(&'static RouteSpec, &'r str)], is_guarded: bool) -> Target<'r> {
    let served_by = if method == "HEAD" { "GET" } else { method };
    if let Some((route, parameter)) = routes.iter().find(|(route, _)| route.method == served_by) {
        return Target::Route { route, parameter };
    }
    let mut allowed = BTreeSet::from(["OPTIONS"]);
    for (route, _) in routes {
        allowed.extend([route.method].into_iter().chain((route.method == "GET").then_some("HEAD")));
    }
    let allow = Vec::from_iter(allowed).join(", ");
    if method == "OPTIONS" {
        return Target::Options { allow };
    }
    no_route(Problem::MethodNotAllowed(allow), method, is_guarded)
}

/// Below the base path a caller without a token is told nothing, not even which paths there are. Only OPTIONS is open: a
/// browser sends no token with a preflight.
fn no_route(problem: Problem, method: &str, is_guarded: bool) -> Target<'static> {
    let permission = if is_guarded && method != "OPTIONS" { Permission::Token } else { Permission::Open };
    Target::NoRoute { problem, permission }
}

fn is_below_base(path: &str) -> bool {
    strip_base(path).is_some()
}

fn is_among_short_links(path: &str) -> bool {
    first_segment(path).eq_ignore_ascii_case("r")
}
