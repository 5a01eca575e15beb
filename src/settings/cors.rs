//! The setting `CORS_ORIGINS`: the web pages whose scripts may read the answers.

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
        if text.trim() == "*" {
            return CorsOrigins::Any;
        }
        let origins: Vec<_> = text.split(',').map(|origin| origin.trim().to_owned()).collect();
        for origin in origins.iter().filter(|origin| !is_origin(origin)) {
            self.errors.push(format!(
                "CORS_ORIGINS has {origin:?}: it must be * alone, or origins separated by commas, like \
                 https://app.org.no,http://localhost:5173: scheme, host and perhaps port, in lower case, without a path"
            ));
        }
        CorsOrigins::Listed(origins)
    }
}

/// Whether a text is an origin as a browser sends it: <https://www.rfc-editor.org/rfc/rfc6454#section-6.1>
fn is_origin(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let is_address = host.starts_with('[') && host.ends_with(']') && host.len() > 2;
    let in_brackets = host.trim_start_matches('[').trim_end_matches(']');
    let is_host = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_');
    let host_fits = if is_address {
        in_brackets.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'))
    } else {
        !host.is_empty() && host.bytes().all(is_host)
    };
    host_fits && port.is_none_or(|port| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_scheme_host_and_port() {
        for origin in ["https://app.org.no", "http://localhost:5173", "http://[::1]:80", "http://[::1]", "https://x"] {
            assert!(is_origin(origin), "{origin}");
        }
        for text in [
            "",
            "*",
            "null",
            "app.org.no",
            "https://",
            "https://app.org.no/",
            "https://App.org.no",
            "https://a b",
            "https://a:",
            "https://a:x",
            "https://a:99999",
            "https://*.org.no",
            "ftp://a",
            "https://u@a",
            "https://[]",
        ] {
            assert!(!is_origin(text), "{text}");
        }
    }
}
