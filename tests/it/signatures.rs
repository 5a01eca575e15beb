//! The signer of `src/store/dynamodb/signer.rs` adds the headers that the SDK's own does, byte for byte.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Builder, IdentityCache};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, disable_interceptor, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use proptest::prelude::*;
use proptest::sample::select;
use referral_codes::store;

/// The credentials and the time of the next request.
#[derive(Clone, Debug)]
struct Now(Arc<Mutex<(Credentials, SystemTime)>>);

impl ProvideCredentials for Now {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Ok(self.0.lock().unwrap().0.clone()))
    }
}

impl TimeSource for Now {
    fn now(&self) -> SystemTime {
        self.0.lock().unwrap().1
    }
}

/// Turns off what the store's client has turned off, too.
#[derive(Debug)]
struct LeaveOut;

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
        let off = config.interceptor_state();
        off.store_put(disable_interceptor::<InvocationIdInterceptor>("off"));
        off.store_put(disable_interceptor::<RequestInfoInterceptor>("off"));
        off.store_put(disable_interceptor::<UserAgentInterceptor>("off"));
        Ok(())
    }
}

const ENDPOINTS: [&str; 9] = [
    "http://127.0.0.1:8000",
    "https://Dynamo.example:443/",
    "http://dynamo.example:80",
    "https://dynamo.example:80",
    "https://dynamo.example:8443/",
    "http://[::1]:8000",
    "https://dynamo.example/a//../b%20c",
    "https://dynamo.example/?a=b",
    "https://dynamo.example/a b",
];

const HEADERS: [(&str, &str); 10] = [
    ("x-amzn-trace-id", "Root=1"),
    ("user-agent", "a  b"),
    ("authorization", "old"),
    ("x-usual", "a b"),
    ("x-blanks", "a  b"),
    ("x-before", " a"),
    ("x-after", "a "),
    ("x-letter", "\u{e5}"),
    ("host", "other.example"),
    ("x-amz-date", "20200101T000000Z"),
];

type Headers = Vec<(String, String)>;

/// A client whose requests end in a list of their headers.
fn client(environment: &SdkConfig, of_the_sdk: bool, sent: &Arc<Mutex<Vec<Headers>>>) -> Client {
    let sent = Arc::clone(sent);
    let http = dev::http_client(move |request: HttpRequest| {
        let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        sent.lock().unwrap().push(headers.collect());
        std::future::ready(Ok(HttpResponse::new(StatusCode::try_from(200).unwrap(), SdkBody::from("{}"))))
    });
    let environment = environment.clone().into_builder().http_client(http).build();
    if of_the_sdk {
        Client::from_conf(Builder::from(&environment).interceptor(LeaveOut).build())
    } else {
        store::client(&environment)
    }
}

/// All that the clients do not get from the case.
fn environment(now: &Now, region: &'static str) -> aws_types::sdk_config::Builder {
    SdkConfig::builder()
        .behavior_version(store::behavior())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(now.clone()))
        .identity_cache(IdentityCache::no_cache())
        .time_source(now.clone())
}

/// The SDK's signer traces each request that it signs, and ours does not. So the comparison below is of two signers, at every
/// endpoint that DynamoDB has or stands behind, with Lambda's credentials and with a user's.
#[tokio::test]
async fn usual_requests_do_not_take_the_signer_of_the_sdk() {
    for (endpoint, fips, dual_stack, token) in [
        (None, false, false, Some("token")),
        (None, true, false, None),
        (None, false, true, Some("token")),
        (None, true, true, None),
        (Some("http://127.0.0.1:8000"), false, false, Some("token")),
        (Some("https://vpce-1.dynamodb.us-east-1.vpce.amazonaws.com/"), false, false, None),
    ] {
        let credentials = Credentials::new("id", "secret", token.map(str::to_owned), None, "test");
        let now = Now(Arc::new(Mutex::new((credentials, SystemTime::now()))));
        let mut environment = environment(&now, "us-east-1").use_fips(fips).use_dual_stack(dual_stack);
        environment.set_endpoint_url(endpoint.map(str::to_owned));
        let environment = environment.build();
        for of_the_sdk in [true, false] {
            let sent = Arc::default();
            let client = client(&environment, of_the_sdk, &sent);
            let key = || AttributeValue::S("a".into());
            let ((), lines) = dev::traced(async {
                client.get_item().table_name("t").key("pk", key()).send().await.unwrap();
                client.query().table_name("t").key_condition_expression("pk = :a").send().await.unwrap();
                client.transact_write_items().send().await.unwrap();
            })
            .await;
            let signed = lines.iter().filter(|line| line["canonical_request"].is_string()).count();
            let expected = if of_the_sdk { 3 } else { 0 };
            assert_eq!((sent.lock().unwrap().len(), signed), (3, expected), "{endpoint:?} {fips} {dual_stack}");
        }
    }
}

proptest! {
    /// Over keys, tokens, times around midnight, regions, FIPS, dual stack, endpoints, bodies, and headers that this service does
    /// not send. Both clients live for several requests, so a kept key meets other secrets and other days.
    #[test]
    fn signer_adds_the_headers_that_the_sdk_adds(
        region in select(vec!["eu-north-1", "us-east-1", "us-gov-west-1", "cn-north-1", "local"]),
        [fips, dual_stack] in any::<[bool; 2]>(),
        endpoint in prop_oneof![Just(None), select(&ENDPOINTS[..]).prop_map(Some)],
        requests in prop::collection::vec((
            ("[A-Z0-9]{16,20}", prop_oneof![Just("secret".to_owned()), "[ -~]{1,40}"]),
            prop_oneof![Just(None), "[!-~]{1,900}".prop_map(Some), "[ -~]{1,9}".prop_map(Some)],
            (prop_oneof![19_000..19_003_u64, 0..90_000_u64], prop_oneof![Just(0), Just(86_399_999), 0..86_400_000_u64]),
            0..2 * HEADERS.len(),
            "\\PC{0,300}",
        ), 1..6),
    ) {
        let now = Now(Arc::new(Mutex::new((Credentials::new("", "", None, None, "test"), SystemTime::UNIX_EPOCH))));
        let mut environment = environment(&now, region)
            .use_fips(fips && endpoint.is_none())
            .use_dual_stack(dual_stack && endpoint.is_none());
        environment.set_endpoint_url(endpoint.map(str::to_owned));
        let environment = environment.build();
        let sent = [Arc::default(), Arc::default()];
        let clients = [true, false].map(|of_the_sdk| client(&environment, of_the_sdk, &sent[usize::from(of_the_sdk)]));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        for ((id, secret), token, (day, milli), header, text) in requests {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(day * 86_400) + Duration::from_millis(milli);
            *now.0.lock().unwrap() = (Credentials::new(id, secret, token, None, "test"), time);
            let failed = clients.each_ref().map(|client| {
                let request = client.get_item().table_name("t").key("pk", AttributeValue::S(text.clone())).customize();
                let request = request.mutate_request(move |request| {
                    if let Some((name, value)) = HEADERS.get(header) {
                        request.headers_mut().insert(*name, (*value).to_owned());
                    }
                });
                runtime.block_on(request.send()).is_err()
            });
            prop_assert_eq!(failed[0], failed[1]);
        }
        let [ours, of_the_sdk] = sent.map(|sent| sent.lock().unwrap().clone());
        prop_assert_eq!(ours, of_the_sdk);
    }
}
