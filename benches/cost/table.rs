//! A table with constant answers over TLS, so that DynamoDB's own time is no part of the comparison.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::serve::Listener;
use dev::NoDelay;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use ulid::Ulid;

/// The endpoint of the table. It is served for as long as this value lives.
pub struct Table {
    pub url: String,
    _tasks: JoinSet<()>,
}

/// Serves the table, and writes the root certificate that signs its certificate to a file.
pub async fn serve(root: &Path) -> Table {
    let (mut tasks, router) = (JoinSet::new(), Router::new().fallback(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let tls_listener = Tls { tcp: NoDelay(listener), acceptor: acceptor(root) };
    tasks.spawn(async move { axum::serve(tls_listener, router).await.unwrap() });
    Table { url, _tasks: tasks }
}

/// An answer and the headers that DynamoDB sends with it: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html>
async fn answer(headers: HeaderMap, body: Bytes) -> ([(&'static str, String); 3], String) {
    assert!(headers.contains_key("authorization"), "the request is not signed");
    let request: Value = serde_json::from_slice(&body).unwrap();
    let answer = match headers["x-amz-target"].to_str().unwrap().rsplit('.').next().unwrap() {
        "TransactWriteItems" => json!({}),
        "Query" => page(&request),
        "BatchGetItem" => {
            let keys = request["RequestItems"]["codes"]["Keys"].as_array().unwrap();
            json!({ "Responses": { "codes": keys.iter().filter_map(item).collect::<Vec<_>>() } })
        }
        _ => item(&request["Key"]).map_or(json!({}), |item| json!({ "Item": item })),
    };
    let answer = answer.to_string();
    let mut crc = flate2::Crc::new();
    crc.update(answer.as_bytes());
    let headers = [
        ("content-type", "application/x-amz-json-1.0".to_owned()),
        ("x-amzn-requestid", "7Q2M3K0T9B6VH1C8ND5XEJ4RAFVV4KQNSO5AEMVJF66Q9ASUAAJG".to_owned()),
        ("x-amz-crc32", crc.sum().to_string()),
    ];
    (headers, answer)
}

/// What a query gets: the newest codes of a listing, or those after the last mark. Nothing of its marks.
fn page(request: &Value) -> Value {
    let mut items: Vec<_> =
        (1..=20).filter_map(|nth| item(&json!({ "pk": { "S": format!("id#rc_{nth:08x}") } }))).collect();
    if request["ExpressionAttributeValues"].to_string().contains("marks#") {
        items.clear();
    }
    let mut page = json!({ "Count": items.len(), "ScannedCount": items.len() });
    if request["ScanIndexForward"] == false {
        items.reverse();
        page["LastEvaluatedKey"] = json!({ "pk": items[19]["pk"], "sk": items[19]["sk"] });
    }
    page["Items"] = items.into();
    page
}

/// The item with this key: the record, the claim or the slot of a code; or the head of a page index of 100,000 codes, with the 20
/// after them, which are all on the first page.
fn item(key: &Value) -> Option<Value> {
    let text = |text: &str| json!({ "S": text });
    // A read ahead of the first event names no item.
    let (kind, name) = key["pk"]["S"].as_str()?.split_once('#')?;
    // Those of events/, and codes that were made some minutes ago: they follow from the eight digits in their names.
    let (id, code, mentor, ulid) = match name {
        "rc_8f3a21bc" | "usr_4491" => known("rc_8f3a21bc", "ANN-VERV-8F3A", "01KMMNA2E08F3A21BCKTAV9W5Z"),
        "rc_4f3a21bc" | "JAN-VERV-8F3A" => known("rc_4f3a21bc", "JAN-VERV-8F3A", "01KMMNA2E04F3A21BCKTAV9W5Z"),
        _ if kind == "head" => known("", "", "01KMMNA2E0000000000000000Z"),
        _ => {
            let nth = u32::from_str_radix(name.get(name.len().checked_sub(8)?..)?, 16).ok()?;
            // The same time for all requests of some minutes.
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
            let ulid = Ulid::from_parts(now.as_secs() / 600 * 600_000, u128::from(nth) << 48).to_string();
            (format!("rc_{nth:08x}"), format!("ANN-VERV-{nth:08X}"), format!("usr_{nth:08x}"), ulid)
        }
    };
    let (id, code, mentor, ulid) = (text(&id), text(&code), text(&mentor), text(&ulid));
    let (org, active) = (text("org_002"), text("active"));
    let (sort, mut item) = match kind {
        "id" => {
            let all = text("all");
            let record = json!({ "listing": all, "ulid": ulid, "mentor_id": mentor, "org_id": org, "code": code, "status": active });
            ("record", record)
        }
        "code" => ("claim", json!({ "id": id, "ulid": ulid, "mentor_id": mentor })),
        "mentor" => {
            let held = json!({ "id": id, "ulid": ulid, "org_id": org, "code": code, "status": active });
            ("slot", json!({ "held": { "M": held } }))
        }
        _ => ("head", json!({ "position": { "N": "100000" }, "ulid": ulid })),
    };
    for (name, value) in [("pk", key["pk"].clone()), ("sk", text(sort)), ("format", json!({ "N": "1" }))] {
        item[name] = value;
    }
    Some(item)
}

fn known(id: &str, code: &str, ulid: &str) -> (String, String, String, String) {
    (id.into(), code.into(), "usr_4491".into(), ulid.into())
}

/// A certificate for loopback, created for this run, with a root of its own.
fn acceptor(root: &Path) -> TlsAcceptor {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    std::fs::write(root, issuer.pem()).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(leaf)], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

struct Tls {
    tcp: NoDelay,
    acceptor: TlsAcceptor,
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, address) = self.tcp.accept().await;
            // A client that gives up in the middle of its handshake connects again.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
