//! `GET /openapi.yaml`: the file, as it is.

use dev::{Call, Kind, TestService};

#[tokio::test]
async fn openapi_is_served_as_the_file_is_and_not_again_to_a_client_that_has_it() {
    let service = TestService::new().await;
    let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.yaml")).unwrap();
    for kind in Kind::ALL {
        assert!(service.send(Call::get("/openapi.yaml").kind(kind)).await.body == file, "{kind:?}");
    }
    let tag = service.send(Call::get("/openapi.yaml")).await.headers["etag"].clone();
    for (known, status) in [
        (tag.clone(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"other\", {tag}"), 304),
        ("*".into(), 304),
        ("\"other\"".into(), 200),
        (tag.trim_matches('"').to_owned(), 200),
    ] {
        for method in ["GET", "HEAD"] {
            let reply = service.send(Call::new(method, "/openapi.yaml").header("if-none-match", &known)).await;
            assert_eq!((reply.status, &reply.headers["etag"]), (status, &tag), "{known}");
            assert!(status == 200 || reply.body.is_empty());
        }
    }
    assert!(service.faults.take().is_empty());
}
