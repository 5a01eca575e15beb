//! HEAD: the GET of the same path, without its body.

use dev::{BASE, Call, Fault, Kind, Reply, TestService};

/// One GET for every route and for every way in which it can fail; the service has a code that is active and one that ended.
async fn gets(service: &TestService) -> Vec<String> {
    let first = service.create("m", "o").await;
    let second = service.rotate(&first).await;
    let below =
        ["", "/", "?limit=1", "?limit=1&cursor=", "?status=active&page=2", "?page=0", "?cursor=x", "/rc_00000000"];
    let mut paths: Vec<_> = below.iter().map(|below| format!("{BASE}{below}")).collect();
    for id in [first["id"].as_str().unwrap(), second["id"].as_str().unwrap(), "none"] {
        paths.extend([format!("{BASE}/{id}"), format!("{BASE}{BASE}/{id}"), format!("{BASE}/{id}/url")]);
    }
    paths.extend(["/".to_owned(), "/elsewhere".to_owned(), format!("{BASE}/x/y")]);
    paths
}

/// What HEAD must be, where this is what GET was.
fn head_of(mut get: Reply) -> Reply {
    get.headers.insert("content-length".into(), get.body.len().to_string());
    get.body.clear();
    get
}

#[tokio::test]
async fn head_has_the_status_and_headers_of_get_and_no_body_in_every_kind_of_event() {
    let service = TestService::new().await;
    let paths = gets(&service).await;
    for kind in Kind::ALL {
        let mut statuses = Vec::new();
        for path in &paths {
            let get = service.send(Call::get(path).kind(kind)).await;
            let head = service.send(Call::new("HEAD", path).kind(kind)).await;
            assert!(!get.body.is_empty() && !get.headers.contains_key("content-length"), "{kind:?} {path}: {get:?}");
            statuses.push(get.status);
            assert_eq!(head, head_of(get), "{kind:?} {path}");
        }
        for status in [200, 400, 404, 410] {
            assert!(statuses.contains(&status), "no {status} among {statuses:?}");
        }
    }
}

#[tokio::test]
async fn head_has_no_body_when_the_service_fails() {
    let service = TestService::builder().in_process().build().await;
    // The waits between attempts take no time.
    tokio::time::pause();
    let path = format!("{BASE}/rc_8f3a21bc");
    for kind in Kind::ALL {
        for (fault, status) in [("ThrottlingException", 503), ("ResourceNotFoundException", 500)] {
            service.faults.plan(move |_| Some(Fault::Refused(400, fault)));
            let get = service.send(Call::get(&path).kind(kind)).await;
            let head = service.send(Call::new("HEAD", &path).kind(kind)).await;
            assert_eq!((head.status, head), (status, head_of(get)), "{kind:?}");
        }
        service.faults.plan(|_| None);
    }
}

/// An event that cannot be read as a request.
#[tokio::test]
async fn head_has_no_body_when_the_event_is_refused() {
    let service = TestService::new().await;
    for kind in Kind::ALL {
        let spoil = |call: Call| Call { is_base64: true, ..call.body("%") };
        let get = service.send(spoil(Call::get(BASE)).kind(kind)).await;
        let head = service.send(spoil(Call::new("HEAD", BASE)).kind(kind)).await;
        assert_eq!((head.status, head), (400, head_of(get)), "{kind:?}");
    }
}

#[tokio::test]
async fn head_sends_the_requests_of_get() {
    let service = TestService::new().await;
    service.faults.take();
    let [get, head] = ["GET", "HEAD"].map(async |method| {
        service.send(Call::new(method, &format!("{BASE}/rc_8f3a21bc"))).await;
        service.faults.take().into_iter().map(|sent| (sent.operation, sent.request)).collect::<Vec<_>>()
    });
    let get = get.await;
    assert_eq!((get.len(), head.await), (1, get));
}
