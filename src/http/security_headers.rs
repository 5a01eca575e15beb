//! The headers that tell a browser what it must not do with an answer: one place for all of them.

use lambda_http::http::{HeaderMap, HeaderValue, header};

/// What a page may load: its own inline style, and nothing else from anywhere. A page that needs more says so itself.
const CSP_OF_A_PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Adds them. A header that a handler has set stays.
pub(super) fn add(headers: &mut HeaderMap) {
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    // A body is what its type says: no browser takes JSON for a script or a page.
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    // The URL of an API call has ids in it.
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    if is_page {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(CSP_OF_A_PAGE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_gets_a_content_security_policy_unless_it_has_one() {
        let mut headers = HeaderMap::new();
        add(&mut headers);
        assert!(!headers.contains_key(header::CONTENT_SECURITY_POLICY));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        add(&mut headers);
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], CSP_OF_A_PAGE);
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'self'"));
        add(&mut headers);
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "default-src 'self'");
    }
}
