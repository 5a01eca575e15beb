//! The way from one process to its table, on which the process dies in the middle of a chosen write.
//!
//! A kill at a random time seldom falls into the few milliseconds of a write. Here it always does, and on a known side
//! of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use super::{Function, serve};

/// When a process is killed, as seen from its write.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum KillPoint {
    /// The write has left the process and never arrives.
    Before,
    /// The write has left the process and arrives after its death, when others have gone on.
    During,
    /// The write is made, and its answer finds nobody.
    After,
}

impl KillPoint {
    pub const ALL: [Self; 3] = [Self::Before, Self::During, Self::After];
}

pub struct KillProxy {
    passage: Arc<Passage>,
    url: String,
    _tasks: JoinSet<()>,
}

struct Passage {
    endpoint: String,
    client: reqwest::Client,
    /// The write that is the process's last, from 0, and the side of it.
    last: Option<(usize, KillPoint)>,
    writes: AtomicUsize,
    victim: OnceLock<Weak<Function>>,
    on_the_way: RwLock<()>,
}

impl KillProxy {
    pub async fn start(endpoint: &str, last: Option<(usize, KillPoint)>) -> Self {
        let passage = Arc::new(Passage {
            endpoint: endpoint.to_owned(),
            client: reqwest::Client::new(),
            last,
            writes: AtomicUsize::new(0),
            victim: OnceLock::new(),
            on_the_way: RwLock::new(()),
        });
        let shared = Arc::clone(&passage);
        // A server drops what it does for a client that is gone, but a write under way goes on: hence a task of its own.
        let pass = move |request| {
            let passed = tokio::spawn(Arc::clone(&shared).pass(request));
            async { passed.await.unwrap() }
        };
        let mut tasks = JoinSet::new();
        let url = format!("http://{}", serve(&mut tasks, Router::new().fallback(pass)).await);
        Self { passage, url, _tasks: tasks }
    }

    /// Where the process finds its table.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Tells whom to kill.
    pub fn leads_from(&self, function: &Arc<Function>) {
        self.passage.victim.set(Arc::downgrade(function)).unwrap();
    }

    /// The side of the write on which the process was killed, once it was.
    pub fn killed(&self) -> Option<KillPoint> {
        let (nth, moment) = self.passage.last?;
        (self.passage.writes.load(Ordering::Relaxed) > nth).then_some(moment)
    }

    /// Waits until nothing is on its way to the table any more.
    pub async fn quiet(&self) {
        drop(self.passage.on_the_way.write().await);
    }
}

impl Passage {
    async fn pass(self: Arc<Self>, request: Request) -> Response {
        let _on_the_way = self.on_the_way.read().await;
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let is_write = target.ends_with(".TransactWriteItems");
        let nth = if is_write { Some(self.writes.fetch_add(1, Ordering::Relaxed)) } else { None };
        let moment = self.last.filter(|(last, _)| nth == Some(*last)).map(|(_, moment)| moment);
        match moment {
            None => self.forward(request).await,
            Some(KillPoint::Before) => {
                self.kill().await;
                StatusCode::BAD_GATEWAY.into_response()
            }
            Some(KillPoint::During) => {
                // Read while the sender can still send.
                let (parts, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await.unwrap();
                self.kill().await;
                tokio::time::sleep(Duration::from_millis(30)).await;
                self.forward(Request::from_parts(parts, Body::from(body))).await
            }
            Some(KillPoint::After) => {
                let response = self.forward(request).await;
                assert!(!response.status().is_server_error(), "{response:?}");
                self.kill().await;
                response
            }
        }
    }

    async fn kill(&self) {
        let victim = self.victim.get().and_then(Weak::upgrade).expect("a process that writes");
        victim.kill().await;
    }

    async fn forward(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, usize::MAX).await else { return StatusCode::BAD_GATEWAY.into_response() };
        let sent = self.client.request(parts.method, &self.endpoint).headers(parts.headers).body(body).send().await;
        let Ok(answer) = sent else { return StatusCode::BAD_GATEWAY.into_response() };
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove(header::TRANSFER_ENCODING);
        match answer.bytes().await {
            Ok(body) => (status, headers, body).into_response(),
            Err(_) => StatusCode::BAD_GATEWAY.into_response(),
        }
    }
}
