//! The engine: an embedded DynamoDB (dynoxide, over SQLite), on a socket or in the task that asks.
//!
//! The service reaches either through the SDK client that it uses in Lambda. Only the HTTP client below it is replaced.

mod in_process;
mod server;

use aws_config::{Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedHttpClient};

pub use in_process::InProcessEngine;
pub use server::Engine;

/// The SDK's configuration for an engine, which accepts any credentials.
pub async fn sdk_config(endpoint: &str, http_client: SharedHttpClient) -> SdkConfig {
    aws_config::defaults(referral_codes::store::behavior())
        .region(Region::new("eu-north-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(endpoint)
        .http_client(http_client)
        .load()
        .await
}

/// The SDK's own HTTP client, without TLS.
pub fn plain_http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}
