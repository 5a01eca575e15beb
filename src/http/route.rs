//! Which endpoint a method and a path mean.
//!
//! The owner's contract prints every path with its base twice; both forms are served. What stands before the base is
//! the deployment's own: a stage (`/prod/api/v1/…`), or the base path of a custom domain. It is passed over where the
//! event proves it: it is the stage that the event names, or API Gateway itself has matched the rest against a route of
//! ours. The raw path is what is matched; an id has a strict form and so needs no decoding.

use lambda_http::http::Method;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};

use super::problem::Problem;

/// Where the collection lives, in the canonical form.
pub const BASE_PATH: &str = "/api/v1/referral-codes";

/// An endpoint, with the id from its path as it came: whether it is one is for the endpoint to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    /// `GET /`
    List,
    /// `POST /`
    GetOrCreate,
    /// `GET /:id`
    Get(String),
    /// `PUT /:id`
    Rotate(String),
    /// `DELETE /:id`
    Invalidate(String),
    /// `GET /:id/url`
    BuildUrl(String),
}

/// A route as API Gateway declares it, below the base.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RouteSpec {
    /// The name in the log.
    pub name: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path below the base, with `{id}` for the id.
    pub path: &'static str,
}

/// Every route there is; `template.yaml` declares the same ones, and a test compares them.
pub const ROUTES: [RouteSpec; 6] = [
    RouteSpec { name: "list", method: "GET", path: "" },
    RouteSpec { name: "get_or_create", method: "POST", path: "" },
    RouteSpec { name: "get", method: "GET", path: "/{id}" },
    RouteSpec { name: "rotate", method: "PUT", path: "/{id}" },
    RouteSpec { name: "invalidate", method: "DELETE", path: "/{id}" },
    RouteSpec { name: "build_url", method: "GET", path: "/{id}/url" },
];

impl Route {
    /// The route's name in the log.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::List => "list",
            Self::GetOrCreate => "get_or_create",
            Self::Get(_) => "get",
            Self::Rotate(_) => "rotate",
            Self::Invalidate(_) => "invalidate",
            Self::BuildUrl(_) => "build_url",
        }
    }
}

/// The route of a request.
pub(super) fn resolve(request: &Request) -> Result<Route, Problem> {
    let below = below_base(request).ok_or_else(Problem::route_not_found)?;
    let segments: Vec<&str> = below.split('/').collect();
    let method = request.method();
    match segments.as_slice() {
        [""] => match *method {
            Method::GET => Ok(Route::List),
            Method::POST => Ok(Route::GetOrCreate),
            _ => Err(Problem::method_not_allowed("GET, POST")),
        },
        ["", id] if !id.is_empty() => match *method {
            Method::GET => Ok(Route::Get((*id).to_owned())),
            Method::PUT => Ok(Route::Rotate((*id).to_owned())),
            Method::DELETE => Ok(Route::Invalidate((*id).to_owned())),
            _ => Err(Problem::method_not_allowed("DELETE, GET, PUT")),
        },
        ["", id, "url"] if !id.is_empty() => match *method {
            Method::GET => Ok(Route::BuildUrl((*id).to_owned())),
            _ => Err(Problem::method_not_allowed("GET")),
        },
        _ => Err(Problem::route_not_found()),
    }
}

/// What of the path stands below the base, without its one tolerated trailing slash.
fn below_base(request: &Request) -> Option<&str> {
    let path = request.raw_http_path();
    let path = &path[deployment_prefix(request, path)..];
    let below = strip_base(path)?;
    let below = strip_base(below).unwrap_or(below);
    Some(below.strip_suffix('/').unwrap_or(below))
}

fn strip_base(path: &str) -> Option<&str> {
    path.strip_prefix(BASE_PATH).filter(|below| below.is_empty() || below.starts_with('/'))
}

/// How much of the path belongs to the deployment.
fn deployment_prefix(request: &Request, path: &str) -> usize {
    let (stage, matched) = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => (context.stage.as_deref(), context.resource_path.as_deref()),
        Some(RequestContext::ApiGatewayV2(context)) => (context.stage.as_deref(), context.route_key.as_deref()),
        _ => (None, None),
    };
    let of_stage = stage.filter(|stage| {
        path.strip_prefix('/').and_then(|rest| rest.strip_prefix(stage)).is_some_and(|rest| rest.starts_with('/'))
    });
    if let Some(stage) = of_stage {
        return 1 + stage.len();
    }
    let of_gateway = matched.filter(|route| route.contains(BASE_PATH)).and_then(|_| path.find(BASE_PATH));
    of_gateway.unwrap_or(0)
}
