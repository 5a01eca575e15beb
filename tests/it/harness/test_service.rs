//! A service over a table of its own, with a clock and ids that a test decides on.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::SharedHttpClient;
use lambda_http::lambda_runtime::{Context, LambdaEvent};
use referral_codes::http::{Service, handle};
use referral_codes::model::Sources;
use referral_codes::settings::Settings;
use referral_codes::store::{self, Store};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use ulid::Ulid;

use super::engine::{self, Engine};
use super::in_process::InProcess;
use super::{BASE, Call, CodeFixture, FaultInjector, Meter, Reply, TestClock, create_body, fill, template};

pub struct TestService {
    service: Arc<Service>,
    /// What passes between the service and the table.
    pub wire: FaultInjector,
    pub clock: TestClock,
    /// A way to the table past the service and the wire, to look and to spoil.
    pub client: Client,
    pub table: String,
    /// What the service's requests consume.
    pub meter: Meter,
    /// Where the table is reached, past the wire.
    pub endpoint: String,
    place: Arc<Place>,
}

/// Where the table is.
enum Place {
    /// Behind an endpoint that somebody else runs.
    Elsewhere(String),
    /// Behind a socket, on threads of its own.
    Beside(Engine),
    /// In the very task that asks.
    Inside(InProcess),
}

impl Place {
    fn endpoint(&self) -> String {
        match self {
            Self::Elsewhere(endpoint) => endpoint.clone(),
            Self::Beside(engine) => engine.endpoint(),
            Self::Inside(_) => "http://engine.invalid".into(),
        }
    }

    async fn client(&self, wire: Option<&FaultInjector>) -> Client {
        let transport = wire.map_or_else(|| self.transport(), |wire| SharedHttpClient::new(wire.clone()));
        store::client(&engine::environment(&self.endpoint(), transport).await)
    }

    fn transport(&self) -> SharedHttpClient {
        match self {
            Self::Elsewhere(_) | Self::Beside(_) => engine::plain_http(),
            Self::Inside(engine) => engine.client(),
        }
    }
}

#[derive(Default)]
pub struct TestServiceBuilder {
    settings: Vec<(&'static str, &'static str)>,
    randomness: Vec<u128>,
    scarce: Option<u64>,
    in_process: bool,
}

impl TestServiceBuilder {
    /// Sets an environment variable of the service.
    pub fn setting(mut self, name: &'static str, value: &'static str) -> Self {
        self.settings.push((name, value));
        self
    }

    /// The random numbers of the first codes, as the hex digits that their ids begin with; after them, true ones.
    /// They end in 1, so that none of these creations looks after the page index.
    pub fn ids(mut self, digits: &[&str]) -> Self {
        let filled = digits.iter().map(|digits| format!("{digits:0<19}1"));
        self.randomness = filled.map(|digits| u128::from_str_radix(&digits[..20], 16).unwrap()).collect();
        self
    }

    /// All random numbers come from the seed, and there are so few beginnings that ids and codes often collide.
    pub fn scarce_ids(mut self, seed: u64) -> Self {
        self.scarce = Some(seed);
        self
    }

    /// The engine runs in the task that asks, for a paused clock.
    pub fn in_process(mut self) -> Self {
        self.in_process = true;
        self
    }

    pub async fn build(self) -> TestService {
        let place = match std::env::var("TEST_DYNAMODB_ENDPOINT") {
            _ if self.in_process => Place::Inside(InProcess::new()),
            Ok(endpoint) => Place::Elsewhere(endpoint),
            Err(_) => Place::Beside(Engine::start(None, 0).unwrap()),
        };
        TestService::over(self, place).await
    }

    fn randomness(&mut self) -> Box<dyn Fn() -> u128 + Send + Sync> {
        if let Some(seed) = self.scarce {
            let chance = Mutex::new(fastrand::Rng::with_seed(seed));
            return Box::new(move || {
                let mut chance = chance.lock().unwrap();
                chance.u128(0..4) << 78 | chance.u128(0..16) << 44 | chance.u128(0..1 << 44)
            });
        }
        let given = std::mem::take(&mut self.randomness);
        let next = AtomicUsize::new(0);
        Box::new(move || {
            let place = next.fetch_add(1, Ordering::Relaxed);
            given.get(place).copied().unwrap_or_else(|| Ulid::generate().random())
        })
    }
}

impl TestService {
    pub async fn new() -> Self {
        TestServiceBuilder::default().build().await
    }

