//! HEAD: the GET of the same path, without its body.

use dev::{BASE, Call, Fault, Kind, TestService};

/// Sends a GET and its HEAD. They may differ in the body and its length alone. Returns the status.
async fn compare(service: &TestService, get: Call) -> u64 {
    let head = Call { method: "HEAD".into(), ..get.clone() };
    let shown = format!("{get:?}");
    let mut expected = service.send(get).await;
    assert!(!expected.body.is_empty() && !expected.headers.contains_key("content-length"), "{shown}: {expected:?}");
    expected.headers.insert("content-length".into(), expected.body.len().to_string());
    expected.body.clear();
    assert_eq!(service.send(head).await, expected, "{shown}");
    expected.status
}

#[tokio::test(start_paused = true)]
async fn head_has_the_status_and_headers_of_get_and_no_body_in_every_kind_of_event() {
    let service = TestService::builder().in_process().build().await;
    let first = service.create("m", "o").await;
    let second = service.rotate(&first).await;
    let below =
        " / ?limit=1 ?limit=1&cursor= ?status=active&page=2 ?page=0 ?cursor=x /rc_00000000 /none /none/url /x/y";
    let mut paths: Vec<_> = below.split(' ').map(|below| format!("{BASE}{below}")).collect();
    for code in [&first, &second] {
        let id = code["id"].as_str().unwrap();
        paths.extend([format!("{BASE}/{id}"), format!("{BASE}{BASE}/{id}"), format!("{BASE}/{id}/url")]);
    }
    for method in ["GET", "HEAD"] {
        service.faults.take();
        service.send(Call { method: method.into(), ..Call::read(&first) }).await;
        assert_eq!(service.faults.take().len(), 1, "{method}");
    }
    for kind in Kind::ALL {
        let mut statuses = Vec::new();
        for path in paths.iter().map(String::as_str).chain(["/", "/elsewhere"]) {
            statuses.push(compare(&service, Call::get(path).kind(kind)).await);
        }
        for (fault, status) in [("ThrottlingException", 503), ("ResourceNotFoundException", 500)] {
            service.faults.plan(move |_| Some(Fault::Refused(400, fault)));
            assert_eq!(compare(&service, Call::read(&first).kind(kind)).await, status, "{kind:?}");
        }
        service.faults.clear_faults();
        // Events that `lambda_http` cannot read as requests.
        for call in [Call::get(BASE).header("host", "%%"), Call { is_base64: true, ..Call::get(BASE).body("%") }] {
            statuses.push(compare(&service, call.kind(kind)).await);
        }
        for status in [200, 400, 404, 410] {
            assert!(statuses.contains(&status), "no {status} among {statuses:?}");
        }
    }
}
