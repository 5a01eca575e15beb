//! The query of a list: a page by cursor if there is a `cursor`, else a numbered page. All errors of a query are
//! reported together. Unknown parameters are ignored, but not a known one in a form that would lose it: `status[]=active`
//! would show all codes to a reader who asked for the active ones.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use lambda_http::{Request, RequestExt};

use super::problem::{InvalidPart, Problem};
use super::{code_link, cursor};
use crate::limits::{DEFAULT_PAGE_LIMIT, MAX_PAGE, MAX_PAGE_LIMIT};
use crate::model::{CursorPageRequest, Filter, Order, PageRequest, Sight};
use crate::settings::ServiceSettings;

pub(super) enum ListQuery {
    Page(PageRequest),
    CursorPage(CursorPageRequest),
}

impl ListQuery {
    /// The settings say how a `code` as people type it, or its link, is read. `sight` is the caller's.
    pub(super) fn parse(request: &Request, settings: &ServiceSettings, sight: &Sight) -> Result<Self, Problem> {
        let mut query = Query { request, errors: Vec::new() };
        query.refuse_other_forms();
        let page = query.number("page", 1..=MAX_PAGE);
        let limit = query.number("limit", 1..=MAX_PAGE_LIMIT).unwrap_or(DEFAULT_PAGE_LIMIT);
        let filter = Filter {
            org_id: query.one("org_id", str::parse),
            mentor_id: query.one("mentor_id", str::parse),
            status: query.one("status", str::parse),
            code: query.one("code", |text| {
                code_link::parse(text, settings)
                    .ok_or("must be one code, like JAN-VERV-8F3A or janverv8f3a, or its link")
            }),
        };
        let order = query.one("sort", order).unwrap_or(Order::NewestFirst);
        let cursor = query.one("cursor", |text| cursor::decode(text, &filter, order, sight));
        if cursor.is_some() && page.is_some() {
            query.add_error("page", "must be left out if there is a `cursor`");
        }
        if !query.errors.is_empty() {
            return Err(Problem::InvalidParameters(query.errors));
        }
        Ok(match cursor {
            Some(after) => Self::CursorPage(CursorPageRequest { filter, order, after, limit }),
            None => Self::Page(PageRequest { filter, order, page: page.unwrap_or(1), limit }),
        })
    }
}

fn order(text: &str) -> Result<Order, &'static str> {
    match text {
        "-created_at" => Ok(Order::NewestFirst),
        "created_at" => Ok(Order::OldestFirst),
        _ => Err("must be created_at or -created_at"),
    }
}

const PARAMETERS: [&str; 8] = ["page", "limit", "org_id", "mentor_id", "status", "code", "sort", "cursor"];

struct Query<'a> {
    request: &'a Request,
    errors: Vec<InvalidPart>,
}

impl Query<'_> {
    /// Refuses a parameter that is in another case or has anything around it: brackets or a dot, as lists and maps of other
    /// services have, blanks, or what is left of a link that was escaped (`&amp;status=active`).
    fn refuse_other_forms(&mut self) {
        let names = self.request.query_string_parameters_ref().into_iter().flat_map(|query| query.iter());
        let names: Vec<_> = names.map(|(name, _)| name).collect();
        for parameter in PARAMETERS {
            let is_other_form = |name: &&str| {
                let mut parts = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
                *name != parameter && parts.any(|part| part.eq_ignore_ascii_case(parameter))
            };
            if names.iter().any(is_other_form) {
                let usual = format!("`{parameter}=`, without capitals, blanks, brackets or other punctuation");
                self.add_error(parameter, format!("must be written as {usual}"));
            }
        }
    }

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

    fn add_error(&mut self, parameter: &'static str, detail: impl Into<String>) {
        self.errors.push(InvalidPart::parameter(parameter, detail));
    }
}
