//! One function per endpoint: parse the request, ask the view, make the document.

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};

use super::access::{Grant, GuardedStore};
use super::handler_context::{Cx, Handled, OpenCx};
use super::problem::Problem;
use super::query::ListQuery;
use super::request_body::{GetOrCreateBody, RotateBody};
use super::request_log::{LoggedOutcome, RequestLog};
use super::responses::{CodeDocument, InvalidatedDocument, ListDocument, UrlDocument, json, options};
use super::route::{BASE_PATH, Endpoint, GuardedEndpoint, OpenEndpoint, Resolved, Target};
use super::{accept, console, csv, cursor, link, openapi, short_link};
use crate::model::{CodeId, CursorPageRequest, Label, PageRequest, ReferralCode, Status};
use crate::settings::ServiceSettings;
use crate::store::{GetOrCreate, GetOrCreated, Rotate, Rotated};

/// Handles a request of a caller who was let in.
pub(super) async fn handle(
    settings: &ServiceSettings,
    store: &GuardedStore,
    resolved: Resolved<'_>,
    request: &Request,
    grant: Grant,
    log: &RequestLog,
) -> Handled {
    let Resolved { target, prefix, .. } = resolved;
    let open = || OpenCx { settings, prefix, links: store.short_links(), log };
    let (route, parameter) = match target {
        Target::Route { route, parameter } => (route, parameter),
        Target::Options { allow } => {
            log.outcome(LoggedOutcome::Options);
            return Ok(options(&allow));
        }
        Target::NoRoute { problem, .. } => return Err(*problem),
        Target::NoShortLink => return short_link::not_found(&open(), request.headers()),
    };
    match route.endpoint {
        Endpoint::Guarded(endpoint) => {
            handle_guarded(endpoint, &Cx { settings, prefix, codes: store.open(grant), log }, parameter, request).await
        }
        Endpoint::Open(endpoint) => handle_open(endpoint, &open(), parameter, request).await,
    }
}

async fn handle_guarded(endpoint: GuardedEndpoint, cx: &Cx<'_>, id: &str, request: &Request) -> Handled {
    match endpoint {
        GuardedEndpoint::List => list(cx, request).await,
        GuardedEndpoint::GetOrCreate => get_or_create(cx, request).await,
        GuardedEndpoint::Get => get(cx, id).await,
        GuardedEndpoint::Rotate => rotate(cx, id, request).await,
        GuardedEndpoint::Invalidate => invalidate(cx, id).await,
        GuardedEndpoint::BuildUrl => build_url(cx, id).await,
    }
}

async fn handle_open(endpoint: OpenEndpoint, cx: &OpenCx<'_>, text: &str, request: &Request) -> Handled {
    match endpoint {
        OpenEndpoint::ShortLink => short_link::follow(cx, text, request).await,
        OpenEndpoint::QrCode => short_link::draw(cx, text, request).await,
        OpenEndpoint::OpenApi => {
            cx.log.outcome(LoggedOutcome::Shown);
            Ok(openapi::describe(request, cx.prefix))
        }
        OpenEndpoint::Console => console::page(cx, request),
        OpenEndpoint::ConsoleFile => console::file(cx, text, request),
    }
}

async fn list(cx: &Cx<'_>, request: &Request) -> Handled {
    let response = match ListQuery::parse(request, cx.settings, cx.codes.sight())? {
        ListQuery::Page(page) => list_page(cx, &page, request).await,
        ListQuery::CursorPage(page) => list_cursor_page(cx, &page, request).await,
    };
    cx.log.outcome(LoggedOutcome::Shown);
    response
}

async fn list_page(cx: &Cx<'_>, page: &PageRequest, request: &Request) -> Handled {
    let found = cx.codes.list(page).await?;
    let document = ListDocument::page(&found, page, cx.settings, cx.codes.now());
    Ok(with_link(list_response(cx, request, &document)?, &link::of_page(cx.prefix, page, found.total)))
}

async fn list_cursor_page(cx: &Cx<'_>, page: &CursorPageRequest, request: &Request) -> Handled {
    let found = cx.codes.list_after(page).await?;
    let next_cursor = found.next.map(|next| cursor::encode(next, &page.filter, page.order, cx.codes.sight()));
    let link = next_cursor.as_deref().map(|next| link::of_cursor_page(cx.prefix, page, next));
    let document = ListDocument::cursor_page(&found.codes, page.limit, next_cursor, cx.settings, cx.codes.now());
    let response = list_response(cx, request, &document)?;
    Ok(match link {
        Some(link) => with_link(response, &link),
        None => response,
    })
}

