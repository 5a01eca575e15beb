//! A page of codes as CSV: RFC 4180, UTF-8, with a header row.
//!
//! Written by hand: with the crate `csv` in the binary, a warm call that has nothing to do with it executed 6 % more
//! instructions, because fat LTO then inlines otherwise in the SDK.
//!
//! <https://www.rfc-editor.org/rfc/rfc4180>

use std::borrow::Cow;

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use super::responses::{CodeDocument, response, short_url, uncached};
use crate::settings::ServiceSettings;

/// The names of the JSON document in their order, those too that only some codes have, and `short_url`.
const COLUMNS: &str = "id,mentor_id,org_id,code,url,status,previous_code,rotated_at,successor_id,invalidated_at,\
                       created_at,expires_at,short_url";

/// A row for each code under the names. A value that a code does not have is empty.
pub(super) fn table(codes: &[CodeDocument<'_>], settings: &ServiceSettings) -> Response<Body> {
    let rows = codes.iter().map(|code| {
        let mut values = serde_json::to_value(code).expect("a document is JSON");
        values["short_url"] = short_url(code.code, settings).into();
        row(COLUMNS.split(',').map(|name| values[name].as_str().unwrap_or_default()))
    });
    let table = row(COLUMNS.split(',')) + &rows.collect::<String>();
    response(StatusCode::OK, table, uncached("text/csv; charset=utf-8; header=present"))
}

fn row<'v>(values: impl Iterator<Item = &'v str>) -> String {
    values.map(|value| quoted(as_text(value))).collect::<Vec<_>>().join(",") + "\r\n"
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
