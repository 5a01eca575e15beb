//! The SDK client: how it connects, how long it waits, and how often it tries. The values are in [`crate::limits`].
//!
//! # Time
//!
//! [`crate::limits::CALL_DEADLINE`] is the one deadline of a call, which makes a few requests one after the other: an operation
//! time-out of the SDK would bound only a part of it. The SDK's standard mode repeats requests; its adaptive mode also delays
//! first attempts, without a bound. The client has a retry quota of its own: the SDK's default quota is empty after ten failed
//! calls, refills only by successes, and is shared by all clients of a process. A cancelled transaction is not sent again by
//! the SDK: `store::session` does that, with pauses of its own.
//!
//! The SDK's correction of its signing clock is off. With it, a process whose clock is hours off would still be accepted,
//! and its changes would carry times that are hours off. `store::session` relies on times that DynamoDB accepts.
//!
//! # Environment
//!
//! Lambda gives a function its region and its role's credentials in variables
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>). Under SnapStart the credentials are at an
//! address for containers (<https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html>). The client asks these
//! two, in this order, and no other provider. The SDK's own chain would go on to files, to STS and to the metadata
//! service of a machine. A function has none of them, and would wait for the last.
//!
//! # Trust
//!
//! TLS is rustls with ring. It trusts the roots of Amazon Trust Services, which are compiled in
//! (`amazon-trust-services.pem`, <https://www.amazontrust.com/repository/>): reading the system's store costs more than
//! the rest of a cold start together. The roots are valid until 2037 and beyond. `AWS_CA_BUNDLE` adds roots without a new
//! build.

use std::path::Path;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::provider_config::ProviderConfig;
use aws_config::{Region, SdkConfig};
use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Builder, SharedCredentialsProvider, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::connections::Connections;
use super::retry::{ExtraRetries, RequireBody};
use super::round_trips::CountRoundTrips;
use crate::limits::{
    ATTEMPT_TIMEOUT, CONNECT_TIMEOUT, FIRST_BACKOFF, MAX_ATTEMPTS, MAX_BACKOFF, RETRIES_REGAINED_PER_SECOND,
    RETRY_QUOTA,
};

const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-trust-services.pem");

/// Why there is no client: the file named by `AWS_CA_BUNDLE` cannot be read, or is no file of certificates.
#[derive(Debug, thiserror::Error)]
#[error("AWS_CA_BUNDLE: {0}")]
pub struct ClientError(String);

/// What the deployed function has in its environment: region, credentials and endpoint. `ca_bundle` is a PEM file of roots to
/// trust besides the built-in ones.
pub(super) fn environment(ca_bundle: Option<&Path>) -> Result<SdkConfig, ClientError> {
    let http = https(ca_bundle)?;
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let is_true = |name| variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let containers = ProviderConfig::without_region().with_http_client(http.clone());
    let credentials = CredentialsProviderChain::first_try("variables", EnvironmentVariableCredentialsProvider::new())
        .or_else("containers", EcsCredentialsProvider::builder().configure(&containers).build());
    let mut environment = SdkConfig::builder()
        .behavior_version(behavior())
        .http_client(http)
        .region(variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .use_fips(is_true("AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_true("AWS_USE_DUALSTACK_ENDPOINT"));
    environment.set_endpoint_url(variable("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| variable("AWS_ENDPOINT_URL")));
    Ok(environment.build())
}

/// The version of the SDK's defaults that this service is tested with. An update of the SDK does not change them.
pub fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// The settings of a client for any environment and transport, with this module's time-outs and retries.
pub(super) fn config(environment: &SdkConfig) -> Builder {
    let retries = RetryConfig::standard()
        .with_max_attempts(MAX_ATTEMPTS)
        .with_initial_backoff(FIRST_BACKOFF)
        .with_max_backoff(MAX_BACKOFF);
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    Builder::from(environment)
        .retry_config(retries)
        .retry_partition(retry_quota())
        .timeout_config(timeouts)
        .retry_classifier(ExtraRetries)
        .interceptor(RequireBody)
        .interceptor(CountRoundTrips)
        .disable_clock_skew_correction(true)
        // It watches streams of unknown length. A DynamoDB response is one small body within the attempt's time-out.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

/// What the SDK's token bucket charges for one retry by default. Here a time-out costs the same as any other failure.
const TOKENS_PER_RETRY: u16 = 5;

/// [`RETRY_QUOTA`] as the SDK has it: a bucket of tokens.
fn retry_quota() -> RetryPartition {
    let bucket = TokenBucket::builder()
        .capacity(usize::from(RETRY_QUOTA * TOKENS_PER_RETRY))
        .retry_cost(TOKENS_PER_RETRY.into())
        .timeout_retry_cost(TOKENS_PER_RETRY.into())
        .throttling_retry_cost(TOKENS_PER_RETRY.into())
        .refill_rate(f32::from(RETRIES_REGAINED_PER_SECOND * TOKENS_PER_RETRY))
        .build();
    RetryPartition::custom("table").token_bucket(bucket).build()
}

fn https(ca_bundle: Option<&Path>) -> Result<SharedHttpClient, ClientError> {
    let mut trusted = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    if let Some(path) = ca_bundle {
        let shown = path.display();
        let pem = std::fs::read(path).map_err(|error| ClientError(format!("cannot read {shown}: {error}")))?;
        if !holds_roots(&pem) {
            let wrong = "must be a file of PEM certificates; it has none, or one that does not parse";
            return Err(ClientError(format!("{shown} {wrong}")));
        }
        trusted = trusted.with_pem_certificate(pem);
    }
    let context = TlsContext::builder().with_trust_store(trusted).build().expect("a trust store is all it needs");
    Ok(SharedHttpClient::new(Connections::new(move || {
        let builder = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
        builder.tls_context(context.clone()).build_https()
    })))
}

/// Whether every certificate of a PEM file can be a root, and there is one. The SDK's trust store panics otherwise.
fn holds_roots(pem: &[u8]) -> bool {
    let Ok(certificates) = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>() else { return false };
    let mut roots = RootCertStore::empty();
    !certificates.is_empty() && certificates.into_iter().all(|certificate| roots.add(certificate).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_roots_are_all_usable() {
        assert!(holds_roots(AMAZON_ROOTS));
        assert_eq!(CertificateDer::pem_slice_iter(AMAZON_ROOTS).count(), 5);
    }

    #[test]
    fn ca_bundle_that_the_trust_store_would_panic_at_is_rejected_by_name() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("roots.pem");
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(&path, text).expect("a file");
            let error = https(Some(&path)).expect_err(text).to_string();
            assert!(error.starts_with("AWS_CA_BUNDLE: ") && error.contains("roots.pem"), "{error}");
        }
        let error = https(Some(&dir.path().join("absent.pem"))).expect_err("no file").to_string();
        assert!(error.starts_with("AWS_CA_BUNDLE: cannot read "), "{error}");
    }
}
