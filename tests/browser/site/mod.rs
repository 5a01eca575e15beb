//! The site under test: the service in this process, behind plain HTTP on loopback, as behind an HTTP API of API Gateway.
//!
//! ```text
//! gate         holds requests back, and answers in place of what is behind it
//! authorizer   API Gateway's JWT authorizer: refuses by itself, or passes claims on
//! provider     where people sign in
//! function     the service, by the events of an HTTP API (dev::gateway)
//! ```
//!
//! It knows nothing of browsers. The table can be read, and made to fail, through [`Site::service`].

mod authorizer;
mod gate;
mod provider;

use std::sync::Arc;
use std::time::Duration;

use authorizer::Authorizer;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use dev::{Call, TestService, gateway};
use gate::Gate;
use provider::Provider;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use tokio::task::JoinSet;

pub use authorizer::{AUDIENCE, claims};
pub use gate::Answer;

/// A running site. It stops when dropped.
pub struct Site {
    pub service: TestService,
    pub gate: Gate,
    /// Which tokens are good.
    pub authorizer: Authorizer,
    pub origin: String,
    provider: Option<Provider>,
    _tasks: JoinSet<()>,
}

impl Site {
    /// As on a first day: the console, and no code.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A site whose service has more settings.
    pub async fn start_with(settings: &[(&'static str, &'static str)]) -> Self {
        Self::serve(settings, Authorizer::default()).await
    }

    /// A site that asks for a token.
    pub async fn start_with_tokens() -> Self {
        Self::serve(&[("ACCESS", "jwt")], Authorizer::of("https://issuer.example")).await
    }

    /// A site where people sign in at a provider, which says that its tokens live for so long. `settings` are further ones.
    pub async fn start_with_provider(seconds: u32, settings: &[(&'static str, &'static str)]) -> Self {
        let mut provider = Provider::start();
        let [issuer, token_origin] = [&provider.issuer, &provider.token_origin].map(|origin| &*origin.clone().leak());
        let mut settings = settings.to_vec();
        settings.extend([("ACCESS", "jwt"), ("CONSOLE_ISSUER", issuer), ("CONSOLE_CLIENT_ID", "console")]);
        settings.push(("CONSOLE_TOKEN_ORIGIN", token_origin));
        let mut site = Self::serve(&settings, Authorizer::of(issuer)).await;
        provider.serve(&format!("{}/console", site.origin), seconds);
        site.provider = Some(provider);
        site
    }

    async fn serve(settings: &[(&'static str, &'static str)], authorizer: Authorizer) -> Self {
        let console = TestService::builder().setting("CONSOLE", "on");
        let builder = settings.iter().fold(console, |builder, (name, value)| builder.setting(name, value));
        let (gate, service) = (Gate::default(), builder.build().await);
        let layers = Arc::new((gate.clone(), authorizer.clone(), service.clone()));
        let mut tasks = JoinSet::new();
        let origin = dev::serve(&mut tasks, Router::new().fallback(answer).with_state(layers)).await;
        Self { service, gate, authorizer, origin, provider: None, _tasks: tasks }
    }

    /// The access token that the provider has given first.
    pub fn granted_token(&self) -> String {
        self.provider.as_ref().expect("a provider").granted_token()
    }

    /// A code of a mentor whose name is Jan.
    pub async fn code(&self, mentor: &str, org: &str) -> Value {
        self.change(Call::create(mentor, org).with("mentor_name", "Jan")).await
    }

    /// So many codes: of the mentors `usr_1`, `usr_2`, …
    pub async fn codes(&self, count: usize, org: &str) -> Vec<Value> {
        let mut codes = Vec::new();
        for nth in 1..=count {
            codes.push(self.change(Call::create(&format!("usr_{nth}"), org)).await);
        }
        codes
    }

    pub async fn rotate(&self, code: &Value) -> Value {
        self.change(Call::rotate(code)).await
    }

    pub async fn invalidate(&self, code: &Value) {
        self.change(Call::invalidate(code)).await;
    }

    /// Sends a change past the gate, with a token that may do everything. It must succeed. The next one is a minute later.
    pub async fn change(&self, call: Call) -> Value {
        let reply = self.service.send(call.claims(&json!({ "sub": "admin", "scope": "codes:admin" }))).await;
        assert!([200, 201].contains(&reply.status), "{reply:?}");
        self.service.clock.advance(Duration::from_mins(1));
        reply.json()
    }

    /// All codes of a mentor, newest first.
    pub async fn codes_of_mentor(&self, mentor: &str) -> Vec<Value> {
        let list = self.service.list(&format!("?mentor_id={mentor}&limit=100")).await;
        list["data"].as_array().unwrap().clone()
    }
}

async fn answer(State(layers): State<Arc<(Gate, Authorizer, TestService)>>, request: Request) -> Response {
    let (gate, authorizer, service) = &*layers;
    let line = format!("{} {}", request.method(), request.uri());
    let forward = async {
        let Ok(authorizer) = authorizer.authorize(&request) else {
            return gateway::own_response(StatusCode::UNAUTHORIZED, "Unauthorized");
        };
        gateway::respond(request, authorizer, async |event| {
            let answer = service.answer_raw(event.payload).await;
            to_raw_value(&answer).unwrap()
        })
        .await
    };
    gate.pass(line, forward).await
}
