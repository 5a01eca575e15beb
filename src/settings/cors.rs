//! The setting `CORS_ORIGINS`: the web pages whose scripts may read the answers.

use std::num::NonZeroU16;

use super::Reader;

/// `CORS_ORIGINS`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CorsOrigins {
    /// Unset: no origin but the service's own.
    None,
    /// `*`: every origin.
    Any,
    /// These origins, each as a browser sends it in `Origin`.
    Listed(Vec<String>),
}

impl Reader<'_> {
    pub(super) fn cors_origins(&mut self) -> CorsOrigins {
        let Some(text) = self.value("CORS_ORIGINS") else { return CorsOrigins::None };
        if text.trim_matches(' ') == "*" {
            return CorsOrigins::Any;
        }
        let origins: Vec<_> = text.split(',').map(|origin| origin.trim_matches(' ').to_owned()).collect();
        let rule = "be * alone, or origins separated by commas, like https://app.org.no,http://localhost:5173: scheme, host \
                    and perhaps port, in lower case, without a path";
        for origin in &origins {
            self.require(is_origin(origin), "CORS_ORIGINS", origin, rule);
        }
        CorsOrigins::Listed(origins)
    }
}

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
