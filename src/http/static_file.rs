//! Files that change with a release only: answered with a strong `ETag`, and with a 304 to a client that has them. Those that
//! the build has compressed go out so to a client that can read that.
//!
//! <https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match>

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};
use sha2::{Digest, Sha256};

use super::accept::{BROTLI, GZIP, content_coding};
use super::prefix::Gateway;
use super::responses::response;

pub(super) struct StaticFile {
    text: Cow<'static, str>,
    compressed: Option<Compressed>,
    content_type: &'static str,
    cache_control: &'static str,
    /// The start of the hash of the text.
    hash: String,
}

/// A text as each coding has it. Both streams end with an empty block, which begins at a byte: see `build.rs`.
pub(super) struct Compressed {
    brotli: Cow<'static, [u8]>,
    gzip: Cow<'static, [u8]>,
}

impl Compressed {
    pub(super) const fn new(brotli: &'static [u8], gzip: &'static [u8]) -> Self {
        Self { brotli: Cow::Borrowed(brotli), gzip: Cow::Borrowed(gzip) }
    }

    /// The same with an end that only the running service knows. It is added as it is, which both formats allow.
    ///
    /// # Panics
    /// If the end has more than 65,535 bytes, or none.
    pub(super) fn with_end(&self, end: &str) -> Self {
        let length = u16::try_from(end.len()).expect("a short end");
        // An uncompressed meta-block, then the empty last one: <https://www.rfc-editor.org/rfc/rfc7932#section-9.2>
        let [start @ .., _last] = &*self.brotli else { unreachable!("a stream has bytes") };
        let head = (u32::from(length - 1) << 3) | (1 << 19);
        let brotli = [start, &head.to_le_bytes()[..3], end.as_bytes(), &[3]].concat();
        // A stored block, the last one: <https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4>. Then the checksum and the
        // length of the whole: <https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1>
        let (start, trailer) = self.gzip.split_at(self.gzip.len() - 10);
        let word = |at: usize| u32::from_le_bytes(trailer[at..at + 4].try_into().expect("four bytes"));
        let (sum, total) = (crc32(word(2), end.as_bytes()), word(6) + u32::from(length));
        let head = [&[1], &length.to_le_bytes()[..], &(!length).to_le_bytes()].concat();
        let gzip = [start, &head, end.as_bytes(), &sum.to_le_bytes(), &total.to_le_bytes()].concat();
        Self { brotli: brotli.into(), gzip: gzip.into() }
    }
}

/// The checksum of gzip, continued from the one of the bytes before.
fn crc32(before: u32, bytes: &[u8]) -> u32 {
    let shift = |crc: u32| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!before, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| shift(crc)))
}

impl StaticFile {
    pub(super) fn new(
        text: impl Into<Cow<'static, str>>,
        content_type: &'static str,
        cache_control: &'static str,
    ) -> Self {
        let text = text.into();
        let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(text.as_bytes())[..12]);
        Self { text, compressed: None, content_type, cache_control, hash }
    }

    pub(super) fn compressed(self, compressed: Compressed) -> Self {
        Self { compressed: Some(compressed), ..self }
    }

    /// The file, or a 304 if the client has it already.
    pub(super) fn answer(&self, request: &Request) -> Response<Body> {
        let coding = match self.compressed {
            Some(_) if Gateway::of(request).is_some_and(|gateway| gateway.takes_bytes) => {
                content_coding(request.headers())
            }
            _ => None,
        };
        // Each coding has a tag of its own: a strong one stands for the very bytes.
        let tag = format!("\"{}{}\"", self.hash, coding.map(|name| format!("-{name}")).unwrap_or_default());
        let known = request.headers().get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
        let mut known = known.flat_map(|tags| tags.split(',')).map(str::trim);
        let is_known = known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag);
        let tag = HeaderValue::try_from(tag).expect("Base64 is ASCII");
        let cache = HeaderValue::from_static(self.cache_control);
        let status = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = response(status, String::new(), [(header::ETAG, tag), (header::CACHE_CONTROL, cache)]);
        if self.compressed.is_some() {
            response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if is_known {
            return response;
        }
        *response.body_mut() = match (&self.compressed, coding) {
            (Some(compressed), Some(BROTLI)) => Body::Binary(compressed.brotli.to_vec()),
            (Some(compressed), Some(GZIP)) => Body::Binary(compressed.gzip.to_vec()),
            _ => Body::Text(self.text.to_string()),
        };
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(name) = coding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }
}
