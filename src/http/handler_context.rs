//! What a handler gets, and what it gives back.
//!
//! A handler of a guarded route gets the codes as the caller may see them ([`View`]). One of an open route gets the short
//! links ([`ShortLinks`]), which tell no mentor and no organisation. Neither has another way to the store.

use std::sync::OnceLock;

use lambda_http::{Body, Response};

use super::console::Page;
use super::problem::Problem;
use super::request_log::RequestLog;
use crate::settings::ServiceSettings;
use crate::store::{ShortLinks, View};

pub(super) type Handled = Result<Response<Body>, Problem>;

/// What a handler gets: of a guarded route, with the codes that the caller may see.
pub(super) struct Cx<'a, Codes = View<'a>> {
    pub(super) settings: &'a ServiceSettings,
    /// What the client's own path has before the route's: it comes before every path that an answer leads to.
    pub(super) prefix: &'a str,
    pub(super) codes: Codes,
    /// The console's page, made when it is first asked for.
    pub(super) console: &'a OnceLock<Page>,
    pub(super) log: &'a RequestLog,
}

/// What a handler of an open route gets. It has no view: the caller is not known.
pub(super) type OpenCx<'a> = Cx<'a, ShortLinks<'a>>;