    pub fn builder() -> TestServiceBuilder {
        TestServiceBuilder::default()
    }

    async fn over(mut builder: TestServiceBuilder, place: Place) -> Self {
        let table = format!("it-{}", Ulid::generate());
        let client = place.client(None).await;
        template::create_table(&client, &table).await.unwrap();

        let clock = TestClock::at("2026-01-10T09:00:00Z");
        let reads = clock.clone();
        let sources = Sources::new(move || reads.now(), builder.randomness());
        let meter = Meter::new(place.transport());
        let wire = FaultInjector::new(SharedHttpClient::new(meter.clone()));
        let wired = place.client(Some(&wire)).await;
        let settings = Settings::read(|name| match name {
            "TABLE_NAME" => Some(table.clone()),
            _ => builder.settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        });
        let settings = settings.unwrap().service;
        let store = Store::new(wired, &table, settings.listing_settle_seconds);
        let service = Service::new(settings, store, sources);
        Self {
            service: Arc::new(service),
            wire,
            clock,
            client,
            table,
            meter,
            endpoint: place.endpoint(),
            place: Arc::new(place),
        }
    }

    /// Another process over the same table: the same settings by default, a clock and a wire of its own.
    pub async fn second_process(&self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> TestService {
        let meter = Meter::new(self.place.transport());
        let wire = FaultInjector::new(SharedHttpClient::new(meter.clone()));
        let wired = self.place.client(Some(&wire)).await;
        let settings = Settings::read(|name| (name == "TABLE_NAME").then(|| self.table.clone())).unwrap();
        let sources = Sources::new(clock, || Ulid::generate().random());
        let store = Store::new(wired, &self.table, settings.service.listing_settle_seconds);
        let service = Service::new(settings.service, store, sources);
        TestService {
            service: Arc::new(service),
            wire,
            clock: self.clock.clone(),
            client: self.client.clone(),
            table: self.table.clone(),
            meter,
            endpoint: self.endpoint.clone(),
            place: Arc::clone(&self.place),
        }
    }

    /// Sends a call.
    pub async fn send(&self, call: Call) -> Reply {
        Reply::read(&self.answer(&call.event()).await)
    }

    /// Sends an event as it is.
    pub async fn answer(&self, event: &Value) -> Value {
        self.answer_raw(to_raw_value(event).unwrap()).await
    }

    /// Sends an event byte for byte.
    pub async fn answer_raw(&self, event: Box<RawValue>) -> Value {
        answer(&self.service, event).await
    }

    /// Fills in codes, past the service.
    pub async fn fill(&self, codes: &[CodeFixture]) {
        let pattern = self.pattern().await;
        fill(&self.client, &self.table, &pattern, codes).await;
    }

    /// A client of the table past the service, and what its requests consume.
    #[allow(dead_code, reason = "the benchmark compares with it")]
    pub async fn metered_client(&self) -> (Client, Meter) {
        let meter = Meter::new(self.place.transport());
        let wire = FaultInjector::new(SharedHttpClient::new(meter.clone()));
        (self.place.client(Some(&wire)).await, meter)
    }

    /// The id of a code that the service made, for [`TestService::fill`] to copy. It is the oldest code, and stays listed.
    async fn pattern(&self) -> String {
        let now = self.clock.now();
        self.clock.set("2020-01-01T00:00:00Z");
        let code = self.send(Call::post(BASE, &create_body("pattern", "pattern"))).await.json();
        self.clock.set_to(now);
        code["id"].as_str().unwrap().to_owned()
    }

    /// Whether nothing but timers is ever waited for.
    pub fn is_in_process(&self) -> bool {
        matches!(*self.place, Place::Inside(_))
    }

    /// A handle for another task.
    pub fn share(&self) -> SharedTestService {
        SharedTestService(Arc::clone(&self.service))
    }
}

async fn answer(service: &Arc<Service>, event: Box<RawValue>) -> Value {
    let mut context = Context::default();
    context.request_id = "test-request".into();
    let Ok(answer) = handle(Arc::clone(service), LambdaEvent::new(event, context)).await;
    serde_json::from_str(answer.get()).unwrap()
}

/// The service alone, for tasks that race.
#[derive(Clone)]
pub struct SharedTestService(Arc<Service>);

impl SharedTestService {
    pub async fn send(&self, call: Call) -> Reply {
        let answer = answer(&self.0, to_raw_value(&call.event()).unwrap()).await;
        Reply::read(&answer)
    }
}
