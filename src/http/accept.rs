//! What a client wants: JSON, CSV or something for a person, and in which language.
//!
//! <https://www.rfc-editor.org/rfc/rfc9110#name-content-negotiation-fields>

use lambda_http::http::{HeaderMap, HeaderName, header};

/// The languages of the pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Language {
    English,
    /// Norwegian bokmål, for readers of any Norwegian.
    Bokmal,
}

/// How welcome an offer is: the quality in thousandths, then how exactly the header names the offer.
type Welcome = (u16, u8);

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
    match (best(&["nb", "no", "nn"]), best(&["en"]).or_else(|| best(&["*"]))) {
        (Some((quality, _)), None) if quality > 0 => Language::Bokmal,
        (Some(norwegian), Some(english)) if norwegian.0 > 0 && norwegian > english => Language::Bokmal,
        _ => Language::English,
    }
}

/// The most exact range that covers a media type decides. None covers it: it is not welcome.
fn welcome(ranges: &[(&str, u16)], kind: &str, subtype: &str) -> Welcome {
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

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::http::HeaderValue;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn json_is_preferred_where_accept_says_so() {
        for (accept, is_preferred) in [
            // Browsers: a page, a picture, a `fetch`.
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", false),
            ("image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", false),
            ("*/*", false),
            // Clients of APIs.
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/json, text/plain, */*", true),
            ("application/problem+json", true),
            ("application/*", true),
            ("text/*;q=0.5, */*", true),
            ("application/json;q=0.8, text/html;q=0.7", true),
            ("text/html;q=0.7, application/json;q=0.701", true),
            ("application/json;q=0.7, text/html;q=0.8", false),
            ("application/json, text/html", false),
            ("application/json;q=0", false),
            ("application/json;q=0, */*", false),
            ("*/*, text/html;q=0", true),
            // Nothing that can be read.
            ("", false),
            ("json", false),
            ("application/json;q=2", false),
            ("application/json;q=0.1234", false),
            ("application/json;q=-1", false),
            ("application/json;q=.5", false),
            (",;q=1,/", false),
        ] {
            assert_eq!(prefers_json(&headers(&header::ACCEPT, &[accept])), is_preferred, "{accept}");
        }
        assert!(!prefers_json(&HeaderMap::new()));
        assert!(
            prefers_json(&headers(&header::ACCEPT, &["text/html;q=0.5", "application/json"])),
            "two headers are one"
        );
    }

    #[test]
    fn csv_is_preferred_where_accept_says_so() {
        for (accept, is_preferred) in [
            ("text/csv", true),
            ("Text/CSV; header=present", true),
            ("text/csv, */*", true),
            ("text/csv, application/json;q=0.9", true),
            ("text/*", true),
            ("application/json;q=0, */*", true),
            ("text/csv, application/json", false),
            ("text/csv;q=0.5, application/json", false),
            ("text/csv;q=0", false),
            ("text/csv;q=0, text/*", false),
            ("*/*", false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", false),
            ("application/json", false),
            ("", false),
        ] {
            assert_eq!(prefers_csv(&headers(&header::ACCEPT, &[accept])), is_preferred, "{accept}");
        }
        assert!(!prefers_csv(&HeaderMap::new()));
    }

    #[test]
    fn bokmal_is_for_readers_who_prefer_a_norwegian_language() {
        for (accept, language) in [
            ("nb-NO,nb;q=0.9,no;q=0.8,nn;q=0.7,en-US;q=0.6,en;q=0.5", Language::Bokmal),
            ("no", Language::Bokmal),
            ("nn-NO", Language::Bokmal),
            ("NB", Language::Bokmal),
            ("nb, en", Language::Bokmal),
            ("de, nb;q=0.1", Language::Bokmal),
            ("en;q=0, no;q=0.1", Language::Bokmal),
            ("en, nb", Language::English),
            ("en-GB,en;q=0.9,nb;q=0.8", Language::English),
            ("nb;q=0.5, en;q=0.6", Language::English),
            ("nb;q=0", Language::English),
            ("nbx", Language::English),
            ("sv, da", Language::English),
            ("nb;q=0.1, *;q=0.9", Language::English),
            ("nb, *;q=0.5", Language::Bokmal),
            ("*", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(super::language(&headers(&header::ACCEPT_LANGUAGE, &[accept])), language, "{accept}");
        }
        assert_eq!(super::language(&HeaderMap::new()), Language::English);
    }
}
