//! A service over a table of its own, with a clock and ids that a test decides on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
use super::{Call, Reply, TestClock, Wire, template};

pub struct World {
    service: Arc<Service>,
    /// What passes between the service and the table.
    pub wire: Wire,
    pub clock: TestClock,
    /// A way to the table past the service and the wire, to look and to spoil.
    pub client: Client,
    pub table: String,
    /// Where the table is reached, past the wire.
    pub endpoint: String,
    _engine: Option<Engine>,
}

#[derive(Default)]
pub struct WorldBuilder {
    settings: Vec<(&'static str, &'static str)>,
    randomness: Vec<u128>,
}

impl WorldBuilder {
    /// Sets an environment variable of the service.
    pub fn setting(mut self, name: &'static str, value: &'static str) -> Self {
        self.settings.push((name, value));
        self
    }

    /// The random numbers of the first codes, as the hex digits that their ids begin with; after them, true ones.
    pub fn ids(mut self, digits: &[&str]) -> Self {
        self.randomness =
            digits.iter().map(|digits| u128::from_str_radix(&format!("{digits:0<20}"), 16).unwrap()).collect();
        self
    }

    pub async fn build(self) -> World {
        World::over(self, std::env::var("TEST_DYNAMODB_ENDPOINT").ok()).await
    }
}

impl World {
    pub async fn new() -> Self {
        WorldBuilder::default().build().await
    }

    pub fn builder() -> WorldBuilder {
        WorldBuilder::default()
    }

    async fn over(builder: WorldBuilder, other: Option<String>) -> Self {
        let (endpoint, engine) = match other {
            Some(endpoint) => (endpoint, None),
            None => {
                let engine = Engine::start(None, 0).unwrap();
                (engine.endpoint(), Some(engine))
            }
        };
        let table = format!("it-{}", Ulid::generate());
        let wire = Wire::new(engine::plain_http());
        let client = store::client(&engine::environment(&endpoint, engine::plain_http()).await);
        template::create_table(&client, &table).await.unwrap();

        let clock = TestClock::at("2026-01-10T09:00:00Z");
        let given = builder.randomness;
        let next = AtomicUsize::new(0);
        let randomness = move || {
            let place = next.fetch_add(1, Ordering::Relaxed);
            given.get(place).copied().unwrap_or_else(|| Ulid::generate().random())
        };
        let reads = clock.clone();
        let sources = Sources::new(move || reads.now(), randomness);
        let wired = store::client(&engine::environment(&endpoint, SharedHttpClient::new(wire.clone())).await);
        let settings = Settings::read(|name| match name {
            "TABLE_NAME" => Some(table.clone()),
            _ => builder.settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        });
        let service = Service::new(settings.unwrap().service, Store::new(wired, &table), sources);
        Self { service: Arc::new(service), wire, clock, client, table, endpoint, _engine: engine }
    }

    /// Another process over the same table: the same settings by default, a clock and a wire of its own.
    pub async fn neighbour(&self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> World {
        let wire = Wire::new(engine::plain_http());
        let wired = store::client(&engine::environment(&self.endpoint, SharedHttpClient::new(wire.clone())).await);
        let settings = Settings::read(|name| (name == "TABLE_NAME").then(|| self.table.clone())).unwrap();
        let sources = Sources::new(clock, || Ulid::generate().random());
        let service = Service::new(settings.service, Store::new(wired, &self.table), sources);
        World {
            service: Arc::new(service),
            wire,
            clock: self.clock.clone(),
            client: self.client.clone(),
            table: self.table.clone(),
            endpoint: self.endpoint.clone(),
            _engine: None,
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

    /// A handle for another task.
    pub fn share(&self) -> SharedWorld {
        SharedWorld(Arc::clone(&self.service))
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
pub struct SharedWorld(Arc<Service>);

impl SharedWorld {
    pub async fn send(&self, call: Call) -> Reply {
        let answer = answer(&self.0, to_raw_value(&call.event()).unwrap()).await;
        Reply::read(&answer)
    }
}
