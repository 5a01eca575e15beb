//! Requests that arrive when their sender has long given up.

use std::time::Duration;

use dev::{BASE, Call, Fault, TestService, create_body, simulated};
use tokio::time::sleep;

#[test]
fn request_arrives_as_late_as_the_test_chooses() {
    simulated(1, async {
        let service = TestService::builder().isolation(1, Duration::from_millis(50)).build().await;
        let late = [Duration::from_secs(300); 6].map(Fault::DeliveredLate);
        service.faults.fail_next("TransactWriteItems", late);
        service.send(Call::post(BASE, &create_body("m", "o"))).await.expect_problem(503, "unavailable");
        let total = async || {
            let found = service.client.scan().table_name(&service.table).consistent_read(true).send().await.unwrap();
            found.count()
        };
        sleep(Duration::from_secs(280)).await;
        assert_eq!(total().await, 0);
        sleep(Duration::from_secs(40)).await;
        assert_eq!(total().await, 3, "a record, a claim and a slot");
    });
}
