//! The table of routes.
//!
//! One row of [`ROUTES`] is all that says that a route exists, and which function answers it. The router (`resolve`), the
//! names in the log, the `Allow` header, the answer to OPTIONS and the test of `template.yaml` are all made from it. To add
//! a route, add a row: the test of `template.yaml` then demands its events there.
//!
//! The owner's contract prints every path with its base twice. Both forms are served; the short one is canonical.
//!
//! The raw path is matched: an id has a strict form, so nothing in it has to be decoded. `short_link` decodes its code.

use std::future::ready;

use futures_util::future::BoxFuture;
use lambda_http::Request;

use super::access::Permission;
use super::handler_context::{Cx, Handled, OpenCx};
use super::handlers::{build_url, get, get_or_create, invalidate, list, rotate};
use super::link::BASE_PATH;
use super::prefix::first_segment;
use super::{console, openapi, short_link};
use crate::settings::ServiceSettings;
use PathPattern::{Absolute, AnyCase, BelowBase};
use Permission::{Read, Write};

/// Every route. If two rows fit a request, the first one answers it.
pub const ROUTES: &[RouteSpec] = &[
    guarded("list", Read, "GET", BelowBase(""), |cx, _, request| Box::pin(list(cx, request))),
    guarded("get_or_create", Write, "POST", BelowBase(""), |cx, _, request| Box::pin(get_or_create(cx, request))),
    guarded("get", Read, "GET", BelowBase("/{id}"), |cx, id, _| Box::pin(get(cx, id))),
    guarded("rotate", Write, "PUT", BelowBase("/{id}"), |cx, id, request| Box::pin(rotate(cx, id, request))),
    guarded("invalidate", Write, "DELETE", BelowBase("/{id}"), |cx, id, _| Box::pin(invalidate(cx, id))),
    guarded("build_url", Read, "GET", BelowBase("/{id}/url"), |cx, id, _| Box::pin(build_url(cx, id))),
    open("qr_code", AnyCase("/r/{code}.svg"), |cx, code, request| Box::pin(short_link::draw(cx, code, request))),
    open("short_link", AnyCase("/r/{code}"), |cx, code, request| Box::pin(short_link::follow(cx, code, request))),
    open("openapi", Absolute("/openapi.yaml"), |cx, _, request| Box::pin(ready(Ok(openapi::describe(cx, request))))),
    open("console", Absolute("/console"), |cx, _, request| Box::pin(ready(Ok(console::page(cx, request))))),
    open("console_file", Absolute(CONSOLE_FILE), |_, name, request| Box::pin(ready(console::file(name, request)))),
];

const CONSOLE_FILE: &str = "/console/{file}";

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct RouteSpec {
    /// The name in the log.
    pub name: &'static str,
    /// What a caller has to be allowed to do.
    pub permission: Permission,
    /// The method.
    pub method: &'static str,
    /// The form of the path.
    pub path: PathPattern,
    /// What answers.
    pub(super) handler: Handler,
}

/// The form of a path. Braces stand for any text that is not empty and holds no slash; a pattern has them once at most.
/// They begin their segment, and what follows them is its end: `/r/{code}.svg`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathPattern {
    /// Below the base path, which may stand there once or twice.
    BelowBase(&'static str),
    /// A whole path, outside the base path.
    Absolute(&'static str),
    /// A whole path, in any case: codes are printed in capitals, and so are their links.
    AnyCase(&'static str),
}

/// A function that answers a route. It gets the text in the place of the braces, not checked yet; empty if the path has none.
#[derive(Clone, Copy, Debug)]
pub(super) enum Handler {
    /// It gets the codes as the caller may see them.
    Guarded(GuardedHandler),
    /// It gets the short links alone: the caller is not known.
    Open(OpenHandler),
}

type GuardedHandler = for<'c> fn(&'c Cx<'_>, &'c str, &'c Request) -> BoxFuture<'c, Handled>;
type OpenHandler = for<'c> fn(&'c OpenCx<'_>, &'c str, &'c Request) -> BoxFuture<'c, Handled>;

const fn guarded(
    name: &'static str,
    permission: Permission,
    method: &'static str,
    path: PathPattern,
    handler: GuardedHandler,
) -> RouteSpec {
    // A row that needed nothing would show every code to every caller.
    assert!(matches!(permission, Read | Write), "a guarded route is not open");
    RouteSpec { name, permission, method, path, handler: Handler::Guarded(handler) }
}

const fn open(name: &'static str, path: PathPattern, handler: OpenHandler) -> RouteSpec {
    RouteSpec { name, permission: Permission::Open, method: "GET", path, handler: Handler::Open(handler) }
}

impl RouteSpec {
    /// Whether the text in its path may be one that it knows. The routes below `/r/` and `/console/` take texts that other
    /// paths have behind a prefix of that name.
    pub(super) fn knows(&self, text: &str, settings: &ServiceSettings) -> bool {
        match self.path {
            AnyCase(_) => short_link::typed_code(text, settings).is_some(),
            Absolute(CONSOLE_FILE) => console::has_file(text),
            Absolute(_) | BelowBase(_) => true,
        }
    }

    /// Whether it is served where the setting `CONSOLE` is off.
    pub(super) fn is_of_console(&self) -> bool {
        matches!(self.path, Absolute(path) if path.starts_with("/console"))
    }
}

/// Whether a path with this first segment is one of the open routes.
pub(super) fn begins_an_open_route(segment: &str) -> bool {
    ROUTES.iter().any(|route| match route.path {
        BelowBase(_) => false,
        Absolute(path) | AnyCase(path) => first_segment(path).eq_ignore_ascii_case(segment),
    })
}

/// What follows the base path.
pub(super) fn strip_base(path: &str) -> Option<&str> {
    path.strip_prefix(BASE_PATH).filter(|below| below.is_empty() || below.starts_with('/'))
}

impl PathPattern {
    /// The text in the place of the braces, or an empty one if the pattern has no braces; none if the path does not fit.
    /// The path has no prefix. One trailing slash is tolerated.
    pub(super) fn parameter_of(self, path: &str) -> Option<&str> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let below_base = strip_base(path).map(|below| strip_base(below).unwrap_or(below));
        let (pattern, path) = match self {
            BelowBase(pattern) => (pattern, below_base?),
            // No pattern of a whole path begins with the base path.
            Absolute(_) | AnyCase(_) if below_base.is_some() => return None,
            Absolute(pattern) | AnyCase(pattern) => (pattern, path),
        };
        let is_same = |text: &str, expected: &str| match self {
            AnyCase(_) => text.eq_ignore_ascii_case(expected),
            BelowBase(_) | Absolute(_) => text == expected,
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
