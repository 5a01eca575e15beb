//! A proxy between one process and its table that kills the process in the middle of a chosen write.
//!
//! A kill at a random time seldom falls into the few milliseconds of a write. This one always does, before, during or
//! after it as the test chooses.

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

use crate::lambda::Function;
use crate::loopback::serve;

/// When a process is killed, relative to its write.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum KillPoint {
    /// The process has sent the write, which never arrives.
    Before,
    /// The process has sent the write, which arrives after the kill, when other processes have gone on.
    During,
    /// The table has carried the write out, and its response finds no process.
    After,
}

impl KillPoint {
    pub const ALL: [Self; 3] = [Self::Before, Self::During, Self::After];
}

/// The proxy of one process, on a port of its own.
pub struct KillProxy {
    proxy: Arc<Proxy>,
    url: String,
    _tasks: JoinSet<()>,
}

struct Proxy {
    endpoint: String,
    client: reqwest::Client,
    /// The write at which the process is killed, from 0, and when.
    kill_at: Option<(usize, KillPoint)>,
    writes: AtomicUsize,
    target: OnceLock<Weak<Function>>,
    /// Held for reading by each request under way.
    under_way: RwLock<()>,
}

impl KillProxy {
    pub async fn start(endpoint: &str, kill_at: Option<(usize, KillPoint)>) -> Self {
        let proxy = Arc::new(Proxy {
            endpoint: endpoint.to_owned(),
            client: reqwest::Client::new(),
            kill_at,
            writes: AtomicUsize::new(0),
            target: OnceLock::new(),
            under_way: RwLock::new(()),
        });
        let shared = Arc::clone(&proxy);
        // Axum drops the handler if its client is gone. A task of its own lets a write under way go on.
        let pass = move |request| {
            let passed = tokio::spawn(Arc::clone(&shared).pass(request));
            async { passed.await.unwrap() }
        };
        let mut tasks = JoinSet::new();
        let url = serve(&mut tasks, Router::new().fallback(pass)).await;
        Self { proxy, url, _tasks: tasks }
    }

    /// The endpoint for the process.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sets the process to kill.
    pub fn kills(&self, function: &Arc<Function>) {
        self.proxy.target.set(Arc::downgrade(function)).unwrap();
    }

    /// When the process was killed, relative to its write; none while it has not been.
    pub fn killed(&self) -> Option<KillPoint> {
        let (nth, point) = self.proxy.kill_at?;
        (self.proxy.writes.load(Ordering::Relaxed) > nth).then_some(point)
    }

    /// Waits until no request is under way to the table.
    pub async fn idle(&self) {
        drop(self.proxy.under_way.write().await);
    }
}

impl Proxy {
    async fn pass(self: Arc<Self>, request: Request) -> Response {
        let _under_way = self.under_way.read().await;
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let is_write = target.ends_with(".TransactWriteItems");
        let nth = if is_write { Some(self.writes.fetch_add(1, Ordering::Relaxed)) } else { None };
        let point = self.kill_at.filter(|(write, _)| nth == Some(*write)).map(|(_, point)| point);
        match point {
            None => self.forward(request).await,
            Some(KillPoint::Before) => {
                self.kill().await;
                StatusCode::BAD_GATEWAY.into_response()
            }
            Some(KillPoint::During) => {
                // The body must be read while the process can still send it.
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
        let function = self.target.get().and_then(Weak::upgrade).expect("the process that writes");
        function.kill().await;
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
