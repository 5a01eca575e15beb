//! A service over a table of its own, with a clock and ids that a test controls.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::SharedHttpClient;
use lambda_http::lambda_runtime::{Context, LambdaEvent};
use referral_codes::http::Service;
use referral_codes::lambda::handle;
use referral_codes::model::Sources;
use referral_codes::settings::Settings;
use referral_codes::store::{self, Counted, Store, StoreError, Upkept};
use serde_json::Value;
use ulid::Ulid;

use super::{Meter, TestClock};
use crate::BASE;
use crate::engine::{Engine, InProcessEngine, plain_http, sdk_config};
use crate::faults::FaultInjector;
use crate::isolation::IsolatedEngine;
use crate::lambda::{Call, Reply};
use crate::openapi;
use crate::table::{CodeFixture, fill, template};

/// One process. Clones are handles of the same process, for tasks that run concurrently.
#[derive(Clone)]
pub struct TestService {
    service: Arc<Service>,
    /// The service's own store, behind the same faults, for what no call does: audit and repair.
    pub store: Store,
    /// Between the service and the table: records its requests, and injects faults.
    pub faults: FaultInjector,
    pub clock: TestClock,
    /// A client of the table past the service, its faults and the isolation, to read and to damage items.
    pub client: Client,
    pub table: String,
    /// What the service's requests consume.
    pub meter: Meter,
    /// The endpoint of the table, past the faults.
    pub endpoint: String,
    backend: Arc<Backend>,
}

/// What serves the table.
struct Backend {
    endpoint: String,
    http_client: SharedHttpClient,
    /// The isolation that DynamoDB documents, if there is one between the table and the service.
    isolation: Option<IsolatedEngine>,
    is_in_process: bool,
    /// The engine on a socket, which stops when dropped.
    _engine: Option<Engine>,
}

impl Backend {
    /// An endpoint that takes no connection is for clients that need none.
    fn in_process(http_client: SharedHttpClient, isolation: Option<IsolatedEngine>) -> Self {
        let endpoint = "http://engine.invalid".into();
        Self { endpoint, http_client, isolation, is_in_process: true, _engine: None }
    }

    /// Any DynamoDB behind the endpoint in `TEST_DYNAMODB_ENDPOINT`, or else an engine in process.
    fn usual() -> Self {
        match std::env::var_os("TEST_DYNAMODB_ENDPOINT") {
            Some(_) => Self::on_a_socket(),
            None => Self::in_process(InProcessEngine::new().http_client(), None),
        }
    }

    /// The same, or else an engine on a thread of its own.
    fn on_a_socket() -> Self {
        let external = std::env::var("TEST_DYNAMODB_ENDPOINT").ok();
        let engine = external.is_none().then(|| Engine::start(None, 0).unwrap());
        let endpoint = external.unwrap_or_else(|| engine.as_ref().unwrap().endpoint());
        Self { endpoint, http_client: plain_http(), isolation: None, is_in_process: false, _engine: engine }
    }

    async fn client(&self, http_client: SharedHttpClient) -> Client {
        store::client(&sdk_config(&self.endpoint, http_client).await)
    }
}

type Random = Box<dyn Fn() -> u128 + Send + Sync>;

fn fresh_random() -> u128 {
    Ulid::generate().random()
}

/// Random numbers for ids that follow from the seed. Scarce ones have so few beginnings that ids and codes often collide.
pub fn random_ids(seed: u64, are_scarce: bool) -> impl Fn() -> u128 + Send + Sync {
    let rng = Mutex::new(fastrand::Rng::with_seed(seed));
    move || {
        let mut rng = rng.lock().unwrap();
        if are_scarce {
            rng.u128(0..4) << 78 | rng.u128(0..16) << 44 | rng.u128(0..1 << 44)
        } else {
            rng.u128(0..1 << 80)
        }
    }
}

/// What a test chooses about its service before it is built.
#[derive(Default)]
pub struct TestServiceBuilder {
    settings: Vec<(&'static str, &'static str)>,
    random: Option<Random>,
    backend: Option<Backend>,
    clock: Option<TestClock>,
}

