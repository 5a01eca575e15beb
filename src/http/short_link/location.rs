//! Where a redirect goes: to the code's URL, with the query of the request.
//!
//! The target is always the URL of the settings: what comes from the request is only ever added to its query, and a
//! character that could end the query or the header is encoded. So no request makes an open redirect.

use lambda_http::http::HeaderValue;
use percent_encoding::{percent_decode_str, percent_encode_byte};

use crate::limits::MAX_LOCATION_BYTES;

/// The URL with the parameters of a query, except for `ref`, which the URL has already. A parameter that would make it
/// longer than a gateway passes on is left out.
pub(super) fn with_query(url: &str, query: Option<&str>) -> HeaderValue {
    let mut location = url.to_owned();
    for parameter in query.unwrap_or_default().split('&') {
        let encoded = encode(parameter);
        if !parameter.is_empty() && !names_ref(parameter) && location.len() + encoded.len() < MAX_LOCATION_BYTES {
            location.push('&');
            location.push_str(&encoded);
        }
    }
    HeaderValue::try_from(location).expect("the settings and `encode` leave only visible ASCII")
}

/// Whether any page could take the parameter for its `ref`. Some ignore case, space, or what follows a zero byte, and some
/// read `ref[]` as `ref`.
fn names_ref(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default().replace('+', " ");
    let name = percent_decode_str(&name).decode_utf8_lossy();
    let name = name.split(['[', '\0']).next().unwrap_or_default();
    name.trim_matches(|c: char| c.is_whitespace() || c.is_control()).eq_ignore_ascii_case("ref")
}

/// The parameter as it is, with everything encoded that a query cannot hold, and `;`, which some pages take for `&`.
fn encode(parameter: &str) -> String {
    let bytes = parameter.as_bytes();
    let mut encoded = String::with_capacity(bytes.len());
    for (place, byte) in bytes.iter().enumerate() {
        let is_encoded_byte = |place: usize| bytes.get(place).is_some_and(u8::is_ascii_hexdigit);
        let stays = match byte {
            b'%' => is_encoded_byte(place + 1) && is_encoded_byte(place + 2),
            b'!' | b'$' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'-' | b'.' | b'/' | b':' | b'=' | b'?' | b'@'
            | b'_' | b'~' => true,
            other => other.is_ascii_alphanumeric(),
        };
        if stays { encoded.push(char::from(*byte)) } else { encoded.push_str(percent_encode_byte(*byte)) }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const URL: &str = "https://app.org.no/join?ref=JAN-VERV-8F3A";

    fn added(query: &str) -> String {
        let location = with_query(URL, Some(query));
        location.to_str().unwrap().strip_prefix(URL).expect("the URL stays").to_owned()
    }

    #[test]
    fn query_is_passed_on() {
        let as_it_is = "utm_source=x a=1&b=2&a=3 a=%C3%A5+b%26c reference=1&xref=2&ref2=3&r=4 \
                        next=https://evil.example/?ref=x";
        for query in as_it_is.split(' ') {
            assert_eq!(added(query), format!("&{query}"));
        }
        for (query, expected) in [
            ("", ""),
            ("&&a&&", "&a"),
            // What no query may hold.
            ("a=å\r\nSet-Cookie: x", "&a=%C3%A5%0D%0ASet-Cookie:%20x"),
            ("a=1#b\"<>\\", "&a=1%23b%22%3C%3E%5C"),
            ("a=100%&b=%2", "&a=100%25&b=%252"),
            ("a=1;ref=x", "&a=1%3Bref=x"),
        ] {
            assert_eq!(added(query), expected, "{query:?}");
        }
        let forms = "ref=EVIL ref ref= REF=x Ref=x %72ef=x %52%45%46=x re%66 ref[]=x ref%5B%5D=x ref[0]=x +ref=x ref%20=x \
                     %20ref+=x ref%00=x ref%00y=x %0Aref=x ref=a&ref=b";
        for query in forms.split(' ') {
            assert_eq!(added(&format!("a=1&{query}&b=2")), "&a=1&b=2", "{query}");
        }
    }

    #[test]
    fn location_stays_short_enough_for_a_gateway() {
        let long = format!("a={}&b=2", "x".repeat(MAX_LOCATION_BYTES));
        assert_eq!(added(&long), "&b=2");
        assert!(with_query(URL, Some(&"å&".repeat(60_000))).len() <= MAX_LOCATION_BYTES);
    }

    proptest! {
        /// Whatever the request has: the URL stays, what follows is a query, and no name in it is `ref`.
        #[test]
        fn no_query_changes_the_target(query in "\\PC{0,40}|[refREF%0-9a-f=&+;#/?\r\n\\[\\]]{0,40}") {
            let added = added(&query);
            prop_assert!(added.is_empty() || added.starts_with('&'));
            prop_assert!(added.bytes().all(|byte| byte.is_ascii_graphic() && !b"#;\"<>\\".contains(&byte)), "{}", added);
            prop_assert!(added.split('&').all(|parameter| !names_ref(parameter)));
        }
    }
}
