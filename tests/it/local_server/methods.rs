//! HEAD and OPTIONS over real HTTP, where a wrong `Content-Length` would be seen.

use std::io::{Read, Write};
use std::net::TcpStream;

use dev::{BASE, LocalServer, create_body};

use super::{in_memory, send};

/// The head and the body of a response, as they come over the connection.
fn exchange(local: &LocalServer, method: &str, path: &str) -> (Vec<String>, String) {
    let address = local.url().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    // The time of day can differ between two responses.
    let lines = head.lines().filter(|line| !line.starts_with("date:")).map(str::to_owned);
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    (lines, body.to_owned())
}

#[tokio::test]
async fn head_over_http_has_the_headers_of_get_with_its_length_and_no_body() {
    let local = in_memory();
    let (_, code) = send(&local, "POST", "", Some(create_body("usr_1", "org_1"))).await;
    let code = format!("{BASE}/{}", code["id"].as_str().unwrap());
    for path in [BASE, &code] {
        let (get, body) = exchange(&local, "GET", path);
        assert!(get.contains(&format!("content-length: {}", body.len())), "{get:?}");
        assert_eq!(exchange(&local, "HEAD", path), (get, String::new()), "{path}");
    }
}

#[tokio::test]
async fn options_over_http_is_204_without_a_body() {
    let local = in_memory();
    let (head, body) = exchange(&local, "OPTIONS", BASE);
    assert_eq!((head[0].as_str(), body.as_str()), ("HTTP/1.1 204 No Content", ""));
    assert!(head.contains(&"allow: GET, HEAD, OPTIONS, POST".to_owned()), "{head:?}");
}
