//! One function per endpoint: parse the request, call the store, make the document.

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};

use super::problem::Problem;
use super::query::ListQuery;
use super::request_body::{GetOrCreateBody, RotateBody};
use super::responses::{CodeDocument, InvalidatedDocument, ListDocument, UrlDocument, json, options};
use super::route::{BASE_PATH, Endpoint, Target};
use super::{Service, cursor, link, openapi, short_link};
use crate::model::{CallContext, CodeId, Label, ReferralCode, Status};
use crate::store::{CursorPageRequest, GetOrCreate, GetOrCreated, PageRequest, Rotate};

pub(super) type Handled = Result<Response<Body>, Problem>;

/// Handles a request to one of the routes, or for the methods of a path.
pub(super) async fn handle_target(service: &Service, target: &Target<'_>, request: &Request) -> Handled {
    let (route, id) = match target {
        Target::Route { route, parameter } => (route, *parameter),
        Target::Options { allow } => return Ok(options(allow)),
    };
    let cx = service.sources.call_context();
    match route.endpoint {
        Endpoint::List => list(service, request, &cx).await,
        Endpoint::GetOrCreate => get_or_create(service, request, &cx).await,
        Endpoint::Get => get(service, id, &cx).await,
        Endpoint::Rotate => rotate(service, id, request, &cx).await,
        Endpoint::Invalidate => invalidate(service, id, &cx).await,
        Endpoint::BuildUrl => build_url(service, id, &cx).await,
        Endpoint::ShortLink => short_link::follow(service, id, request, &cx).await,
        Endpoint::QrCode => short_link::draw(service, id, request, &cx).await,
        Endpoint::OpenApi => Ok(openapi::describe(request)),
    }
}

async fn list(service: &Service, request: &Request, cx: &CallContext<'_>) -> Handled {
    match ListQuery::parse(request, &service.settings.campaign)? {
        ListQuery::Page(request) => list_page(service, &request, cx).await,
        ListQuery::CursorPage(request) => list_cursor_page(service, &request, cx).await,
    }
}

async fn list_page(service: &Service, request: &PageRequest, cx: &CallContext<'_>) -> Handled {
    let (page, now) = (service.store.list(request, cx).await?, cx.now());
    let document = ListDocument::page(&page, request, &service.settings, now);
    Ok(with_link(json(StatusCode::OK, &document)?, &link::of_page(request, page.total)))
}

async fn list_cursor_page(service: &Service, request: &CursorPageRequest, cx: &CallContext<'_>) -> Handled {
    let (page, now) = (service.store.list_after(request, cx).await?, cx.now());
    let next_cursor = page.next.map(|next| cursor::encode(next, &request.filter, request.order));
    let link = next_cursor.as_deref().map(|next| link::of_cursor_page(request, next));
    let document = ListDocument::cursor_page(&page.codes, request.limit, next_cursor, &service.settings, now);
    let response = json(StatusCode::OK, &document)?;
    Ok(match link {
        Some(link) => with_link(response, &link),
        None => response,
    })
}

fn with_link(mut response: Response<Body>, link: &str) -> Response<Body> {
    let link = HeaderValue::from_str(link).expect("a link is ASCII");
    response.headers_mut().insert(header::LINK, link);
    response
}

async fn get_or_create(service: &Service, request: &Request, cx: &CallContext<'_>) -> Handled {
    let now = cx.now();
    let body = GetOrCreateBody::parse(request, now)?;
    let request = GetOrCreate {
        label: Label::for_mentor(body.mentor_name.as_ref(), &body.mentor_id),
        mentor_id: body.mentor_id,
        org_id: body.org_id,
        campaign: service.settings.campaign.clone(),
        expires_at: body.expires_at.or_else(|| service.settings.default_expiry(now)),
    };
    let (status, code) = match service.store.get_or_create(&request, cx).await? {
        GetOrCreated::Created(code) => (StatusCode::CREATED, code),
        GetOrCreated::Existing(code) => (StatusCode::OK, code),
    };
    let mut response = json(status, &CodeDocument::new(&code, &service.settings, now))?;
    let location = HeaderValue::try_from(format!("{BASE_PATH}/{}", code.id)).expect("an id is ASCII");
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

async fn get(service: &Service, id: &str, cx: &CallContext<'_>) -> Handled {
    let code = existing(service, id, cx).await?;
    json(StatusCode::OK, &CodeDocument::new(&code, &service.settings, cx.now()))
}

async fn rotate(service: &Service, id: &str, request: &Request, cx: &CallContext<'_>) -> Handled {
    let body = RotateBody::parse(request)?;
    let request = Rotate { id: parse_id(id)?, mentor_id: body.mentor_id, campaign: service.settings.campaign.clone() };
    let successor = service.store.rotate(&request, cx).await?;
    json(StatusCode::OK, &CodeDocument::new(&successor, &service.settings, cx.now()))
}

async fn invalidate(service: &Service, id: &str, cx: &CallContext<'_>) -> Handled {
    let invalidated = service.store.invalidate(&parse_id(id)?, cx).await?;
    json(StatusCode::OK, &InvalidatedDocument::new(&invalidated))
}

async fn build_url(service: &Service, id: &str, cx: &CallContext<'_>) -> Handled {
    let code = existing(service, id, cx).await?;
    match code.status(cx.now()) {
        Status::Active => json(StatusCode::OK, &UrlDocument::new(&code.code, &service.settings, cx.now())),
        status => Err(Problem::code_gone(status)),
    }
}

async fn existing(service: &Service, id: &str, cx: &CallContext<'_>) -> Result<ReferralCode, Problem> {
    service.store.get(&parse_id(id)?, cx).await?.ok_or_else(Problem::code_not_found)
}

/// Reads an id; a text that cannot be an id is the id of no code.
fn parse_id(text: &str) -> Result<CodeId, Problem> {
    CodeId::parse(text).map_err(|_| Problem::code_not_found())
}
