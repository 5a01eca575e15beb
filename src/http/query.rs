//! The query of a list: a page by cursor if there is a `cursor`, else a numbered page. All errors of a query are
//! reported together. Unknown parameters are ignored.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use lambda_http::{Request, RequestExt};

use super::cursor;
use super::problem::{InvalidPart, Problem};
use crate::limits::{DEFAULT_PAGE_LIMIT, MAX_PAGE, MAX_PAGE_LIMIT};
use crate::model::{
    Campaign, CodeString, CursorPageRequest, Filter, MentorId, Order, OrgId, PageRequest, Sight, Status,
};

/// The page that a `GET /` asks for.
pub(super) enum ListQuery {
    /// A numbered page.
    Page(PageRequest),
    /// A page by cursor.
    CursorPage(CursorPageRequest),
}

impl ListQuery {
    /// `campaign` is the one of the settings. It helps to read a `code` as people type it. `sight` is the caller's.
    pub(super) fn parse(request: &Request, campaign: &Campaign, sight: &Sight) -> Result<Self, Problem> {
        let mut query = Query { request, errors: Vec::new() };
        let page = query.number("page", 1..=MAX_PAGE);
        let limit = query.number("limit", 1..=MAX_PAGE_LIMIT).unwrap_or(DEFAULT_PAGE_LIMIT);
        let filter = Filter {
            org_id: query.one("org_id", OrgId::parse),
            mentor_id: query.one("mentor_id", MentorId::parse),
            status: query.one("status", status),
            code: query.one("code", |text| {
                CodeString::parse_typed(text, campaign).ok_or("must be one code, like JAN-VERV-8F3A or janverv8f3a")
            }),
        };
        let order = query.one("sort", order).unwrap_or(Order::NewestFirst);
        let cursor = query.one("cursor", |text| cursor::decode(text, &filter, order, sight));
        if cursor.is_some() && page.is_some() {
            query.add_error("page", "must be left out if there is a `cursor`");
        }
        if !query.errors.is_empty() {
            return Err(Problem::invalid_parameters(query.errors));
        }
        Ok(match cursor {
            Some(after) => Self::CursorPage(CursorPageRequest { filter, order, after, limit }),
            None => Self::Page(PageRequest { filter, order, page: page.unwrap_or(1), limit }),
        })
    }
}

/// `-created_at` is newest first, `created_at` oldest first.
fn order(text: &str) -> Result<Order, &'static str> {
    match text {
        "-created_at" => Ok(Order::NewestFirst),
        "created_at" => Ok(Order::OldestFirst),
        _ => Err("must be created_at or -created_at"),
    }
}

fn status(text: &str) -> Result<Status, &'static str> {
    let status = Status::ALL.into_iter().find(|status| status.as_str() == text);
    status.ok_or("must be active, rotated, invalidated or expired")
}

struct Query<'a> {
    request: &'a Request,
    errors: Vec<InvalidPart>,
}

impl Query<'_> {
    /// The value of a parameter, which can be given once at most.
    fn one<T, E: Display>(&mut self, parameter: &'static str, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let values =
            self.request.query_string_parameters_ref().and_then(|query| query.all(parameter)).unwrap_or_default();
        let error = match values.as_slice() {
            [] => return None,
            [once] => match parse(once) {
                Ok(value) => return Some(value),
                Err(error) => error.to_string(),
            },
            _ => "must be given once".to_owned(),
        };
        self.add_error(parameter, error);
        None
    }

    fn number<N: FromStr + PartialOrd + Display>(
        &mut self,
        parameter: &'static str,
        range: RangeInclusive<N>,
    ) -> Option<N> {
        self.one(parameter, |text| {
            // `parse` would accept a sign.
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            let number = text.parse().ok().filter(|number| digits && range.contains(number));
            number.ok_or_else(|| format!("must be a whole number from {} to {}", range.start(), range.end()))
        })
    }

    fn add_error(&mut self, parameter: &'static str, detail: impl Display) {
        self.errors.push(InvalidPart { pointer: None, parameter: Some(parameter), detail: detail.to_string() });
    }
}
