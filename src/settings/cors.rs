//! The setting `CORS_ORIGINS`: the web pages whose scripts may read the answers.

use super::Reader;
use super::origin::is_origin;

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
