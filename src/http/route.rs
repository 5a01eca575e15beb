//! The table of routes, and which of them a method and a path mean.
//!
//! One row of [`ROUTES`] is all that says that a route exists. The router, the names in the log, the `Allow` header,
//! the answer to OPTIONS and the test of `template.yaml` are all made from it. To add a route, add a row: the compiler
//! then demands its arm in `handlers.rs`, and the test its events in `template.yaml`.
//!
//! # Methods
//!
//! HEAD means the GET of the same path (RFC 9110, 9.3.2); the response then goes out without its body. OPTIONS of every
//! path in the table is a 204 with `Allow`.
//! <https://www.rfc-editor.org/rfc/rfc9110#name-head>
//!
//! # Paths
//!
//! The owner's contract prints every path with its base twice. Both forms are served; the short one is canonical.
//!
//! A deployment can put a prefix in front of the path: a stage (`/prod/api/v1/…`), or the base path of a custom domain.
//! It is removed if the event proves that it is one: the event names that stage, or API Gateway has matched the rest of
//! the path with a route of ours.
//!
//! The raw path is matched: an id has a strict form, so nothing in it has to be decoded. A code as people type it has
//! not: `short_link` decodes it.

use std::collections::BTreeSet;

use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};

use super::access::Needs;
use super::problem::Problem;

/// The path of the collection, in its canonical form.
pub const BASE_PATH: &str = "/api/v1/referral-codes";

/// What a caller has to be allowed to do. It is declared here; `access` decides, before a handler is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Permission {
    /// Nothing, whatever the access settings say.
    Open,
    /// To read codes.
    Read,
    /// To make, rotate and invalidate codes.
    Write,
}

/// The form of a path. Braces stand for any text that is not empty and holds no slash; a pattern has them once at most.
/// They begin their segment, and what follows them is its end: `/r/{code}.svg`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathPattern {
    /// Below [`BASE_PATH`], which may stand there once or twice.
    BelowBase(&'static str),
    /// A whole path, outside [`BASE_PATH`].
    Absolute(&'static str),
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct RouteSpec {
    /// The method.
    pub method: &'static str,
    /// The form of the path.
    pub path: PathPattern,
    /// The name in the log.
    pub name: &'static str,
    /// What a caller has to be allowed to do.
    pub permission: Permission,
    /// What answers.
    pub(super) endpoint: Endpoint,
}

/// What answers a route. An open route and a guarded one are answered by different functions, which get different ways to
/// the store: `handlers.rs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Endpoint {
    Guarded(GuardedEndpoint),
    Open(OpenEndpoint),
}

/// Makes the rows of [`ROUTES`] and an endpoint for each, so that a row without a handler does not compile.
macro_rules! routes {
    (
        guarded { $($method:ident $path:expr, $name:literal, $permission:ident => $endpoint:ident;)+ }
        open { $($open_method:ident $open_path:expr, $open_name:literal => $open_endpoint:ident;)+ }
    ) => {
        /// What answers a guarded route; `handlers.rs` has one arm for each.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum GuardedEndpoint {
            $($endpoint,)+
        }

        /// What answers an open route; `handlers.rs` has one arm for each.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum OpenEndpoint {
            $($open_endpoint,)+
        }

        /// Every route. If two rows fit a request, the first one answers it.
        pub const ROUTES: &[RouteSpec] = &[
            $(RouteSpec {
                method: stringify!($method),
                path: $path,
                name: $name,
                permission: Permission::$permission,
                endpoint: Endpoint::Guarded(GuardedEndpoint::$endpoint),
            },)+
            $(RouteSpec {
                method: stringify!($open_method),
                path: $open_path,
                name: $open_name,
                permission: Permission::Open,
                endpoint: Endpoint::Open(OpenEndpoint::$open_endpoint),
            },)+
        ];

        // A row of the guarded ones that needed nothing would show every code to every caller.
        $(const _: () = assert!(!matches!(Permission::$permission, Permission::Open), "a guarded route is not open");)+
    };
}

routes! {
    guarded {
        GET    PathPattern::BelowBase(""),          "list",          Read  => List;
        POST   PathPattern::BelowBase(""),          "get_or_create", Write => GetOrCreate;
        GET    PathPattern::BelowBase("/{id}"),     "get",           Read  => Get;
        PUT    PathPattern::BelowBase("/{id}"),     "rotate",        Write => Rotate;
        DELETE PathPattern::BelowBase("/{id}"),     "invalidate",    Write => Invalidate;
        GET    PathPattern::BelowBase("/{id}/url"), "build_url",     Read  => BuildUrl;
    }
    open {
        GET PathPattern::Absolute("/r/{code}.svg"),   "qr_code"      => QrCode;
        GET PathPattern::Absolute("/r/{code}"),       "short_link"   => ShortLink;
        GET PathPattern::Absolute("/openapi.yaml"),   "openapi"      => OpenApi;
        GET PathPattern::Absolute("/console"),        "console"      => Console;
        GET PathPattern::Absolute("/console/{file}"), "console_file" => ConsoleFile;
    }
}

