//! What a deployment puts before the paths of the service: the stage of an API (`/prod`), and the key of an API mapping on
//! a domain of one's own (the setting `PATH_PREFIX`).
//!
//! | event | its path has |
//! | --- | --- |
//! | HTTP API | the stage, unless that is `$default` |
//! | REST API, on AWS's own domain | nothing; `requestContext.path` has the stage |
//! | REST API, on a domain of one's own | the key of the mapping, and the stage if the mapping names none |
//! | a proxy in front of any of them | what the proxy adds |
//!
//! A prefix is text of the client's: the same event can reach the function through several routes of a gateway. So it only
//! says where a path begins. What a gateway matched is what its authorizer and its throttle have looked at: [`GatewayRoute`].
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html>

use lambda_http::{Request, RequestExt};

/// What an event tells of its gateway. The request carries it.
#[derive(Clone)]
pub(super) struct Gateway {
    pub(super) stage: Option<String>,
    /// The path that the client has sent, if the event has it beside the path that the service goes by.
    pub(super) sent_path: Option<String>,
    /// Whether it makes bytes of base64. A REST API does so for the media types of its `BinaryMediaTypes` only, and then for
    /// every body.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>
    pub(super) takes_bytes: bool,
}

impl Gateway {
    pub(super) fn of(request: &Request) -> Option<&Self> {
        request.extensions().get()
    }
}

/// The prefixes that the path of a request may have.
#[derive(Clone, Copy)]
pub(super) struct Prefixes<'r> {
    stage: Option<&'r str>,
    /// The setting, which begins with a slash.
    configured: Option<&'r str>,
}

impl<'r> Prefixes<'r> {
    pub(super) fn of(request: &'r Request, configured: Option<&'r str>) -> Self {
        let stage = Gateway::of(request).and_then(|gateway| gateway.stage.as_deref());
        // The characters that AWS allows: the prefix becomes part of headers.
        let is_stage = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'$');
        Self { stage: stage.filter(|stage| !stage.is_empty() && stage.bytes().all(is_stage)), configured }
    }

    /// The path as it stands, then without the stage, without the setting, and without both in either order.
    pub(super) fn forms<'p>(self, path: &'p str) -> impl Iterator<Item = &'p str> {
        let stage = move |path: &'p str| below(path.strip_prefix('/')?.strip_prefix(self.stage?)?);
        let configured = move |path: &'p str| below(path.strip_prefix(self.configured?)?);
        let both = [stage(path).and_then(configured), configured(path).and_then(stage)];
        [Some(path), stage(path), configured(path)].into_iter().chain(both).flatten()
    }

    /// The prefix that the client itself used, where the route was found in this form of the event's path.
    pub(super) fn used_by_client(self, request: &'r Request, form: &str) -> &'r str {
        let path = request.raw_http_path();
        let sent = Gateway::of(request).and_then(|gateway| gateway.sent_path.as_deref());
        let sent = sent.filter(|sent| self.forms(sent).any(|other| other == form)).unwrap_or(path);
        &sent[..sent.len() - form.len()]
    }
}

fn below(path: &str) -> Option<&str> {
    path.starts_with('/').then_some(path)
}

/// The paths that a gateway says it matched, as it declares them: `/r/{proxy+}`. An event names its route in two places.
#[derive(Default)]
pub(super) struct GatewayRoute(Vec<String>);

impl GatewayRoute {
    /// Each is a route (`ANY /r/{proxy+}`) or a resource (`/r/{proxy+}`). Where both are the same, one is kept.
    pub(super) fn new(one: Option<&str>, other: Option<&str>) -> Self {
        let path = |name: &str| name.split_once(' ').map_or(name, |(_, path)| path).to_owned();
        let other = other.filter(|other| Some(*other) != one);
        Self(one.into_iter().chain(other).map(path).collect())
    }

    /// Whether one of them, with a prefix or without, begins with one of these segments.
    pub(super) fn is_below(&self, prefixes: Prefixes<'_>, is_one: impl Fn(&str) -> bool) -> bool {
        self.0.iter().flat_map(|path| prefixes.forms(path)).any(|path| is_one(first_segment(path)))
    }
}

/// What stands between the first two slashes.
pub(super) fn first_segment(path: &str) -> &str {
    path.strip_prefix('/').unwrap_or_default().split('/').next().unwrap_or_default()
}
