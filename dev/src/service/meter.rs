//! A meter between the SDK and the table: it asks for the consumed capacity of each request (`ReturnConsumedCapacity`)
//! and adds it up.
//!
//! It changes requests after they were signed. A table that checks signatures would refuse them; the engines here do
//! not.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

use crate::sdk_http::{body, in_front_of, operation, set_body};

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

#[derive(Clone, Default, Debug)]
pub struct Meter(Arc<Mutex<Consumed>>);

impl Meter {
    /// What was consumed since this was last called.
    pub fn take(&self) -> Consumed {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// An HTTP client for the SDK, in front of another one.
    pub fn in_front_of(&self, inner: SharedHttpClient) -> SharedHttpClient {
        let consumed = Arc::clone(&self.0);
        in_front_of(inner, move |mut request, inner| {
            if let Value::Object(mut body) = body(&request) {
                body.insert("ReturnConsumedCapacity".into(), "TOTAL".into());
                set_body(&mut request, &body.into());
            }
            let is_write = WRITES.contains(&operation(&request).as_str());
            let consumed = Arc::clone(&consumed);
            async move {
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
                    *(if is_write { &mut consumed.write_units } else { &mut consumed.read_units }) += units;
                    consumed.bytes += body.len();
                }
                *response.body_mut() = SdkBody::from(body);
                Ok(response)
            }
        })
    }
}
