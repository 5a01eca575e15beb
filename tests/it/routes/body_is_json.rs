//! The body of POST and PUT: what is no JSON object is told what to change.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use dev::{BASE, Call, Kind, TestService, create_body, rotate_body};

#[tokio::test]
async fn byte_order_mark_is_refused_with_a_detail_that_names_it() {
    let service = TestService::new().await;
    let rotate = format!("{BASE}/rc_8f3a21bc");
    for kind in Kind::ALL {
        for (method, path, body) in [("POST", BASE, create_body("m", "o")), ("PUT", rotate.as_str(), rotate_body("m"))]
        {
            let marked = format!("\u{feff}{body}");
            let plain = Call::new(method, path).body(&marked).kind(kind);
            let mut encoded = plain.clone().body(&BASE64_STANDARD.encode(&marked));
            encoded.is_base64 = true;
            for call in [plain, encoded] {
                let problem = service.send(call).await.expect_problem(400, "invalid_json");
                let detail = problem["detail"].as_str().unwrap();
                assert!(detail.contains("byte order mark") && detail.contains("without it"), "{kind:?}: {detail}");
            }
        }
    }
    assert_eq!(service.send(Call::get(BASE)).await.json()["pagination"]["total"], 0);
    // Inside the body it is a character like any other.
    let body = r#"{"mentor_id":"m","org_id":"o","mentor_name":"\ufeffJan"}"#;
    service.send(Call::new("POST", BASE).body(body)).await.expect(201);
}
