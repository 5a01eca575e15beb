//! A page of codes as CSV: RFC 4180, UTF-8, with a header row.
//!
//! Written by hand: with the crate `csv` in the binary, a warm call that has nothing to do with it executed 6 % more
//! instructions (docs/adr/0034-console-of-plain-files.md).
//!
//! <https://www.rfc-editor.org/rfc/rfc4180>

use std::borrow::Cow;

use lambda_http::http::{HeaderValue, header};
use lambda_http::{Body, Response};

use super::responses::CodeDocument;

/// A table of the codes: the names of the JSON document in their order and `short_url`, then a row for each code. A value
/// that a code does not have is empty.
pub(super) fn table(codes: &[CodeDocument], short_url_base: &str) -> Response<Body> {
    let header = row(&CodeDocument::FIELDS, "short_url");
    let rows = codes.iter().map(|code| {
        let values = code.values().map(Option::unwrap_or_default);
        row(&values, &format!("{short_url_base}/{}", code.code()))
    });
    let mut response = Response::new(Body::Text(header + &rows.collect::<String>()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    // A code can end at any moment, so no cache may keep it.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn row(values: &[&str], last: &str) -> String {
    let values: Vec<_> = values.iter().chain([&last]).map(|value| quoted(as_text(value))).collect();
    values.join(",") + "\r\n"
}

/// The value, with an apostrophe in front if a spreadsheet would take it for a formula.
/// <https://owasp.org/www-community/attacks/CSV_Injection>
fn as_text(value: &str) -> Cow<'_, str> {
    if value.starts_with(['=', '+', '-', '@']) { Cow::Owned(format!("'{value}")) } else { Cow::Borrowed(value) }
}

/// The value, in quotes if it has a character that would end it.
fn quoted(value: Cow<'_, str>) -> Cow<'_, str> {
    if value.contains([',', '"', '\r', '\n']) {
        Cow::Owned(format!("\"{}\"", value.replace('"', "\"\"")))
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formula_becomes_a_text() {
        for (value, written) in [
            ("=1+1", "'=1+1"),
            ("+47", "'+47"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("usr-1=2", "usr-1=2"),
            ("", ""),
        ] {
            assert_eq!(as_text(value), written);
        }
    }

    #[test]
    fn value_that_would_end_early_is_quoted() {
        let values = ["a", "", "b,c", "say \"x\"", "two\r\nlines", "=1,2"];
        assert_eq!(row(&values[..5], values[5]), "a,,\"b,c\",\"say \"\"x\"\"\",\"two\r\nlines\",\"'=1,2\"\r\n");
    }
}
