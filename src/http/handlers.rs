//! One function per endpoint: parse the request, ask the view, make the document.
//!
//! A handler of a guarded route gets the codes as the caller may see them ([`View`]). One of an open route gets the short
//! links ([`ShortLinks`]), which tell no mentor and no organisation. Neither has another way to the store.

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};

use super::access::Grant;
use super::problem::Problem;
use super::query::ListQuery;
use super::request_body::{GetOrCreateBody, RotateBody};
use super::responses::{CodeDocument, InvalidatedDocument, ListDocument, UrlDocument, json, options};
use super::route::{BASE_PATH, Endpoint, GuardedEndpoint, OpenEndpoint, Target};
use super::trail::{Outcome, Trail};
use super::{Service, accept, console, csv, cursor, link, openapi, short_link};
use crate::model::{CodeId, CursorPageRequest, Label, PageRequest, ReferralCode, Status};
use crate::settings::ServiceSettings;
use crate::store::{GetOrCreate, GetOrCreated, Rotate, Rotated, ShortLinks, View};

pub(super) type Handled = Result<Response<Body>, Problem>;

/// What a handler of a guarded route gets.
struct Cx<'a> {
    settings: &'a ServiceSettings,
    codes: View<'a>,
    trail: &'a Trail,
}

/// What a handler of an open route gets. It has no view: the caller is not known.
pub(super) struct OpenCx<'a> {
    pub(super) settings: &'a ServiceSettings,
    pub(super) links: ShortLinks<'a>,
    pub(super) trail: &'a Trail,
}

/// Handles a request of a caller who was let in.
pub(super) async fn handle_target(
    service: &Service,
    target: Target<'_>,
    request: &Request,
    grant: Grant,
    trail: &Trail,
) -> Handled {
    let (route, parameter) = match target {
        Target::Route { route, parameter } => (route, parameter),
        Target::Options { allow } => {
            trail.outcome(Outcome::Options);
            return Ok(options(&allow));
        }
        Target::NoRoute { problem, .. } => return Err(*problem),
    };
    let settings = &service.settings;
    match route.endpoint {
        Endpoint::Guarded(endpoint) => {
            handle_guarded(endpoint, &Cx { settings, codes: service.store.open(grant), trail }, parameter, request)
                .await
        }
        Endpoint::Open(endpoint) => {
            handle_open(endpoint, &OpenCx { settings, links: service.store.short_links(), trail }, parameter, request)
                .await
        }
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
            cx.trail.outcome(Outcome::Shown);
            Ok(openapi::describe(request))
        }
        OpenEndpoint::Console => console::page(cx, request),
        OpenEndpoint::ConsoleFile => console::file(cx, text, request),
    }
}

async fn list(cx: &Cx<'_>, request: &Request) -> Handled {
    let response = match ListQuery::parse(request, &cx.settings.campaign, cx.codes.sight())? {
        ListQuery::Page(page) => list_page(cx, &page, request).await,
        ListQuery::CursorPage(page) => list_cursor_page(cx, &page, request).await,
    };
    cx.trail.outcome(Outcome::Shown);
    response
}

async fn list_page(cx: &Cx<'_>, page: &PageRequest, request: &Request) -> Handled {
    let found = cx.codes.list(page).await?;
    let document = ListDocument::page(&found, page, cx.settings, cx.codes.now());
    Ok(with_link(list_response(request, &document)?, &link::of_page(page, found.total)))
}

async fn list_cursor_page(cx: &Cx<'_>, page: &CursorPageRequest, request: &Request) -> Handled {
    let found = cx.codes.list_after(page).await?;
    let next_cursor = found.next.map(|next| cursor::encode(next, &page.filter, page.order, cx.codes.sight()));
    let link = next_cursor.as_deref().map(|next| link::of_cursor_page(page, next));
    let document = ListDocument::cursor_page(&found.codes, page.limit, next_cursor, cx.settings, cx.codes.now());
    let response = list_response(request, &document)?;
    Ok(match link {
        Some(link) => with_link(response, &link),
        None => response,
    })
}

/// The page in the form that the client prefers. No cache may keep it, so it needs no `Vary`.
fn list_response(request: &Request, page: &ListDocument) -> Handled {
    if accept::prefers_csv(request.headers()) { Ok(csv::table(page.codes())) } else { json(StatusCode::OK, page) }
}

fn with_link(mut response: Response<Body>, link: &str) -> Response<Body> {
    let link = HeaderValue::from_str(link).expect("a link is ASCII");
    response.headers_mut().insert(header::LINK, link);
    response
}

async fn get_or_create(cx: &Cx<'_>, request: &Request) -> Handled {
    let now = cx.codes.now();
    let body = GetOrCreateBody::parse(request, now)?;
    cx.trail.mentor(&body.mentor_id);
    let request = GetOrCreate {
        label: Label::for_mentor(body.mentor_name.as_ref(), &body.mentor_id),
        mentor_id: body.mentor_id,
        org_id: body.org_id,
        campaign: cx.settings.campaign.clone(),
        expires_at: body.expires_at.or_else(|| cx.settings.default_expiry(now)),
    };
    let (status, outcome, code) = match cx.codes.get_or_create(&request).await? {
        GetOrCreated::Created(code) => (StatusCode::CREATED, Outcome::Created, code),
        GetOrCreated::Existing(code) => (StatusCode::OK, Outcome::Existing, code),
        GetOrCreated::LostRace(code) => (StatusCode::OK, Outcome::LostRace, code),
    };
    cx.trail.code(&code.id);
    cx.trail.outcome(outcome);
    let mut response = json(status, &CodeDocument::new(&code, cx.settings, now))?;
    let location = HeaderValue::try_from(format!("{BASE_PATH}/{}", code.id)).expect("an id is ASCII");
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

async fn get(cx: &Cx<'_>, id: &str) -> Handled {
    let code = existing(cx, id).await?;
    json(StatusCode::OK, &CodeDocument::new(&code, cx.settings, cx.codes.now()))
}

async fn rotate(cx: &Cx<'_>, id: &str, request: &Request) -> Handled {
    let body = RotateBody::parse(request)?;
    cx.trail.mentor(&body.mentor_id);
    let request = Rotate { id: parse_id(cx, id)?, mentor_id: body.mentor_id, campaign: cx.settings.campaign.clone() };
    let (outcome, successor) = match cx.codes.rotate(&request).await? {
        Rotated::Now(successor) => (Outcome::Rotated, successor),
        Rotated::Before(successor) => (Outcome::Repeated, successor),
        Rotated::LostRace(successor) => (Outcome::LostRace, successor),
    };
    cx.trail.outcome(outcome);
    json(StatusCode::OK, &CodeDocument::new(&successor, cx.settings, cx.codes.now()))
}

async fn invalidate(cx: &Cx<'_>, id: &str) -> Handled {
    let invalidated = cx.codes.invalidate(&parse_id(cx, id)?).await?;
    cx.trail.mentor(&invalidated.mentor_id);
    cx.trail.outcome(if invalidated.by_this_call { Outcome::Invalidated } else { Outcome::Repeated });
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
    cx.trail.outcome(Outcome::Shown);
    Ok(code)
}

/// Reads an id; a text that cannot be an id is the id of no code.
fn parse_id(cx: &Cx<'_>, text: &str) -> Result<CodeId, Problem> {
    let id = CodeId::parse(text).map_err(|_| Problem::code_not_found())?;
    cx.trail.code(&id);
    Ok(id)
}
