//! What a client wants: JSON, CSV or something for a person, in which language, and how compressed.
//!
//! <https://www.rfc-editor.org/rfc/rfc9110#name-content-negotiation-fields>

use lambda_http::http::{HeaderMap, HeaderName, header};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Language {
    English,
    /// Norwegian bokmål, for readers of any Norwegian.
    Bokmal,
}

/// The codings of files, as `Content-Encoding` names them.
pub(super) const GZIP: &str = "gzip";
pub(super) const BROTLI: &str = "br";

/// Whether the client would rather have JSON than a page or a redirect. JSON must be more welcome, or as welcome and named
/// more exactly, as in `application/json, */*`.
pub(super) fn prefers_json(headers: &HeaderMap) -> bool {
    let ranges = ranges(headers, &header::ACCEPT);
    let welcome = |kind: &str, subtype: &str| welcome(&ranges, kind, subtype);
    let json = welcome("application", "json").max(welcome("application", "problem+json"));
    json.0 > 0 && json > welcome("text", "html")
}

/// Whether the client would rather have CSV than JSON, by the same rule.
pub(super) fn prefers_csv(headers: &HeaderMap) -> bool {
    let ranges = ranges(headers, &header::ACCEPT);
    let csv = welcome(&ranges, "text", "csv");
    csv.0 > 0 && csv > welcome(&ranges, "application", "json")
}

/// English, unless the client prefers a Norwegian language. Of two that are equally welcome, it prefers the first.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let ranges = ranges(headers, &header::ACCEPT_LANGUAGE);
    let best = |tags: &[&str]| {
        let named = ranges.iter().enumerate().filter(|(_, (range, _))| {
            let language = range.split('-').next().unwrap_or_default();
            tags.iter().any(|tag| language.eq_ignore_ascii_case(tag))
        });
        // The highest quality, then the first of them.
        named.map(|(place, (_, quality))| (*quality, std::cmp::Reverse(place))).max()
    };
    let (norwegian, english) = (best(&["nb", "no", "nn"]), best(&["en"]).or_else(|| best(&["*"])));
    let is_wanted = norwegian.is_some_and(|(quality, _)| quality > 0);
    if is_wanted && norwegian > english { Language::Bokmal } else { Language::English }
}

/// The coding that the client prefers, the smallest of those that are equally welcome. None: the file as it is. A client that
/// does not say gets that, and so does one that refuses everything.
pub(super) fn content_coding(headers: &HeaderMap) -> Option<&'static str> {
    let ranges = ranges(headers, &header::ACCEPT_ENCODING);
    let named = |name: &str| ranges.iter().find(|(range, _)| range.eq_ignore_ascii_case(name));
    let quality = |coding: Option<&str>| match coding {
        Some(name) => named(name).or_else(|| named("*")).map_or(0, |(_, quality)| *quality),
        // Without a word it is acceptable, as the last choice.
        None => named("identity").map_or(1, |(_, quality)| (*quality).max(1)),
    };
    [None, Some(GZIP), Some(BROTLI)].into_iter().max_by_key(|coding| quality(*coding)).flatten()
}

/// How welcome a media type is: the quality in thousandths, then how exactly the header names it. The most exact range that
/// covers it decides. None covers it: it is not welcome.
fn welcome(ranges: &[(&str, u16)], kind: &str, subtype: &str) -> (u16, u8) {
    let covering = ranges.iter().filter_map(|(range, quality)| {
        let (range_kind, range_subtype) = range.split_once('/')?;
        let exactness = match (range_kind.eq_ignore_ascii_case(kind), range_subtype) {
            (true, other) if other.eq_ignore_ascii_case(subtype) => 3,
            (true, "*") => 2,
            (_, "*") if range_kind == "*" => 1,
            _ => return None,
        };
        Some((exactness, *quality))
    });
    covering.max().map_or((0, 0), |(exactness, quality)| (quality, exactness))
}

/// The ranges of a header with their qualities, in its order. One whose quality cannot be read is left out.
fn ranges<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Vec<(&'h str, u16)> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty())?;
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some((name, quality.map_or(Some(1000), thousandths)?))
    });
    ranges.collect()
}

/// A quality of RFC 9110: 0 to 1, with three decimal places at most.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}
