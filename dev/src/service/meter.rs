//! A meter between the SDK and the table: it asks for the consumed capacity of each request (`ReturnConsumedCapacity`)
//! and adds it up.
//!
//! It changes requests after they were signed. A table that checks signatures would refuse them; the engines here do
//! not.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

use crate::faults::operation;

/// The operations whose units are write units.
const WRITES: [&str; 5] = ["BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"];

/// What requests consumed.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Consumed {
    pub requests: usize,
    pub read_units: f64,
    pub write_units: f64,
    /// The size of the responses' bodies, in bytes.
    pub bytes: usize,
}

impl Consumed {
    /// Read units and write units together.
    pub fn units(&self) -> f64 {
        self.read_units + self.write_units
    }
}

#[derive(Clone, Debug)]
pub struct Meter {
    inner: SharedHttpClient,
    consumed: Arc<Mutex<Consumed>>,
}

impl Meter {
    pub fn new(inner: SharedHttpClient) -> Self {
        Self { inner, consumed: Arc::default() }
    }

    /// What was consumed since this was last called.
    pub fn take(&self) -> Consumed {
        std::mem::take(&mut self.consumed.lock().unwrap())
    }
}

impl HttpClient for Meter {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Metered { inner, consumed: Arc::clone(&self.consumed) })
    }
}

#[derive(Debug)]
struct Metered {
    inner: SharedHttpConnector,
    consumed: Arc<Mutex<Consumed>>,
}

impl HttpConnector for Metered {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        if let Some(Ok(Value::Object(mut body))) = request.body().bytes().map(serde_json::from_slice) {
            body.insert("ReturnConsumedCapacity".into(), "TOTAL".into());
            let body = Value::from(body).to_string();
            request.headers_mut().insert("content-length", body.len().to_string());
            *request.body_mut() = SdkBody::from(body);
        }
        let writes = WRITES.contains(&operation(&request).as_str());
        let (inner, consumed) = (self.inner.clone(), Arc::clone(&self.consumed));
        HttpConnectorFuture::new(async move {
            let mut response = inner.call(request).await?;
            let body = ByteStream::new(response.take_body()).collect().await.unwrap().into_bytes();
            let output: Value = serde_json::from_slice(&body).unwrap_or_default();
            let tables = match &output["ConsumedCapacity"] {
                Value::Array(tables) => tables.clone(),
                one => vec![one.clone()],
            };
            let units: f64 = tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum();
            {
                let mut consumed = consumed.lock().unwrap();
                consumed.requests += 1;
                *(if writes { &mut consumed.write_units } else { &mut consumed.read_units }) += units;
                consumed.bytes += body.len();
            }
            *response.body_mut() = SdkBody::from(body);
            Ok(response)
        })
    }
}
