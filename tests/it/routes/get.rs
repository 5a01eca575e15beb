//! `GET /:id` and `GET /:id/url`.

use dev::{BASE, Call, TestService, path};

use super::with_jan;

#[tokio::test]
async fn get_with_an_invalid_id_reads_nothing() {
    let service = TestService::new().await;
    service.faults.take();
    for id in "rc_ rc_8f3a21b rc_8F3A21BC RC_8f3a21bc rc_8f3a21bg rc_８f3a21bc rc_8f3a21bc0011223344ff0 8f3a21bc \
               rc_8f3a21bc%20 ré .. a+b"
        .split(' ')
    {
        for path in [format!("{BASE}/{id}"), format!("{BASE}/{id}/url")] {
            service.send(Call::get(&path)).await.expect_problem(404, "code_not_found");
        }
    }
    assert!(service.faults.take().is_empty());
}

#[tokio::test]
async fn get_reads_once_and_strongly_consistent() {
    let service = TestService::new().await;
    service.faults.take();
    for path in [format!("{BASE}/rc_8f3a21bc"), format!("{BASE}/rc_8f3a21bc0011223344ff/url")] {
        service.send(Call::get(&path)).await.expect_problem(404, "code_not_found");
        let sent = service.faults.take();
        assert_eq!((sent.len(), &sent[0].request["ConsistentRead"]), (1, &true.into()));
    }
}

#[tokio::test]
async fn build_url_of_an_ended_code_returns_410() {
    let service = with_jan(TestService::builder()).await;
    let url = async |code: &_| service.send(Call::get(&format!("{}/url", path(code)))).await;
    let short = Call::create("m", "o").with("expires_at", "2026-01-10T09:30:00Z");
    let first = service.send(short.clone()).await.expect(201);
    let second = service.rotate(&first).await;
    assert_eq!(url(&first).await.expect_problem(410, "code_not_active")["code_status"], "rotated");
    url(&second).await.expect(200);
    service.invalidate(&second).await;
    assert_eq!(url(&second).await.expect_problem(410, "code_not_active")["code_status"], "invalidated");

    let third = service.send(short).await.expect(201);
    service.clock.set("2026-01-10T09:30:00Z");
    for _ in 0..2 {
        assert_eq!(url(&third).await.expect_problem(410, "code_not_active")["code_status"], "expired");
        // The second time its end is stored.
        service.send(Call::create("m", "o")).await;
    }
}
