//! `GET /:id`.

use dev::{BASE, Call, TestService, create_body};

#[tokio::test]
async fn get_returns_what_create_returned() {
    let service = TestService::new().await;
    let made = service.send(Call::post(BASE, &create_body("usr_1", "org_1"))).await;
    let read = service.send(Call::get(&made.headers["location"])).await;
    assert_eq!((read.status, read.body), (200, made.body));
    assert_eq!(read.headers["content-type"], "application/json");
    assert_eq!(read.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn get_with_an_invalid_id_reads_nothing() {
    let service = TestService::new().await;
    service.faults.take();
    for id in [
        "rc_",
        "rc_8f3a21b",
        "rc_8F3A21BC",
        "rc_8f3a21bc0011223344ff0",
        "8f3a21bc",
        "rc_8f3a21bc%20",
        "ré",
        "..",
        "a b",
    ] {
        service.send(Call::get(&format!("{BASE}/{id}"))).await.expect_problem(404, "code_not_found");
    }
    assert!(service.faults.take().is_empty());
    service.send(Call::get(&format!("{BASE}/rc_8f3a21bc"))).await.expect_problem(404, "code_not_found");
    assert_eq!(service.faults.take().len(), 1);
}

#[tokio::test]
async fn get_reads_strongly_consistent() {
    let service = TestService::new().await;
    service.faults.take();
    service.send(Call::get(&format!("{BASE}/rc_8f3a21bc"))).await;
    assert_eq!(service.faults.take()[0].request["ConsistentRead"], true);
}
