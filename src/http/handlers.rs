//! One function per endpoint below the base path: parse the request, ask the view, make the document.

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};

use super::handler_context::{Cx, Handled};
use super::link::BASE_PATH;
use super::problem::Problem;
use super::query::ListQuery;
use super::responses::{CodeDocument, InvalidatedDocument, ListDocument, Pagination, UrlDocument, json};
use super::{accept, csv, cursor, link, request_body};
use crate::model::{CodeId, CursorPageRequest, PageRequest, ReferralCode, Status};
use crate::store::{By, Rotate};

pub(super) async fn list(cx: &Cx<'_>, request: &Request) -> Handled {
    match ListQuery::parse(request, cx.settings, cx.codes.sight())? {
        ListQuery::Page(page) => list_page(cx, &page, request).await,
        ListQuery::CursorPage(page) => list_cursor_page(cx, &page, request).await,
    }
}

async fn list_page(cx: &Cx<'_>, page: &PageRequest, request: &Request) -> Handled {
    let found = cx.codes.list(page).await?;
    let place = Pagination::Numbered { page: page.page, limit: page.limit, total: found.total };
    Ok(list_response(cx, request, &found.codes, place, Some(link::of_page(cx.prefix, page, found.total))))
}

async fn list_cursor_page(cx: &Cx<'_>, page: &CursorPageRequest, request: &Request) -> Handled {
    let found = cx.codes.list_after(page).await?;
    let next_cursor = found.next.map(|next| cursor::encode(next, &page.filter, page.order, cx.codes.sight()));
    let link = next_cursor.as_deref().map(|next| link::of_cursor_page(cx.prefix, page, next));
    Ok(list_response(cx, request, &found.codes, Pagination::Cursor { limit: page.limit, next_cursor }, link))
}

/// The page in the form that the client prefers. No cache may keep it, so it needs no `Vary`.
fn list_response(
    cx: &Cx<'_>,
    request: &Request,
    codes: &[ReferralCode],
    pagination: Pagination,
    link: Option<String>,
) -> Response<Body> {
    let data: Vec<_> = codes.iter().map(|code| document(cx, code)).collect();
    let mut response = if accept::prefers_csv(request.headers()) {
        csv::table(&data, cx.settings)
    } else {
        json(StatusCode::OK, &ListDocument { data, pagination })
    };
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, HeaderValue::try_from(link).expect("a link is ASCII"));
    }
    response
}

pub(super) async fn get_or_create(cx: &Cx<'_>, request: &Request) -> Handled {
    let request = request_body::get_or_create(request, cx.settings, cx.codes.now())?;
    cx.log.mentor(&request.mentor_id);
    let (code, by) = cx.codes.get_or_create(&request).await?;
    cx.log.code(&code.id);
    cx.log.change(by, "created", "existing");
    let status = if by == By::This { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = json(status, &document(cx, &code));
    let location = HeaderValue::try_from(format!("{}{BASE_PATH}/{}", cx.prefix, code.id)).expect("an id is ASCII");
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

pub(super) async fn get(cx: &Cx<'_>, id: &str) -> Handled {
    let code = existing(cx, id).await?;
    Ok(json(StatusCode::OK, &document(cx, &code)))
}

pub(super) async fn rotate(cx: &Cx<'_>, id: &str, request: &Request) -> Handled {
    let mentor_id = request_body::rotating_mentor(request)?;
    cx.log.mentor(&mentor_id);
    let request = Rotate { id: parse_id(cx, id)?, mentor_id, campaign: cx.settings.campaign.clone() };
    let (successor, by) = cx.codes.rotate(&request).await?;
    cx.log.change(by, "rotated", "repeated");
    Ok(json(StatusCode::OK, &document(cx, &successor)))
}

pub(super) async fn invalidate(cx: &Cx<'_>, id: &str) -> Handled {
    let (code, by) = cx.codes.invalidate(&parse_id(cx, id)?).await?;
    cx.log.mentor(&code.mentor_id);
    cx.log.change(by, "invalidated", "repeated");
    let (id, status, invalidated_at) = (&code.id, code.state.status(), code.ended_at());
    Ok(json(StatusCode::OK, &InvalidatedDocument { id, status, invalidated_at }))
}

pub(super) async fn build_url(cx: &Cx<'_>, id: &str) -> Handled {
    let code = existing(cx, id).await?;
    let now = cx.codes.now();
    match code.status(now) {
        Status::Active => {
            let urls = UrlDocument { generated_at: Some(now), ..UrlDocument::new(&code.code, cx.settings) };
            Ok(json(StatusCode::OK, &urls))
        }
        status => Err(Problem::CodeGone(status)),
    }
}

fn document<'c>(cx: &Cx<'_>, code: &'c ReferralCode) -> CodeDocument<'c> {
    CodeDocument::new(code, cx.settings, cx.codes.now())
}

async fn existing(cx: &Cx<'_>, id: &str) -> Result<ReferralCode, Problem> {
    cx.codes.get(&parse_id(cx, id)?).await?.ok_or(Problem::CodeNotFound)
}

/// Reads an id; a text that cannot be an id is the id of no code.
fn parse_id(cx: &Cx<'_>, text: &str) -> Result<CodeId, Problem> {
    let id = CodeId::parse(text).map_err(|_| Problem::CodeNotFound)?;
    cx.log.code(&id);
    Ok(id)
}
