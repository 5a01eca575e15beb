//! The client that the service uses: [`super::client`], without what DynamoDB has no use for (docs/adr/0038-lean-client.md).

use std::path::Path;

use aws_config::SdkConfig;
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{
    Intercept, SharedInterceptor, disable_interceptor, dyn_dispatch_hint,
};
use aws_smithy_types::config_bag::{ConfigBag, FrozenLayer, Layer};

use super::client::{ClientError, config, environment};
use super::signer::Signer;

/// A client for the deployed function: region, credentials and endpoint come from the environment.
///
/// `ca_bundle` is a PEM file of roots to trust besides the built-in ones.
///
/// # Errors
/// When the bundle cannot be read, has no certificate, or has one that does not parse.
pub fn connect(ca_bundle: Option<&Path>) -> Result<Client, ClientError> {
    environment(ca_bundle).map(|environment| client(&environment))
}

/// A client for any environment and transport, with time-outs and retries as the store expects them.
#[must_use]
pub fn client(environment: &SdkConfig) -> Client {
    let mut config = config(environment).push_auth_scheme(Signer::default());
    config.push_interceptor(SharedInterceptor::permanent(LeaveOut::new()));
    Client::from_conf(config.build())
}

/// Turns off four interceptors of the SDK. Three name the program and its attempts in headers that DynamoDB ignores. The
/// fourth measures the clock skew, whose correction is off.
#[derive(Debug)]
struct LeaveOut(FrozenLayer);

impl LeaveOut {
    fn new() -> Self {
        const CAUSE: &str = "DynamoDB has no use for it";
        let mut off = Layer::new("interceptors that are off");
        off.store_put(disable_interceptor::<InvocationIdInterceptor>(CAUSE));
        off.store_put(disable_interceptor::<RequestInfoInterceptor>(CAUSE));
        off.store_put(disable_interceptor::<ServiceClockSkewInterceptor>(CAUSE));
        off.store_put(disable_interceptor::<UserAgentInterceptor>(CAUSE));
        Self(off.freeze())
    }
}

#[dyn_dispatch_hint]
impl Intercept for LeaveOut {
    fn name(&self) -> &'static str {
        "leave out"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.push_shared_layer(self.0.clone());
        Ok(())
    }
}
