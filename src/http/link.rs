//! `Link` headers (RFC 8288) of a list: the URLs of its first, previous, next and last page.
//!
//! <https://www.rfc-editor.org/rfc/rfc8288>

use crate::limits::MAX_PAGE;
use crate::model::{CodeString, CursorPageRequest, Filter, MentorId, Order, OrgId, PageRequest, Status};

/// The path of the collection, in its canonical form.
pub const BASE_PATH: &str = "/api/v1/referral-codes";

/// The links of a numbered page. None leads past [`MAX_PAGE`], which would be refused.
pub(super) fn of_page(prefix: &str, request: &PageRequest, total: u64) -> String {
    let PageRequest { filter, order, page, limit } = request;
    let last = total.div_ceil(u64::from(*limit)).clamp(1, MAX_PAGE);
    let link = |number: u64, rel: &str| link(prefix, &format!("page={number}"), *limit, filter, *order, rel);
    let mut links = vec![link(1, "first")];
    if *page > 1 {
        links.push(link((page - 1).min(last), "prev"));
    }
    if *page < last {
        links.push(link(page + 1, "next"));
    }
    links.push(link(last, "last"));
    links.join(", ")
}

/// The link from a page by cursor to the next one.
pub(super) fn of_cursor_page(prefix: &str, request: &CursorPageRequest, next_cursor: &str) -> String {
    link(prefix, &format!("cursor={next_cursor}"), request.limit, &request.filter, request.order, "next")
}

/// What of a list's codes and their order its query says.
pub(super) fn parameters(filter: &Filter, order: Order) -> [(&'static str, Option<&str>); 5] {
    let Filter { org_id, mentor_id, status, code } = filter;
    [
        ("org_id", org_id.as_ref().map(OrgId::as_str)),
        ("mentor_id", mentor_id.as_ref().map(MentorId::as_str)),
        ("status", status.map(Status::as_str)),
        ("code", code.as_ref().map(CodeString::as_str)),
        ("sort", (order == Order::OldestFirst).then_some("created_at")),
    ]
}

/// One link. Ids hold one character that a query cannot hold unencoded: `|`, which a REST API refuses.
fn link(prefix: &str, place: &str, limit: u32, filter: &Filter, order: Order, rel: &str) -> String {
    let parts = parameters(filter, order).into_iter();
    let parts = parts.filter_map(|(name, value)| Some(format!("&{name}={}", value?.replace('|', "%7C"))));
    format!("<{prefix}{BASE_PATH}?{place}&limit={limit}{}>; rel=\"{rel}\"", parts.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More codes than numbered pages reach: no link leads to a page that would be refused.
    #[test]
    fn last_page_link_is_the_last_that_can_be_asked_for() {
        let request = PageRequest { filter: Filter::default(), order: Order::NewestFirst, page: MAX_PAGE, limit: 1 };
        let links = of_page("", &request, MAX_PAGE + 7);
        assert!(links.contains(&format!("<{BASE_PATH}?page={MAX_PAGE}&limit=1>; rel=\"last\"")), "{links}");
        assert!(!links.contains("next"), "{links}");
    }
}
