//! What requests consume through the layer.

use aws_sdk_dynamodb::types::{Get, TransactGetItem};
use dev::{Consumed, TestService, simulated};

use super::{MAX_IN_FLIGHT, item, key, string};

/// A `TransactGetItems` consumes two read units an item, and a `Query` whose items are read one after the other as much
/// as one whose items are read at once.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
#[test]
fn reads_consume_what_dynamodb_charges() {
    simulated(1, async {
        let service = TestService::builder().isolation(1, MAX_IN_FLIGHT).build().await;
        for name in ["a", "b", "c", "d"] {
            service.client.put_item().table_name(&service.table).set_item(Some(item(name, 1))).send().await.unwrap();
        }
        let (client, meter) = service.metered_client().await;
        let consumed = |consumed: Consumed| (consumed.requests, consumed.units());
        let get = |name| {
            let get = Get::builder().table_name(&service.table).set_key(Some(key(name))).build().unwrap();
            TransactGetItem::builder().get(get).build()
        };
        client.transact_get_items().transact_items(get("a")).transact_items(get("b")).send().await.unwrap();
        assert_eq!(consumed(meter.take()), (1, 4.0));
        for _ in 0..10 {
            let query = client.query().table_name(&service.table).consistent_read(true);
            let query = query.key_condition_expression("pk = :p").expression_attribute_values(":p", string("p"));
            assert_eq!(query.send().await.unwrap().count(), 4);
            assert_eq!(consumed(meter.take()), (1, 1.0));
        }
    });
}
