//! The signature of a request, with the signing key of the day kept.
//!
//! The SDK's signer derives that key anew for every request, and builds the canonical request by way of a map: a third of all
//! instructions of a call. This one does both for what this service sends, by the functions of `aws-sigv4`. The headers that it
//! adds are the SDK's, byte for byte: a test compares the two. Whatever it does not know, it leaves to the SDK's signer.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_credential_types::Credentials;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4Signer};
use aws_runtime::auth::{
    PayloadSigningOverride, SigV4OperationSigningConfig, SigV4SessionTokenNameOverride, SigningOptions,
};
use aws_sigv4::sign::v4::generate_signing_key;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::{AuthScheme, AuthSchemeEndpointConfig, AuthSchemeId, Sign};
use aws_smithy_runtime_api::client::identity::{Identity, SharedIdentityResolver};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::{GetIdentityResolver, RuntimeComponents};
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// The headers that a signature does not cover, by the SDK's settings: they may change on the way, or come from it.
const NOT_SIGNED: [&str; 4] = ["authorization", "user-agent", "x-amzn-trace-id", "transfer-encoding"];
/// The headers that a signer adds.
const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";
/// What an endpoint may say about its signatures. Those of DynamoDB say nothing.
const ENDPOINT_OPTIONS: [&str; 4] = ["signingName", "signingRegion", "disableDoubleEncoding", "disableNormalizePath"];

/// Signature Version 4, in the place of the SDK's.
#[derive(Default)]
pub(super) struct Signer {
    key: Mutex<Option<SigningKey>>,
    sdk: SigV4Signer,
}

/// The signing key of one day, as the beginning of each signature, and what it was derived from.
struct SigningKey {
    scope: String,
    secret: String,
    begun: Hmac<Sha256>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Signer").finish_non_exhaustive()
    }
}

impl AuthScheme for Signer {
    fn scheme_id(&self) -> AuthSchemeId {
        SCHEME_ID
    }

    fn identity_resolver(&self, resolvers: &dyn GetIdentityResolver) -> Option<SharedIdentityResolver> {
        resolvers.identity_resolver(SCHEME_ID)
    }

    fn signer(&self) -> &dyn Sign {
        self
    }
}

impl Sign for Signer {
    fn sign_http_request(
        &self,
        request: &mut HttpRequest,
        identity: &Identity,
        endpoint: AuthSchemeEndpointConfig<'_>,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        let is_plain = ENDPOINT_OPTIONS.iter().all(|option| endpoint.get(option).is_none());
        let Some(headers) = is_plain.then(|| self.sign(request, identity, components, config)).flatten() else {
            return self.sdk.sign_http_request(request, identity, endpoint, components, config);
        };
        for (name, value) in headers {
            request.headers_mut().insert(name, value);
        }
        Ok(())
    }
}

impl Signer {
    /// The headers that make the request a signed one. None of a request that this signer does not know.
    fn sign(
        &self,
        request: &HttpRequest,
        identity: &Identity,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Option<Vec<(&'static str, String)>> {
        let credentials = identity.data::<Credentials>()?;
        let operation = config.load::<SigV4OperationSigningConfig>()?;
        let is_usual = operation.signing_options == SigningOptions::default()
            && config.load::<SigV4SessionTokenNameOverride>().is_none()
            && config.load::<PayloadSigningOverride>().is_none();
        if !is_usual {
            return None;
        }
        let (region, name) = (config.load::<SigningRegion>()?, config.load::<SigningName>()?);
        let token = credentials.session_token();
        let host = host_of_root(request.uri())?;
        let body = request.body().bytes()?;

        let now = components.time_source()?.now();
        let time = OffsetDateTime::from(now);
        let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
        let (hour, minute, second) = time.to_hms();
        let date_time = format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z");
        let (region, name) = (region.as_ref(), name.as_ref());
        let scope = format!("{year:04}{month:02}{day:02}/{region}/{name}/aws4_request");

        let mut headers = Vec::with_capacity(8);
        headers.extend([("host", host), (DATE, date_time.as_str())]);
        headers.extend(token.map(|token| (TOKEN, token)));
        headers.extend(request.headers().iter().filter(|(name, _)| !NOT_SIGNED.contains(name)));
        headers.sort_unstable();
        // A name that is there twice is one line with both values. None of ours is.
        if headers.windows(2).any(|two| two[0].0 == two[1].0) || !headers.iter().all(|(_, value)| is_normal(value)) {
            return None;
        }
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let mut canonical = String::with_capacity(1536);
        canonical.extend([request.method(), "\n/\n\n"]);
        for (name, value) in headers {
            canonical.extend([name, ":", value, "\n"]);
        }
        canonical.extend(["\n", &names, "\n", &hash(body)]);
        let to_sign = format!("AWS4-HMAC-SHA256\n{date_time}\n{scope}\n{}", hash(canonical.as_bytes()));

        let secret = credentials.secret_access_key();
        let mut kept = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.as_ref().is_some_and(|kept| kept.scope == scope && kept.secret == secret) {
            let begun = Hmac::new_from_slice(generate_signing_key(secret, now, region, name).as_ref()).ok()?;
            *kept = Some(SigningKey { scope: scope.clone(), secret: secret.to_owned(), begun });
        }
        let signature = kept.as_ref()?.begun.clone().chain_update(to_sign);
        let signature = hexadecimal(&signature.finalize().into_bytes());
        let id = credentials.access_key_id();
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}");
        let token = token.map(|token| (TOKEN, token.to_owned()));
        Some([(DATE, date_time), ("authorization", authorization)].into_iter().chain(token).collect())
    }
}

fn hash(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// `hex::encode` collects one `char` after the other.
fn hexadecimal(bytes: &[u8]) -> String {
    let mut digits = vec![0; 2 * bytes.len()];
    hex::encode_to_slice(bytes, &mut digits).expect("two digits a byte");
    String::from_utf8(digits).expect("digits are ASCII")
}

/// The value of the header `Host` for the root of an endpoint: without the port that its scheme has anyway. None of any
/// other address.
fn host_of_root(uri: &str) -> Option<&str> {
    let (rest, port) = match uri.strip_prefix("https://") {
        Some(rest) => (rest, ":443"),
        None => (uri.strip_prefix("http://")?, ":80"),
    };
    let host = rest.strip_suffix('/').unwrap_or(rest);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    host.bytes().all(is_plain).then(|| host.strip_suffix(port).unwrap_or(host))
}

/// Whether a header's value is signed as it stands. From others, blanks are taken away.
fn is_normal(value: &str) -> bool {
    value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && !(value.starts_with(' ') || value.ends_with(' ') || value.contains("  "))
}
