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
//! A deployment can put a prefix before the path: `super::prefix`. A path that is a route as it stands is that route,
//! whatever the prefixes are called. Where a gateway matched the path with a route that is open, only an open route of ours
//! answers: else `ANY /r/{proxy+}` would lead around the authorizer and the throttle of every other route of a stage `r`.
//!
//! The raw path is matched: an id has a strict form, so nothing in it has to be decoded. A code as people type it has
//! not: `short_link` decodes it.

use std::collections::BTreeSet;

use lambda_http::{Request, RequestExt};
use percent_encoding::percent_decode_str;

use super::access::Permission;
use super::console;
use super::prefix::{GatewayRoute, Prefixes, first_segment};
use super::problem::Problem;
use crate::model::CodeString;
use crate::settings::ServiceSettings;

/// The path of the collection, in its canonical form.
pub const BASE_PATH: &str = "/api/v1/referral-codes";

/// The form of a path. Braces stand for any text that is not empty and holds no slash; a pattern has them once at most.
/// They begin their segment, and what follows them is its end: `/r/{code}.svg`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathPattern {
    /// Below [`BASE_PATH`], which may stand there once or twice.
    BelowBase(&'static str),
    /// A whole path, outside [`BASE_PATH`].
    Absolute(&'static str),
    /// A whole path, in any case: codes are printed in capitals, and so are their links.
    AnyCase(&'static str),
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
        $(const _: () = assert!(matches!(Permission::$permission, Permission::Read | Permission::Write), "a guarded route is not open");)+
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
        GET PathPattern::AnyCase("/r/{code}.svg"),    "qr_code"      => QrCode;
        GET PathPattern::AnyCase("/r/{code}"),        "short_link"   => ShortLink;
        GET PathPattern::Absolute("/openapi.yaml"),   "openapi"      => OpenApi;
        GET PathPattern::Absolute("/console"),        "console"      => Console;
        GET PathPattern::Absolute("/console/{file}"), "console_file" => ConsoleFile;
    }
}

/// What a request asks for, and where.
#[derive(Debug)]
pub(super) struct Resolved<'r> {
    pub(super) target: Target<'r>,
    /// What the client's own path has before the route's.
    pub(super) prefix: &'r str,
    /// Whether the path is one of a short link, or below them: all answers there keep search engines away.
    pub(super) is_short_link: bool,
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
        permission: Permission,
    },
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

    /// Whether the text in its path may be one that it knows. The routes below `/r/` and `/console/` take texts that other
    /// paths have behind a prefix of that name.
    fn knows(&self, text: &str, settings: &ServiceSettings) -> bool {
        match self.endpoint {
            Endpoint::Open(OpenEndpoint::ShortLink | OpenEndpoint::QrCode) => {
                CodeString::parse_typed(&percent_decode_str(text).decode_utf8_lossy(), &settings.campaign).is_some()
            }
            Endpoint::Open(OpenEndpoint::ConsoleFile) => console::has_file(text),
            _ => true,
        }
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
            PathPattern::Absolute(path) | PathPattern::AnyCase(path) => vec![path.to_owned()],
        }
    }
}

