//! What an origin is, in every setting that has one.

use std::num::NonZeroU16;

/// Whether a text is an origin as a browser sends it: <https://www.rfc-editor.org/rfc/rfc6454#section-6.1>
pub(super) fn is_origin(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let host_fits = if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        !address.is_empty() && address.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b':' | b'.'))
    } else {
        !host.is_empty() && host.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'z' | b'-' | b'.' | b'_'))
    };
    let is_port = |port: &str| port.parse().is_ok_and(|number: NonZeroU16| number.to_string() == port);
    host_fits && port.is_none_or(is_port)
}

/// The origin of a URL. What follows it, if anything does, begins with a slash.
pub(super) fn origin_of(url: &str) -> Option<&str> {
    let path = url.match_indices('/').nth(2).map_or(url.len(), |(at, _)| at);
    Some(&url[..path]).filter(|origin| is_origin(origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_scheme_host_and_port() {
        let origins = ["https://app.org.no", "http://localhost:5173", "http://[::1]:80", "http://[::1]", "https://x"];
        let others = "* null app.org.no https:// https://app.org.no/ https://App.org.no https://a: https://a:x ftp://a \
                      https://a:99999 https://a:0 https://a:080 https://a:+80 https://[::A] https://*.org.no https://u@a \
                      https://[]";
        let all = origins.into_iter().chain(others.split(' ')).chain(["", "https://a b"]);
        assert_eq!(all.filter(|text| is_origin(text)).collect::<Vec<_>>(), origins);
        let with_path = origins.map(|origin| format!("{origin}/realms/org"));
        assert_eq!(with_path.each_ref().map(|url| origin_of(url)), origins.map(Some));
        let none = ["https://App.org.no/x", "https://a:x/", "https:///x", "https:/a/b/c", "a/b/c/d", ""];
        assert_eq!(none.map(origin_of), [None; 6]);
    }
}
