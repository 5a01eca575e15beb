//! `GET /` with `Accept: text/csv`: the same codes as a table.

use std::time::Duration;

use dev::{BASE, Call, Kind, Reply, TestService};
use serde_json::{Value, json};

const HEADER: &str = "id,mentor_id,org_id,code,url,status,previous_code,rotated_at,successor_id,invalidated_at,\
                      created_at,expires_at,short_url";

async fn list(service: &TestService, query: &str, accept: &str) -> Reply {
    service.send(Call::get(&format!("{BASE}{query}")).header("accept", accept)).await
}

/// The rows of a table as the documents of the JSON. No value here needs quotes.
fn documents(table: &str) -> Vec<Value> {
    let mut lines = table.strip_suffix("\r\n").expect("the last row ends").split("\r\n");
    let names: Vec<_> = lines.next().unwrap().split(',').collect();
    let document = |line: &str| {
        let values: Vec<_> = line.split(',').collect();
        assert_eq!(values.len(), names.len(), "{line}");
        names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), Value::from(value))).collect()
    };
    lines.map(|line| Value::Object(document(line))).collect()
}

/// What JSON leaves out or has as null is empty in a table, which has the short link besides.
fn with_all_fields(document: &Value) -> Value {
    let text = |name: &str| match name {
        "short_url" => format!("https://org.no/r/{}", document["code"].as_str().unwrap()),
        _ => document[name].as_str().unwrap_or_default().to_owned(),
    };
    Value::Object(HEADER.split(',').map(|name| (name.to_owned(), Value::from(text(name)))).collect())
}

#[tokio::test]
async fn csv_of_an_empty_table_is_its_header_row_in_every_kind_of_event() {
    let service = TestService::new().await;
    for kind in Kind::ALL {
        let call = |method: &str| Call::new(method, BASE).kind(kind).header("accept", "text/csv");
        let reply = service.send(call("GET")).await;
        assert_eq!((reply.status, reply.body), (200, format!("{HEADER}\r\n")), "{kind:?}");
        let head = service.send(call("HEAD")).await;
        assert_eq!(head.headers["content-length"], (HEADER.len() + 2).to_string(), "{kind:?}");
    }
    list(&service, "?limit=0", "text/csv").await.expect_problem(400, "invalid_parameter");
}

/// Codes in every state, so that every column has a value somewhere.
#[tokio::test]
async fn csv_has_the_codes_of_the_json_and_the_same_links() {
    let service = TestService::new().await;
    for nth in 0..3 {
        let until = if nth == 0 { json!("2026-02-01T00:00:00Z") } else { Value::Null };
        let create = Call::create(&format!("usr_{nth}"), "o").with("expires_at", until);
        let first = service.send(create).await.expect(201);
        service.clock.advance(Duration::from_secs(1));
        let second = service.rotate(&first).await;
        if nth == 1 {
            service.invalidate(&second).await;
        }
    }
    service.clock.set("2026-02-02T00:00:00Z");
    for query in ["?limit=100", "?limit=2&page=2", "?cursor=&limit=4", "?mentor_id=usr_1", "?status=rotated", "?page=9"]
    {
        let (json, csv) = (list(&service, query, "application/json").await, list(&service, query, "text/csv").await);
        let json_documents = json.json()["data"].as_array().unwrap().clone();
        for name in json_documents.iter().flat_map(|document| document.as_object().unwrap().keys()) {
            assert!(HEADER.split(',').any(|column| column == name), "no column is {name}");
        }
        let expected: Vec<_> = json_documents.iter().map(with_all_fields).collect();
        assert_eq!(documents(&csv.body), expected, "{query}");
        assert_eq!(csv.headers.get("link"), json.headers.get("link"), "{query}");
    }
    let all = documents(&list(&service, "?limit=100", "text/csv").await.body);
    for name in HEADER.split(',') {
        assert!(all.iter().any(|row| row[name] != ""), "no row has a {name}");
    }
    for status in ["active", "rotated", "invalidated", "expired"] {
        assert!(all.iter().any(|row| row["status"] == status), "no row is {status}");
    }
}

#[tokio::test]
async fn csv_value_with_a_comma_is_quoted_and_a_formula_is_a_text() {
    let service = TestService::builder().setting("JOIN_URL_BASE", "https://app.org.no/a,b").build().await;
    service.create("-1", "o").await;
    let table = list(&service, "", "text/csv").await.body;
    let row = table.lines().nth(1).unwrap();
    assert!(row.contains(",'-1,o,"), "{row}");
    assert!(row.contains(",\"https://app.org.no/a,b?ref="), "{row}");
}
