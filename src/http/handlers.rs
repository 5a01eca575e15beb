//! One function per endpoint: parse, ask the store, make the document.

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};
use serde::Serialize;

use super::problem::Problem;
use super::query::ListQuery;
use super::request_body::{GetOrCreateBody, RotateBody};
use super::responses::{CodeDocument, InvalidatedDocument, ListDocument, UrlDocument};
use super::route::{BASE_PATH, Route};
use super::{Service, cursor, link};
use crate::model::{CallContext, CodeId, Label, ReferralCode, Status, Timestamp};
use crate::store::{CursorPageRequest, GetOrCreate, GetOrCreated, PageRequest, Rotate};

type Answer = Result<Response<Body>, Problem>;

/// Answers a request to one of the routes.
pub(super) async fn answer(service: &Service, route: &Route, request: &Request) -> Answer {
    let cx = service.sources.call_context();
    match route {
        Route::List => list(service, request, &cx).await,
        Route::GetOrCreate => get_or_create(service, request, &cx).await,
        Route::Get(id) => get(service, id, &cx).await,
        Route::Rotate(id) => rotate(service, id, request, &cx).await,
        Route::Invalidate(id) => invalidate(service, id, &cx).await,
        Route::BuildUrl(id) => build_url(service, id, &cx).await,
    }
}

async fn list(service: &Service, request: &Request, cx: &CallContext<'_>) -> Answer {
    match ListQuery::parse(request)? {
        ListQuery::Page(asked) => list_page(service, &asked, cx.now()).await,
        ListQuery::CursorPage(asked) => list_step(service, &asked, cx.now()).await,
    }
}

async fn list_page(service: &Service, asked: &PageRequest, now: Timestamp) -> Answer {
    let page = service.store.list(asked, now).await?;
    let met = (asked.page - 1).saturating_mul(u64::from(asked.limit)).saturating_add(page.codes.len() as u64);
    let last = page.codes.last().filter(|_| met < page.total);
    let next_cursor = last.map(|last| cursor::encode(last.ulid, &asked.filter, asked.order));
    let document = ListDocument::page(&page, asked, next_cursor, &service.settings, now);
    Ok(with_link(json(StatusCode::OK, &document)?, &link::of_page(asked, page.total)))
}

async fn list_step(service: &Service, asked: &CursorPageRequest, now: Timestamp) -> Answer {
    let step = service.store.list_after(asked, now).await?;
    let next_cursor = step.next.map(|next| cursor::encode(next, &asked.filter, asked.order));
    let link = next_cursor.as_deref().map(|next| link::of_step(asked, next));
    let document = ListDocument::cursor_page(&step.codes, asked.limit, next_cursor, &service.settings, now);
    let response = json(StatusCode::OK, &document)?;
    Ok(match link {
        Some(link) => with_link(response, &link),
        None => response,
    })
}

fn with_link(mut response: Response<Body>, link: &str) -> Response<Body> {
    let link = HeaderValue::from_str(link).expect("links are plain ASCII");
    response.headers_mut().insert(header::LINK, link);
    response
}

async fn get_or_create(service: &Service, request: &Request, cx: &CallContext<'_>) -> Answer {
    let now = cx.now();
    let body = GetOrCreateBody::parse(request, now)?;
    let asked = GetOrCreate {
        label: Label::for_mentor(body.mentor_name.as_ref(), &body.mentor_id),
        mentor_id: body.mentor_id,
        org_id: body.org_id,
        campaign: service.settings.campaign.clone(),
        expires_at: body.expires_at.or_else(|| service.settings.default_expiry(now)),
    };
    let (status, code) = match service.store.get_or_create(&asked, cx).await? {
        GetOrCreated::Created(code) => (StatusCode::CREATED, code),
        GetOrCreated::Existing(code) => (StatusCode::OK, code),
    };
    let mut response = json(status, &CodeDocument::new(&code, &service.settings, now))?;
    let location = HeaderValue::try_from(format!("{BASE_PATH}/{}", code.id)).expect("an id is plain ASCII");
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

async fn get(service: &Service, id: &str, cx: &CallContext<'_>) -> Answer {
    let code = existing(service, id).await?;
    json(StatusCode::OK, &CodeDocument::new(&code, &service.settings, cx.now()))
}

async fn rotate(service: &Service, id: &str, request: &Request, cx: &CallContext<'_>) -> Answer {
    let body = RotateBody::parse(request)?;
    let asked = Rotate { id: parse_id(id)?, mentor_id: body.mentor_id, campaign: service.settings.campaign.clone() };
    let successor = service.store.rotate(&asked, cx).await?;
    json(StatusCode::OK, &CodeDocument::new(&successor, &service.settings, cx.now()))
}

async fn invalidate(service: &Service, id: &str, cx: &CallContext<'_>) -> Answer {
    let invalidated = service.store.invalidate(&parse_id(id)?, cx.now()).await?;
    json(StatusCode::OK, &InvalidatedDocument::new(&invalidated))
}

async fn build_url(service: &Service, id: &str, cx: &CallContext<'_>) -> Answer {
    let code = existing(service, id).await?;
    match code.status(cx.now()) {
        Status::Active => json(StatusCode::OK, &UrlDocument::new(&code.code, &service.settings, cx.now())),
        ended => Err(Problem::code_gone(ended)),
    }
}

async fn existing(service: &Service, id: &str) -> Result<ReferralCode, Problem> {
    service.store.get(&parse_id(id)?).await?.ok_or_else(Problem::code_not_found)
}

/// A string that could be no code's id names no code.
fn parse_id(text: &str) -> Result<CodeId, Problem> {
    CodeId::parse(text).map_err(|_| Problem::code_not_found())
}

fn json(status: StatusCode, document: &impl Serialize) -> Answer {
    let body = serde_json::to_string(document).map_err(|error| Problem::internal(error.to_string()))?;
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // A code can end at any moment: whoever reads it must read it anew.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
