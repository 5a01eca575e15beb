//! What the documentation's first example gives: all default features, and one `GetItem` an event.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Error, Request, run, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_defaults(BehaviorVersion::v2026_01_12()).await;
    let client = Client::new(&config);
    run(service_fn(|_: Request| async {
        let request = client.get_item().table_name("codes").consistent_read(true);
        let request = request.key("pk", AttributeValue::S("id#rc_8f3a21bc".into()));
        let answer = request.key("sk", AttributeValue::S("record".into())).send().await?;
        assert!(answer.item.is_some());
        Ok::<_, Error>("ok")
    }))
    .await
}
