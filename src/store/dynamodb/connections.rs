//! Connections that have died without a word, while a sandbox was frozen or behind a gateway that forgot them.
//!
//! A request on such a connection waits for its attempt's time-out. The pool may hold several of them, and a repetition would
//! take the next. So a request that was given up replaces the whole pool: all repetitions and later requests get connections
//! that are new, and a call waits once. Requests that are under way keep theirs.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// A client whose pool is replaced after a request that was given up.
pub(super) struct Connections {
    connect: Box<dyn Fn() -> SharedHttpClient + Send + Sync>,
    current: RwLock<SharedHttpClient>,
    given_up: Arc<AtomicBool>,
}

impl Connections {
    /// `connect` makes a client with a pool of its own.
    pub(super) fn new(connect: impl Fn() -> SharedHttpClient + Send + Sync + 'static) -> Self {
        let current = RwLock::new(connect());
        Self { connect: Box::new(connect), current, given_up: Arc::default() }
    }
}

impl HttpClient for Connections {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        if self.given_up.swap(false, Ordering::Relaxed) {
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = (self.connect)();
        }
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let connector = current.http_connector(settings, components);
        SharedHttpConnector::new(Watched { connector, given_up: Arc::clone(&self.given_up) })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).connector_metadata()
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Connections").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Watched {
    connector: SharedHttpConnector,
    given_up: Arc<AtomicBool>,
}

impl HttpConnector for Watched {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (response, given_up) = (self.connector.call(request), GivenUp(Some(Arc::clone(&self.given_up))));
        HttpConnectorFuture::new(async move {
            let response = response.await;
            given_up.take_back();
            response
        })
    }
}

/// Notes that a request was dropped before its answer: that is how the SDK ends an attempt whose time is over.
struct GivenUp(Option<Arc<AtomicBool>>);

impl GivenUp {
    fn take_back(mut self) {
        self.0 = None;
    }
}

impl Drop for GivenUp {
    fn drop(&mut self) {
        if let Some(given_up) = &self.0 {
            given_up.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use aws_config::{Region, SdkConfig};
    use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::store::{behavior, client};

    /// Answers every request on a connection until the connections are dead. What comes then is counted.
    async fn serve(mut stream: TcpStream, nth: usize, dead_below: Arc<AtomicUsize>, swallowed: Arc<AtomicUsize>) {
        let mut request = [0; 4096];
        while stream.read(&mut request).await.is_ok_and(|bytes| bytes > 0) {
            if nth < dead_below.load(Ordering::SeqCst) {
                swallowed.fetch_add(1, Ordering::SeqCst);
                continue;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 2\r\n\r\n{}";
            stream.write_all(answer.as_bytes()).await.expect("an open connection");
        }
    }

    /// However many connections of the pool are dead, one request is lost on them, and the call succeeds.
    #[tokio::test]
    async fn request_after_a_freeze_meets_one_dead_connection_at_most() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let (dead_below, swallowed, opened): (Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>) =
            Default::default();
        let counters = (Arc::clone(&dead_below), Arc::clone(&swallowed), Arc::clone(&opened));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let nth = counters.2.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, nth, Arc::clone(&counters.0), Arc::clone(&counters.1)));
            }
        });
        let http = Connections::new(|| aws_smithy_http_client::Builder::new().build_http());
        let environment = SdkConfig::builder()
            .behavior_version(behavior())
            .http_client(SharedHttpClient::new(http))
            .region(Region::new("eu-north-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "test")))
            .endpoint_url(endpoint)
            .build();
        let client = client(&environment);
        let request = || Box::pin(client.describe_limits().send());
        let (a, b, c) = tokio::join!(request(), request(), request());
        assert!(a.is_ok() && b.is_ok() && c.is_ok(), "{a:?} {b:?} {c:?}");
        assert_eq!(opened.load(Ordering::SeqCst), 3, "the pool has three connections");
        dead_below.store(3, Ordering::SeqCst);
        for _ in 0..3 {
            assert!(request().await.is_ok());
        }
        assert_eq!((swallowed.load(Ordering::SeqCst), opened.load(Ordering::SeqCst)), (1, 4));
    }
}
