//! The least that a function over this table can be: `lambda_http`, and one `GetItem` an event, through the service's
//! own settings of the SDK's client (its very sources). No routing, no log, no item made into a value, and no read ahead of the first event.

#[path = "../../../../../src/store/dynamodb/client.rs"]
#[allow(dead_code, reason = "the service uses the rest")]
mod client;
#[path = "../../../../../src/limits.rs"]
#[allow(dead_code, reason = "the service uses the rest")]
pub mod limits;
#[path = "../../../../../src/store/dynamodb/connections.rs"]
mod connections;
#[path = "../../../../../src/store/dynamodb/retry.rs"]
#[allow(dead_code, reason = "the service uses the rest")]
mod retry;
#[path = "../../../../../src/store/dynamodb/round_trips.rs"]
#[allow(dead_code, reason = "the service uses the rest")]
mod round_trips;

use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Error, Request, run, service_fn};

#[tokio::main(flavor = "current_thread")]
pub async fn main() -> Result<(), Error> {
    let bundle = std::env::var_os("AWS_CA_BUNDLE");
    let environment = client::environment(bundle.as_deref().map(Path::new))?;
    let client = Client::from_conf(client::config(&environment).build());
    run(service_fn(|_: Request| async {
        let request = client.get_item().table_name("codes").consistent_read(true);
        let request = request.key("pk", AttributeValue::S("id#rc_8f3a21bc".into()));
        let answer = request.key("sk", AttributeValue::S("record".into())).send().await?;
        assert!(answer.item.is_some());
        Ok::<_, Error>("ok")
    }))
    .await
}