impl TestServiceBuilder {
    /// Another clock than one that stands still.
    pub fn clock(mut self, clock: TestClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Sets an environment variable of the service.
    pub fn setting(mut self, name: &'static str, value: &'static str) -> Self {
        self.settings.push((name, value));
        self
    }

    /// The random numbers of the first codes, as the hex digits that their ids begin with. Later ones are random.
    pub fn ids(self, digits: &[&str]) -> Self {
        let padded = digits.iter().map(|digits| format!("{digits:0<19}1"));
        let given: Vec<_> = padded.map(|digits| u128::from_str_radix(&digits[..20], 16).unwrap()).collect();
        let next = AtomicUsize::new(0);
        self.random(move || given.get(next.fetch_add(1, Ordering::Relaxed)).copied().unwrap_or_else(fresh_random))
    }

    /// All random numbers follow from the seed, and have so few beginnings that ids and codes often collide.
    pub fn scarce_ids(self, seed: u64) -> Self {
        self.random(random_ids(seed, true))
    }

    /// All random numbers.
    pub fn random(mut self, random: impl Fn() -> u128 + Send + Sync + 'static) -> Self {
        self.random = Some(Box::new(random));
        self
    }

    /// The table has an endpoint, for other processes and for threads that are really concurrent.
    pub fn on_a_socket(mut self) -> Self {
        self.backend = Some(Backend::on_a_socket());
        self
    }

    /// The engine runs in the task that asks, whatever the environment says: for a paused clock.
    pub fn in_process(self) -> Self {
        self.in_process_over(&InProcessEngine::new())
    }

    /// The same over this engine, for a test that asks it something else, too.
    pub fn in_process_over(mut self, engine: &InProcessEngine) -> Self {
        self.backend = Some(Backend::in_process(engine.http_client(), None));
        self
    }

    /// The engine in process, with transactions that are in flight for up to `max_in_flight` and become visible item by
    /// item, as the seed decides. [`TestService::isolation`] changes more of it.
    pub fn isolation(mut self, seed: u64, max_in_flight: Duration) -> Self {
        let engine = IsolatedEngine::new(seed, max_in_flight);
        self.backend = Some(Backend::in_process(engine.http_client(), Some(engine)));
        self
    }

    pub async fn build(self) -> TestService {
        let clock = self.clock.unwrap_or_else(|| TestClock::at("2026-01-10T09:00:00Z"));
        let backend = self.backend.unwrap_or_else(Backend::usual);
        let direct = backend.isolation.as_ref().map(IsolatedEngine::direct_http_client);
        let client = backend.client(direct.unwrap_or_else(|| backend.http_client.clone())).await;
        let table = format!("it-{}", Ulid::generate());
        template::create_table(&client, &table).await.unwrap();
        let sources = Sources::new(clock.reader(), self.random.unwrap_or_else(|| Box::new(fresh_random)));
        TestService::start(Arc::new(backend), client, table, clock, sources, &self.settings).await
    }
}

impl TestService {
    pub async fn new() -> Self {
        Self::builder().build().await
    }

    pub async fn on_a_socket() -> Self {
        Self::builder().on_a_socket().build().await
    }

    pub fn builder() -> TestServiceBuilder {
        TestServiceBuilder::default()
    }

    async fn start(
        backend: Arc<Backend>,
        client: Client,
        table: String,
        clock: TestClock,
        sources: Sources,
        settings: &[(&str, &str)],
    ) -> Self {
        let (meter, faults) = (Meter::default(), FaultInjector::new());
        let http_client = faults.in_front_of(meter.in_front_of(backend.http_client.clone()));
        let settings = Settings::read(|name| match name {
            "TABLE_NAME" => Some(table.clone()),
            _ => settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        });
        let settings = settings.unwrap().service;
        let store = Store::new(backend.client(http_client).await, &table, settings.listing_settle_seconds);
        let service = Arc::new(Service::new(settings, store.clone(), sources));
        Self { service, store, faults, clock, client, table, meter, endpoint: backend.endpoint.clone(), backend }
    }