/// What a request asks for.
#[derive(Debug)]
pub(super) enum Target<'r> {
    /// An endpoint.
    Route {
        /// Its row in the table.
        route: &'static RouteSpec,
        /// The text in the place of the braces, not checked yet; empty if the pattern has none.
        parameter: &'r str,
    },
    /// The methods of a path.
    Options {
        /// The methods, as the `Allow` header has them.
        allow: String,
    },
    /// Nothing: no route has this path, or none has this method too.
    NoRoute {
        /// The answer.
        problem: Box<Problem>,
        /// What a caller needs to get it.
        needs: Needs,
    },
}

impl Target<'_> {
    /// The name in the log.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Route { route, .. } => route.name,
            Self::Options { .. } => "options",
            Self::NoRoute { .. } => "none",
        }
    }

    /// What the request needs to be answered.
    pub(super) fn needs(&self) -> Needs {
        match self {
            Self::Route { route, .. } => match route.permission {
                Permission::Open => Needs::Nothing,
                Permission::Read => Needs::Read,
                Permission::Write => Needs::Write,
            },
            Self::Options { .. } => Needs::Nothing,
            Self::NoRoute { needs, .. } => *needs,
        }
    }
}

impl RouteSpec {
    /// The paths under which API Gateway declares the route. There, braces are a whole segment.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>
    #[must_use]
    pub fn declared_paths(&self) -> Vec<String> {
        let whole = |segment: &str| segment.find('}').map_or(segment.len(), |end| end + 1);
        let declared =
            |path: String| path.split('/').map(|segment| &segment[..whole(segment)]).collect::<Vec<_>>().join("/");
        self.paths().into_iter().map(declared).collect()
    }

    fn is_of_console(&self) -> bool {
        matches!(self.endpoint, Endpoint::Open(OpenEndpoint::Console | OpenEndpoint::ConsoleFile))
    }

    /// The forms of the route's paths.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        match self.path {
            PathPattern::BelowBase(below) => {
                vec![format!("{BASE_PATH}{below}"), format!("{BASE_PATH}{BASE_PATH}{below}")]
            }
            PathPattern::Absolute(path) => vec![path.to_owned()],
        }
    }
}

/// Whether the path is one of a short link, or below them: all answers there keep search engines away.
pub(super) fn is_short_link(request: &Request) -> bool {
    let path = request.raw_http_path();
    path[deployment_prefix(request, path)..]
        .strip_prefix("/r")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a request asks for: the answer is a 404 if no route has its path, a 405 if none has its method too. The routes of
/// the console are there only where it is served.
pub(super) fn resolve(request: &Request, has_console: bool) -> Target<'_> {
    let path = request.raw_http_path();
    let path = RequestPath::new(&path[deployment_prefix(request, path)..]);
    let method = request.method().as_str();
    let served_by = if method == "HEAD" { "GET" } else { method };
    let mut allowed = BTreeSet::new();
    for route in ROUTES.iter().filter(|route| has_console || !route.is_of_console()) {
        if let Some(parameter) = route.path.parameter_of(&path) {
            if route.method == served_by {
                return Target::Route { route, parameter };
            }
            allowed.insert(route.method);
        }
    }
    // Below the base path a caller without a token is told nothing, not even which paths there are. Only OPTIONS is open:
    // a browser sends no token with a preflight.
    let needs = if path.below_base.is_some() && method != "OPTIONS" { Needs::Token } else { Needs::Nothing };
    let no_route = |problem| Target::NoRoute { problem: Box::new(problem), needs };
    if allowed.is_empty() {
        return no_route(Problem::route_not_found());
    }
    allowed.insert("OPTIONS");
    if allowed.contains("GET") {
        allowed.insert("HEAD");
    }
    let allow = Vec::from_iter(allowed).join(", ");
    if method == "OPTIONS" { Target::Options { allow } } else { no_route(Problem::method_not_allowed(&allow)) }
}

/// The path of a request, without the deployment's prefix and without one trailing slash, which is tolerated.
struct RequestPath<'r> {
    whole: &'r str,
    below_base: Option<&'r str>,
}

impl<'r> RequestPath<'r> {
    fn new(path: &'r str) -> Self {
        let whole = path.strip_suffix('/').unwrap_or(path);
        let below_base = strip_base(whole).map(|below| strip_base(below).unwrap_or(below));
        Self { whole, below_base }
    }
}

fn strip_base(path: &str) -> Option<&str> {
    path.strip_prefix(BASE_PATH).filter(|below| below.is_empty() || below.starts_with('/'))
}

