//! Holds answers to `docs/openapi.yaml`: an answer that the file does not describe fails the test that got it.
//!
//! | of an answer | the file has |
//! | --- | --- |
//! | its status | a response of the operation that the request's method and path mean |
//! | each header | the response's header of that name, and its schema |
//! | each header that the response requires | the answer has it |
//! | its type, and its body unless it is compressed | a media type of the response, and its schema |
//!
//! HEAD is held to the GET of its path. What no operation can describe has rules here: a 404 for a path and a 405 for a method
//! that the file does not have, or below the base path a 401; the 204 of OPTIONS, and the 400 to an event that is no request.
//!
//! The schemas are stricter than the file's: it is written for the programs that read it ([`strict`]).
//!
//! The file is written by hand. Statuses, headers and problems are what drifts, and no Rust type has them: a generator would take
//! them from annotations, which nothing checks.

mod description;
mod strict;

pub use description::{Description, Operation, PROBLEM};

use serde_json::{Value, json};

use crate::lambda::Reply;

/// A request, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
}

impl<'a> Request<'a> {
    /// The request in an event of any kind; none if the event is not HTTP.
    pub fn of_event(event: &'a Value) -> Option<Self> {
        let http = &event["requestContext"]["http"];
        let method = http["method"].as_str().or_else(|| event["httpMethod"].as_str())?;
        // The Lambda events' own parser takes an empty method for GET.
        let method = if method.is_empty() { "GET" } else { method };
        let path = event["rawPath"].as_str().or_else(|| event["path"].as_str()).unwrap_or_default();
        Some(Self { method, path })
    }

    /// The request without the stage of the event at the start of its path, if the path has that.
    fn behind_stage(self, event: &Value) -> Option<Self> {
        let path = self.path.strip_prefix('/')?.strip_prefix(event["requestContext"]["stage"].as_str()?)?;
        path.starts_with('/').then_some(Self { path, ..self })
    }
}

/// Holds the answer to an event to the description.
///
/// # Panics
/// The description does not have such an answer. The message says what differs.
pub fn check(event: &Value, answer: &Value) {
    let reply = Reply::read(answer);
    let refuses_event = ["invalid_parameter", "invalid_json"].iter().any(|code| is_problem(&reply, 400, code).is_ok())
        && reply.json()["detail"].as_str().is_some_and(|detail| detail.starts_with("The event"));
    let verdict = match Request::of_event(event) {
        // It can have some members of a request, and be none.
        _ if refuses_event => Ok(()),
        // Only open routes answer there, so the path's own operations may be none.
        Some(_) if reply.status == 404 && came_through_open_route(event) => Ok(()),
        // A path that is no short link as it stands may be another route behind a stage of that name.
        Some(request) => check_reply(request, &reply).or_else(|differs| {
            request.behind_stage(event).map_or(Err(differs), |request| check_reply(request, &reply))
        }),
        None => is_problem(&reply, 404, "route_not_found"),
    };
    if let Err(differs) = verdict {
        panic!("docs/openapi.yaml does not describe this answer: {differs}\n{event}\n{reply:?}");
    }
}

/// Whether a gateway says that it matched a route that is open.
fn came_through_open_route(event: &Value) -> bool {
    let context = &event["requestContext"];
    let names = [&event["routeKey"], &event["resource"], &context["routeKey"], &context["resourcePath"]];
    let segments = names.into_iter().filter_map(Value::as_str).flat_map(|name| name.split('/'));
    segments.into_iter().any(|segment| ["r", "R", "console", "openapi.yaml"].contains(&segment))
}