/// What a request asks for: the answer is a 404 if no route has its path, a 405 if none has its method too. The routes of
/// the console are there only where it is served.
pub(super) fn resolve<'r>(request: &'r Request, matched: &GatewayRoute, settings: &'r ServiceSettings) -> Resolved<'r> {
    let prefixes = Prefixes::of(request, settings.path_prefix.as_deref());
    let forms = || prefixes.forms(request.raw_http_path());
    let only_open = matched.is_below(prefixes, is_of_open_routes);
    let served = |route: &&RouteSpec| {
        (settings.console || !route.is_of_console()) && (!only_open || route.permission == Permission::Open)
    };
    let fitting = |form: &'r str| {
        let path = RequestPath::new(form);
        let routes = ROUTES.iter().filter(served);
        let fitting: Vec<_> = routes.filter_map(|route| Some((route, route.path.parameter_of(&path)?))).collect();
        (!fitting.is_empty()).then_some((form, fitting))
    };
    let mut found = forms().filter_map(fitting);
    let first = found.next();
    // `/r/openapi.yaml` behind a stage `r` is no short link: the 404 of a short link is what no other form leads past.
    let is_answered = |fitting: &[(&RouteSpec, &str)]| fitting.iter().any(|(route, text)| route.knows(text, settings));
    let other = match &first {
        Some((_, fitting)) => found.find(|(_, other)| !is_answered(fitting) && is_answered(other)),
        None => None,
    };
    if let Some((form, fitting)) = other.or(first) {
        return Resolved {
            target: target(request.method().as_str(), &fitting, is_below_base(form)),
            prefix: prefixes.used_by_client(request, form),
            is_short_link: is_among_short_links(form),
        };
    }
    let is_guarded = !only_open && forms().any(is_below_base);
    let is_short_link = !is_guarded && forms().any(is_among_short_links);
    let target = if is_short_link {
        Target::NoShortLink
    } else {
        Target::NoRoute {
            problem: Box::new(Problem::route_not_found()),
            permission: permission_of_no_route(request.method().as_str(), is_guarded),
        }
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
    let problem = Box::new(Problem::method_not_allowed(&allow));
    Target::NoRoute { problem, permission: permission_of_no_route(method, is_guarded) }
}

/// Below the base path a caller without a token is told nothing, not even which paths there are. Only OPTIONS is open: a
/// browser sends no token with a preflight.
fn permission_of_no_route(method: &str, is_guarded: bool) -> Permission {
    if is_guarded && method != "OPTIONS" { Permission::Token } else { Permission::Open }
}

fn is_below_base(path: &str) -> bool {
    strip_base(path).is_some()
}

fn is_among_short_links(path: &str) -> bool {
    first_segment(path).eq_ignore_ascii_case("r")
}

/// Whether a path with this first segment is one of the open routes.
fn is_of_open_routes(segment: &str) -> bool {
    let open = ROUTES.iter().filter(|route| route.permission == Permission::Open);
    open.flat_map(RouteSpec::paths).any(|path| first_segment(&path).eq_ignore_ascii_case(segment))
}

/// The path of a request, without a prefix and without one trailing slash, which is tolerated.
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
            // No pattern of a whole path begins with the base path.
            Self::Absolute(_) | Self::AnyCase(_) if path.below_base.is_some() => return None,
            Self::Absolute(pattern) | Self::AnyCase(pattern) => (pattern, path.whole),
        };
        let is_same = |text: &str, expected: &str| match self {
            Self::AnyCase(_) => text.eq_ignore_ascii_case(expected),
            Self::BelowBase(_) | Self::Absolute(_) => text == expected,
        };
        let (mut parameter, mut segments) = ("", path.split('/'));
        for expected in pattern.split('/') {
            let segment = segments.next()?;
            match expected.strip_prefix('{').and_then(|expected| expected.split_once('}')) {
                Some((_, end)) => {
                    let (text, ending) = segment.split_at_checked(segment.len().checked_sub(end.len())?)?;
                    parameter = Some(text).filter(|text| !text.is_empty() && is_same(ending, end))?;
                }
                None if is_same(segment, expected) => {}
                None => return None,
            }
        }
        segments.next().is_none().then_some(parameter)
    }
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
        let (link, page) = (PathPattern::AnyCase("/r/{code}"), PathPattern::Absolute("/console"));
        assert_eq!(parameter(link, "/R/Jan-verv-8f3a"), Some("Jan-verv-8f3a"));
        assert_eq!(parameter(page, "/Console"), None);
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
        let picture = PathPattern::AnyCase("/r/{code}.svg");
        assert_eq!(parameter(picture, "/R/x.SVG"), Some("x"));
        assert_eq!(parameter(picture, "/r/åsvg"), None);
        assert_eq!(parameter(picture, "/r/JAN-VERV-8F3A.svg"), Some("JAN-VERV-8F3A"));
        assert_eq!(parameter(picture, "/r/x.svg.svg/"), Some("x.svg"));
        for path in ["/r/.svg", "/r/x.svgz", "/r/x", "/r/x/.svg"] {
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
