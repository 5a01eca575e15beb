//! The contract over HTTP, and the only code that knows status codes.
//!
//! A request passes through these files, in this order:
//!
//! 1. `event`: a Lambda event of one of the four kinds becomes a [`lambda_http::Request`].
//! 2. `resolve`: method and path become a row of [`ROUTES`] (`route`), or a 404 or 405. `prefix` takes off what a
//!    deployment has put before the path.
//! 3. `access`: the caller is let in, with what they may see, or gets a 401 or 403.
//! 4. `request_body` and `query` (with `code_link` and `cursor`): the input becomes values of the model, or a list of *all*
//!    its errors.
//! 5. `handlers`: one function per endpoint asks the store, which shows what the caller may see (`handler_context`). Those of
//!    `short_link`, `openapi` and `console` are open, and know no caller: they can resolve short links, and see nothing else.
//! 6. `responses`, `csv`, `link` and `problem`: the result becomes a document with headers, in the form that `accept` reads
//!    from the request. Every error has one entry in `problem`. `static_file` answers with files that change with a release
//!    only.
//! 7. `cors` and `security_headers` add to every response what a browser needs to know.
//!
//! [`Service`] joins them, and logs one line per request (`request_log`). It never logs a body.

mod accept;
mod access;
mod code_link;
mod console;
mod cors;
mod csv;
mod cursor;
mod event;
mod handler_context;
mod handlers;
mod json_object;
mod link;
mod openapi;
mod prefix;
mod problem;
mod query;
mod request_body;
mod request_log;
mod resolve;
mod responses;
mod route;
mod security_headers;
mod service;
mod short_link;
mod static_file;

pub use access::Permission;
pub(crate) use event::{HttpEvent, refuse_other_event};
pub use link::BASE_PATH;
pub use problem::CATALOGUE;
pub use route::{PathPattern, ROUTES, RouteSpec};
pub use service::Service;