/// Holds an answer to the description.
///
/// # Errors
/// What differs.
pub fn check_reply(request: Request<'_>, reply: &Reply) -> Result<(), String> {
    let operations = operations(request, reply);
    // What is no short link has one answer to every method.
    let is_no_link = reply.status == 404 && Description::get().operations(request.path).is_none() && is_of_links(reply);
    let method = if request.method == "HEAD" || is_no_link { "GET" } else { request.method };
    let operation = operations.and_then(|operations| operations.iter().find(|operation| operation.method == method));
    let Some(operation) = operation else {
        return match (operations, request.method) {
            (_, "HEAD") if [400, 401, 404, 405].contains(&reply.status) && reply.body.is_empty() => Ok(()),
            _ if reply.status == 401 && request.path.contains(crate::BASE) => {
                match reply.headers.get("www-authenticate").map(String::as_str) {
                    Some("Bearer") => is_problem(reply, 401, "unauthenticated"),
                    other => Err(format!("the header www-authenticate is {other:?}")),
                }
            }
            (None, _) => is_problem(reply, 404, "route_not_found"),
            // A setting has turned the path off, so it has no method.
            (Some(operations), _) if reply.status == 404 && operations.iter().any(Operation::can_be_off) => {
                is_problem(reply, 404, "route_not_found")
            }
            (Some(_), _) if !reply.headers.contains_key("allow") => Err("the header allow is missing".into()),
            (Some(_), "OPTIONS") if reply.status == 204 && reply.body.is_empty() => Ok(()),
            (Some(_), _) => is_problem(reply, 405, "method_not_allowed"),
        };
    };
    let response = operation.responses.get(&reply.status);
    let response = response.ok_or_else(|| format!("{} has no {}", operation.name, reply.status))?;
    fits(&response.headers, &json!(reply.headers)).map_err(|error| format!("headers: {error}"))?;
    let content_type = reply.headers.get("content-type");
    match (content_type, response.content.is_empty()) {
        (None, true) if reply.body.is_empty() => Ok(()),
        (Some(content_type), false) => {
            let media_type = content_type.split(';').next().unwrap_or_default();
            let schema = response.content.get(media_type).ok_or_else(|| format!("no {media_type}"))?;
            if media_type == "text/html" && !reply.headers.contains_key("content-security-policy") {
                return Err("a page has no content security policy".into());
            }
            if request.method == "HEAD" {
                return if reply.body.is_empty() { Ok(()) } else { Err("HEAD has no body".into()) };
            }
            if reply.headers.contains_key("content-encoding") {
                return Ok(());
            }
            let body = match media_type {
                json if json.ends_with("json") => {
                    serde_json::from_str(&reply.body).map_err(|error| error.to_string())?
                }
                "application/yaml" => yaml_serde::from_str(&reply.body).map_err(|error| error.to_string())?,
                _ => Value::from(reply.body.as_str()),
            };
            fits(schema, &body)
        }
        _ => Err("a body has a type, and a type a body".into()),
    }
}

/// The operations of the path. A deployment can put segments in front of it, which the service may know or not. A path
/// around the short links is answered as an unknown one.
fn operations(request: Request<'_>, reply: &Reply) -> Option<&'static [Operation]> {
    let description = Description::get();
    description.operations(request.path).or_else(|| {
        let is_served = !(reply.status == 404 && (reply.body.is_empty() || reply.body.contains("route_not_found")));
        let below = request.path.match_indices('/').skip(1).map(|(place, _)| &request.path[place..]);
        if reply.status == 404 && is_of_links(reply) {
            return description.operations("/r/code");
        }
        below.filter(|_| is_served).find_map(|path| description.operations(path))
    })
}

fn is_of_links(reply: &Reply) -> bool {
    reply.headers.contains_key("x-robots-tag")
}

fn fits(schema: &jsonschema::Validator, value: &Value) -> Result<(), String> {
    let errors: Vec<_> =
        schema.iter_errors(value).map(|error| format!("{error} at {:?}", error.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) }
}

/// A problem that no operation has.
fn is_problem(reply: &Reply, status: u64, code: &str) -> Result<(), String> {
    let body: Value = serde_json::from_str(&reply.body).map_err(|error| error.to_string())?;
    if (reply.status, body["code"].as_str()) != (status, Some(code)) {
        return Err(format!("it is no {status} {code}"));
    }
    fits(&Description::get().problem(status, code), &body)
}
