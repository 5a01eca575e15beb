//! The engine: an embedded DynamoDB (dynoxide, over SQLite) that serves DynamoDB's own HTTP protocol on loopback.
//!
//! The service reaches it through the same SDK client as the real one. It runs on a thread and a runtime of its own,
//! because it works under one lock and would hold up whoever shares its threads. What it has acknowledged is on disk:
//! it syncs at every commit.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::thread::JoinHandle;

use aws_config::{Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedHttpClient};
use dynoxide::Database;
use tokio::sync::oneshot;

/// A running engine; it stops when dropped.
pub struct Engine {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Starts an engine that keeps its tables in `file`, or in memory without one, on a port of loopback; 0 takes a
    /// free one.
    ///
    /// # Errors
    /// With a message for people, when the file or the port cannot be had.
    pub fn start(file: Option<&Path>, port: u16) -> Result<Self, String> {
        let database = match file {
            Some(file) => Database::new(&file.to_string_lossy())
                .map_err(|error| format!("cannot open the database {}: {error}", file.display()))?,
            None => Database::memory().map_err(|error| format!("cannot make a database in memory: {error}"))?,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|error| format!("cannot serve the engine on port {port}: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let until = async {
                    let _ = stopped.await;
                };
                if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, until).await {
                    eprintln!("the engine has stopped: {error}");
                }
            });
        });
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// How to reach an engine that asks for no real credentials.
pub async fn environment(endpoint: &str, transport: SharedHttpClient) -> SdkConfig {
    aws_config::defaults(referral_codes::store::behavior())
        .region(Region::new("eu-north-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(endpoint)
        .http_client(transport)
        .load()
        .await
}

/// The SDK's own HTTP client, without TLS.
pub fn plain_http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}
