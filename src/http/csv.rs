//! A page of codes as CSV: RFC 4180, UTF-8, with a header row.
//!
//! <https://www.rfc-editor.org/rfc/rfc4180>

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};
use lambda_http::http::{HeaderValue, header};
use lambda_http::{Body, Response};

use super::handlers::Handled;
use super::problem::Problem;
use super::responses::CodeDocument;

/// A table of the codes: the names of the JSON document in their order, then a row for each code. A value that it has not
/// is empty.
pub(super) fn table(codes: &[CodeDocument]) -> Handled {
    let text = write(codes).map_err(|error| Problem::internal(format!("cannot write the table: {error}")))?;
    let mut response = Response::new(Body::Text(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    // A code can end at any moment, so no cache may keep it.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn write(codes: &[CodeDocument]) -> Result<String, Box<dyn std::error::Error>> {
    let mut rows = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    rows.write_record(CodeDocument::FIELDS)?;
    for code in codes {
        let values = code.values().map(|value| as_text(value.unwrap_or_default()));
        rows.write_record(values.iter().map(|value| value.as_bytes()))?;
    }
    Ok(String::from_utf8(rows.into_inner()?)?)
}

/// The value, with an apostrophe in front if a spreadsheet would take it for a formula.
/// <https://owasp.org/www-community/attacks/CSV_Injection>
fn as_text(value: &str) -> Cow<'_, str> {
    if value.starts_with(['=', '+', '-', '@']) { Cow::Owned(format!("'{value}")) } else { Cow::Borrowed(value) }
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
}