    /// A second process over the same table, with the default settings, its own faults and meter, and this clock.
    pub async fn second_process(&self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> TestService {
        self.another(Sources::new(clock, fresh_random), &[]).await
    }

    /// As [`Self::second_process`], with this service's clock.
    pub async fn other_process(&self) -> TestService {
        self.second_process(self.clock.reader()).await
    }

    /// As [`Self::second_process`], with these random numbers and environment variables.
    pub async fn second_process_with(
        &self,
        clock: &TestClock,
        random: impl Fn() -> u128 + Send + Sync + 'static,
        settings: &[(&str, &str)],
    ) -> TestService {
        let process = self.another(Sources::new(clock.reader(), random), settings).await;
        Self { clock: clock.clone(), ..process }
    }

    async fn another(&self, sources: Sources, settings: &[(&str, &str)]) -> TestService {
        let backend = Arc::clone(&self.backend);
        Self::start(backend, self.client.clone(), self.table.clone(), self.clock.clone(), sources, settings).await
    }

    /// Sends a call.
    pub async fn send(&self, call: Call) -> Reply {
        Reply::read(&self.answer(&call.event()).await)
    }

    /// A new code of this mentor.
    pub async fn create(&self, mentor: &str, org: &str) -> Value {
        self.send(Call::create(mentor, org)).await.expect(201)
    }

    /// A code as the service has it now.
    pub async fn read(&self, code: &Value) -> Value {
        self.send(Call::read(code)).await.expect(200)
    }

    /// Rotates a code. Returns its successor.
    pub async fn rotate(&self, code: &Value) -> Value {
        self.send(Call::rotate(code)).await.expect(200)
    }

    pub async fn invalidate(&self, code: &Value) -> Value {
        self.send(Call::invalidate(code)).await.expect(200)
    }

    /// The list that this query asks for, such as `?page=2`.
    pub async fn list(&self, query: &str) -> Value {
        self.send(Call::get(&format!("{BASE}{query}"))).await.expect(200)
    }

    /// Sends an event as it is.
    pub async fn answer(&self, event: &Value) -> Value {
        self.answer_raw(event.to_string()).await
    }

    /// Sends an event byte for byte.
    pub async fn answer_raw(&self, event: String) -> Value {
        self.answer_by(event, None).await
    }

    /// The reply to a call whose event has so much time left.
    pub async fn send_within(&self, call: Call, time_left: Duration) -> Reply {
        let event = call.event().to_string();
        Reply::read(&self.answer_by(event, Some(self.clock.now() + time_left)).await)
    }

    /// Sends an event. Whatever the test looks for, the answer must be one that the description of the API has. An event
    /// that is nested too deeply to be read here is only sent.
    async fn answer_by(&self, event: String, deadline: Option<SystemTime>) -> Value {
        let sent: Option<Value> = serde_json::from_str(&event).ok();
        let mut context = Context::default();
        context.request_id = "test-request".into();
        if let Some(left) = deadline.and_then(|deadline| deadline.duration_since(SystemTime::UNIX_EPOCH).ok()) {
            context.deadline = u64::try_from(left.as_millis()).unwrap();
        }
        let answer = handle(Arc::clone(&self.service), LambdaEvent::new(event, context)).await;
        let answer = serde_json::from_str(answer.get()).unwrap();
        if let Some(sent) = sent {
            openapi::check(&sent, &answer);
        }
        answer
    }

    /// Writes codes past the service, as copies of one that the service creates for this. That one is the oldest, and stays
    /// in the listing.
    pub async fn fill(&self, codes: &[CodeFixture]) {
        let now = self.clock.now();
        self.clock.set("2020-01-01T00:00:00Z");
        let pattern = self.send(Call::create("pattern", "pattern")).await.json();
        self.clock.set_to(now);
        fill(&self.client, &self.table, pattern["id"].as_str().unwrap(), codes).await;
    }

    /// A client of the table as the service sees it, but without its faults, and a meter of what its requests consume.
    pub async fn metered_client(&self) -> (Client, Meter) {
        let meter = Meter::default();
        (self.backend.client(meter.in_front_of(self.backend.http_client.clone())).await, meter)
    }

    /// One run of the upkeep by the test's clock, with more time than it needs: the newest codes are counted, and then all
    /// that may still be wrong is.
    ///
    /// # Errors
    /// Those of `Upkeep::check`.
    pub async fn upkeep(&self) -> Result<Upkept, StoreError> {
        let mut found = self.count().await?.wrong;
        let mut upkept = self.store.upkeep().check(&self.sources().call_context(), Duration::from_mins(10)).await?;
        upkept.wrong.append(&mut found);
        Ok(upkept)
    }

    /// The part of the upkeep that is repeated while codes are made fast.
    ///
    /// # Errors
    /// Those of `Upkeep::count`.
    pub async fn count(&self) -> Result<Counted, StoreError> {
        self.store.upkeep().count(&self.sources().call_context(), Duration::from_mins(10)).await
    }

    /// The test's clock, for what goes past the service.
    pub fn sources(&self) -> Sources {
        Sources::new(self.clock.reader(), fresh_random)
    }

    /// Whether only timers are ever waited for.
    pub fn is_in_process(&self) -> bool {
        self.backend.is_in_process
    }

    /// The isolation between the table and all its processes. Only for a service that was built with one.
    pub fn isolation(&self) -> &IsolatedEngine {
        self.backend.isolation.as_ref().expect("the service was built with isolation")
    }
}
