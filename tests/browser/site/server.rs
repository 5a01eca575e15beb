//! The server.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use dev::{SharedTestService, TestService, TestServiceBuilder, gateway};
use serde_json::Value;
use serde_json::value::to_raw_value;
use tokio::task::JoinSet;

use super::authorizer;
use super::gate::{Gate, Passage};
use super::issuer::Issuer;

/// A running site. It stops when dropped.
pub struct Site {
    pub service: TestService,
    pub gate: Gate,
    /// Who makes tokens for it.
    pub issuer: Issuer,
    pub origin: String,
    _tasks: JoinSet<()>,
}

/// What a request passes on its way.
struct Layers {
    gate: Gate,
    /// None where no route asks for a token.
    issuer: Option<Issuer>,
    function: SharedTestService,
}

impl Site {
    /// As on a first day: the console, and no code.
    pub async fn start() -> Self {
        Self::serve(Self::builder(), false).await
    }

    /// A site that asks for a token.
    pub async fn start_with_tokens() -> Self {
        Self::serve(Self::builder().setting("ACCESS", "jwt"), true).await
    }

    /// A site with more settings.
    pub async fn start_with(settings: &[(&'static str, &'static str)]) -> Self {
        let builder = settings.iter().fold(Self::builder(), |builder, (name, value)| builder.setting(name, value));
        Self::serve(builder, false).await
    }

    fn builder() -> TestServiceBuilder {
        TestService::builder().setting("CONSOLE", "on")
    }

    async fn serve(builder: TestServiceBuilder, with_tokens: bool) -> Self {
        let service = builder.build().await;
        let (gate, issuer) = (Gate::new(), Issuer::new());
        let layers =
            Layers { gate: gate.clone(), issuer: with_tokens.then(|| issuer.clone()), function: service.share() };
        let mut tasks = JoinSet::new();
        let router = Router::new().fallback(answer).with_state(Arc::new(layers));
        let address = dev::serve(&mut tasks, router).await;
        Self { service, gate, issuer, origin: format!("http://{address}"), _tasks: tasks }
    }
}

async fn answer(State(layers): State<Arc<Layers>>, request: Request) -> Response {
    match layers.gate.pass(format!("{} {}", request.method(), request.uri())).await {
        Passage::Open => forward(&layers, request).await,
        Passage::Closed(response) => response,
        Passage::OneWay(response) => {
            forward(&layers, request).await;
            response
        }
    }
}

async fn forward(layers: &Layers, request: Request) -> Response {
    let authorizer = match &layers.issuer {
        None => None,
        Some(issuer) => match authorizer::authorize(issuer, &request) {
            Ok(authorizer) => authorizer,
            Err(response) => return response,
        },
    };
    gateway::respond(request, authorizer, async |event| {
        let answer: Value = layers.function.answer_raw(event.payload).await;
        to_raw_value(&answer).unwrap()
    })
    .await
}