impl PathPattern {
    /// The text in the place of the braces, or an empty one if the pattern has no braces; none if the path does not
    /// fit.
    fn parameter_of<'r>(self, path: &RequestPath<'r>) -> Option<&'r str> {
        let (pattern, path) = match self {
            Self::BelowBase(pattern) => (pattern, path.below_base?),
            Self::Absolute(pattern) => (pattern, path.whole),
        };
        let (mut parameter, mut segments) = ("", path.split('/'));
        for expected in pattern.split('/') {
            let segment = segments.next()?;
            match expected.strip_prefix('{').and_then(|expected| expected.split_once('}')) {
                Some((_, end)) => parameter = segment.strip_suffix(end).filter(|text| !text.is_empty())?,
                None if segment == expected => {}
                None => return None,
            }
        }
        segments.next().is_none().then_some(parameter)
    }

    /// What every path of this form begins with.
    fn beginning(self) -> &'static str {
        match self {
            Self::BelowBase(_) => BASE_PATH,
            Self::Absolute(pattern) => pattern.split('{').next().unwrap_or(pattern),
        }
    }
}

/// How many bytes of the path are the deployment's prefix.
fn deployment_prefix(request: &Request, path: &str) -> usize {
    let (stage, matched) = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => (context.stage.as_deref(), context.resource_path.as_deref()),
        Some(RequestContext::ApiGatewayV2(context)) => (context.stage.as_deref(), context.route_key.as_deref()),
        _ => (None, None),
    };
    let stage = stage.filter(|stage| {
        path.strip_prefix('/').and_then(|rest| rest.strip_prefix(stage)).is_some_and(|rest| rest.starts_with('/'))
    });
    if let Some(stage) = stage {
        return 1 + stage.len();
    }
    let base_path_of_domain = matched.and_then(|matched| {
        let beginning =
            ROUTES.iter().map(|route| route.path.beginning()).find(|beginning| matched.contains(beginning))?;
        path.find(beginning)
    });
    base_path_of_domain.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(pattern: PathPattern, path: &str) -> Option<&str> {
        pattern.parameter_of(&RequestPath::new(path))
    }

    #[test]
    fn pattern_below_the_base_fits_below_one_base_or_two() {
        for base in ["/api/v1/referral-codes", "/api/v1/referral-codes/api/v1/referral-codes"] {
            for slash in ["", "/"] {
                let below = |path: &str| format!("{base}{path}{slash}");
                assert_eq!(parameter(PathPattern::BelowBase(""), &below("")), Some(""));
                assert_eq!(parameter(PathPattern::BelowBase("/{id}"), &below("/x")), Some("x"));
                assert_eq!(parameter(PathPattern::BelowBase("/{id}/url"), &below("/x/url")), Some("x"));
                assert_eq!(parameter(PathPattern::BelowBase("/{id}"), &below("/x/url")), None);
                assert_eq!(parameter(PathPattern::BelowBase("/{id}"), &below("")), None);
            }
        }
        assert_eq!(parameter(PathPattern::BelowBase(""), ""), None);
        assert_eq!(parameter(PathPattern::BelowBase("/{id}"), "/x"), None);
    }

    #[test]
    fn absolute_pattern_fits_the_whole_path_alone() {
        let (link, page) = (PathPattern::Absolute("/r/{code}"), PathPattern::Absolute("/console"));
        assert_eq!(parameter(link, "/r/JAN-VERV-8F3A"), Some("JAN-VERV-8F3A"));
        assert_eq!(parameter(link, "/r/JAN-VERV-8F3A/"), Some("JAN-VERV-8F3A"));
        assert_eq!(parameter(page, "/console"), Some(""));
        for path in ["/r", "/r/", "/r//", "/r/x/y", "/api/v1/referral-codes/r/x", "/console/x", "console", ""] {
            assert_eq!(parameter(link, path), None, "{path}");
            assert_eq!(parameter(page, path), None, "{path}");
        }
    }

    #[test]
    fn pattern_can_end_the_segment_of_its_braces() {
        let picture = PathPattern::Absolute("/r/{code}.svg");
        assert_eq!(parameter(picture, "/r/JAN-VERV-8F3A.svg"), Some("JAN-VERV-8F3A"));
        assert_eq!(parameter(picture, "/r/x.svg.svg/"), Some("x.svg"));
        for path in ["/r/.svg", "/r/x.svgz", "/r/x", "/r/x/.svg", "/r/x.SVG"] {
            assert_eq!(parameter(picture, path), None, "{path}");
        }
    }

    #[test]
    fn absolute_route_is_declared_once_and_one_below_the_base_twice() {
        let mut route = ROUTES[2];
        assert_eq!(route.declared_paths().len(), 2);
        route.path = PathPattern::Absolute("/r/{code}");
        assert_eq!(route.declared_paths(), ["/r/{code}"]);
        route.path = PathPattern::Absolute("/r/{code}.svg");
        assert_eq!(route.declared_paths(), ["/r/{code}"]);
        assert_eq!(route.path.beginning(), "/r/");
    }

    #[test]
    fn names_and_pairs_of_method_and_path_are_unique() {
        for (nth, route) in ROUTES.iter().enumerate() {
            for other in &ROUTES[..nth] {
                assert_ne!(route.name, other.name);
                assert_ne!((route.method, route.path), (other.method, other.path));
            }
        }
    }
}