/// The page in the form that the client prefers. No cache may keep it, so it needs no `Vary`.
fn list_response(cx: &Cx<'_>, request: &Request, page: &ListDocument) -> Handled {
    if accept::prefers_csv(request.headers()) {
        Ok(csv::table(page.codes(), &cx.settings.short_url_base))
    } else {
        json(StatusCode::OK, page)
    }
}

fn with_link(mut response: Response<Body>, link: &str) -> Response<Body> {
    let link = HeaderValue::from_str(link).expect("a link is ASCII");
    response.headers_mut().insert(header::LINK, link);
    response
}

async fn get_or_create(cx: &Cx<'_>, request: &Request) -> Handled {
    let now = cx.codes.now();
    let body = GetOrCreateBody::parse(request, now)?;
    cx.log.mentor(&body.mentor_id);
    let request = GetOrCreate {
        label: Label::for_mentor(body.mentor_name.as_ref(), &body.mentor_id),
        mentor_id: body.mentor_id,
        org_id: body.org_id,
        campaign: cx.settings.campaign.clone(),
        expires_at: body.expires_at.or_else(|| cx.settings.default_expiry(now)),
    };
    let (status, outcome, code) = match cx.codes.get_or_create(&request).await? {
        GetOrCreated::Created(code) => (StatusCode::CREATED, LoggedOutcome::Created, code),
        GetOrCreated::Existing(code) => (StatusCode::OK, LoggedOutcome::Existing, code),
        GetOrCreated::LostRace(code) => (StatusCode::OK, LoggedOutcome::LostRace, code),
    };
    cx.log.code(&code.id);
    cx.log.outcome(outcome);
    let mut response = json(status, &CodeDocument::new(&code, cx.settings, now))?;
    let location = HeaderValue::try_from(format!("{}{BASE_PATH}/{}", cx.prefix, code.id)).expect("an id is ASCII");
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

async fn get(cx: &Cx<'_>, id: &str) -> Handled {
    let code = existing(cx, id).await?;
    json(StatusCode::OK, &CodeDocument::new(&code, cx.settings, cx.codes.now()))
}

async fn rotate(cx: &Cx<'_>, id: &str, request: &Request) -> Handled {
    let body = RotateBody::parse(request)?;
    cx.log.mentor(&body.mentor_id);
    let request = Rotate { id: parse_id(cx, id)?, mentor_id: body.mentor_id, campaign: cx.settings.campaign.clone() };
    let (outcome, successor) = match cx.codes.rotate(&request).await? {
        Rotated::Now(successor) => (LoggedOutcome::Rotated, successor),
        Rotated::Before(successor) => (LoggedOutcome::Repeated, successor),
        Rotated::LostRace(successor) => (LoggedOutcome::LostRace, successor),
    };
    cx.log.outcome(outcome);
    json(StatusCode::OK, &CodeDocument::new(&successor, cx.settings, cx.codes.now()))
}

async fn invalidate(cx: &Cx<'_>, id: &str) -> Handled {
    let invalidated = cx.codes.invalidate(&parse_id(cx, id)?).await?;
    cx.log.mentor(&invalidated.mentor_id);
    cx.log.outcome(if invalidated.by_this_call { LoggedOutcome::Invalidated } else { LoggedOutcome::Repeated });
    json(StatusCode::OK, &InvalidatedDocument::new(&invalidated))
}

async fn build_url(cx: &Cx<'_>, id: &str) -> Handled {
    let code = existing(cx, id).await?;
    match code.status(cx.codes.now()) {
        Status::Active => json(StatusCode::OK, &UrlDocument::new(&code.code, cx.settings, cx.codes.now())),
        status => Err(Problem::code_gone(status)),
    }
}

async fn existing(cx: &Cx<'_>, id: &str) -> Result<ReferralCode, Problem> {
    let code = cx.codes.get(&parse_id(cx, id)?).await?.ok_or_else(Problem::code_not_found)?;
    cx.log.outcome(LoggedOutcome::Shown);
    Ok(code)
}

/// Reads an id; a text that cannot be an id is the id of no code.
fn parse_id(cx: &Cx<'_>, text: &str) -> Result<CodeId, Problem> {
    let id = CodeId::parse(text).map_err(|_| Problem::code_not_found())?;
    cx.log.code(&id);
    Ok(id)
}
