//! A table with constant answers, over plain HTTP and over TLS, so that DynamoDB's own time is no part of the comparison.

use std::borrow::Cow;
use std::collections::BTreeSet;
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

/// The code that `events/http-api/get.json` asks for.
const RECORD: &str = r#"{"Item":{"pk":{"S":"id#rc_8f3a21bc"},"sk":{"S":"record"},"format":{"N":"1"},"listing":{"S":"all"},"ulid":{"S":"01KMMNA2E08F3A21BCKTAV9W5Z"},"mentor_id":{"S":"usr_4491"},"org_id":{"S":"org_002"},"code":{"S":"ANN-VERV-8F3A"},"status":{"S":"active"}}}"#;
/// The claim of the code that `events/http-api-open/short-link.json` follows.
const CLAIM: &str = r#"{"Item":{"pk":{"S":"code#JAN-VERV-8F3A"},"sk":{"S":"claim"},"format":{"N":"1"},"id":{"S":"rc_4f3a21bc"},"ulid":{"S":"01KMMNA2E04F3A21BCKTAV9W5Z"},"mentor_id":{"S":"usr_4491"}}}"#;
/// Its record.
const LINKED: &str = r#"{"Item":{"pk":{"S":"id#rc_4f3a21bc"},"sk":{"S":"record"},"format":{"N":"1"},"listing":{"S":"all"},"ulid":{"S":"01KMMNA2E04F3A21BCKTAV9W5Z"},"mentor_id":{"S":"usr_4491"},"org_id":{"S":"org_002"},"code":{"S":"JAN-VERV-8F3A"},"status":{"S":"active"}}}"#;
/// The slot of the mentor in `events/http-api/get-or-create.json`, who has that code.
const SLOT: &str = r#"{"Item":{"pk":{"S":"mentor#usr_4491"},"sk":{"S":"slot"},"format":{"N":"1"},"held":{"M":{"ulid":{"S":"01KMMNA2E08F3A21BCKTAV9W5Z"},"id":{"S":"rc_8f3a21bc"},"org_id":{"S":"org_002"},"code":{"S":"ANN-VERV-8F3A"},"status":{"S":"active"}}}}}"#;

/// The endpoints of the table. It is served for as long as this value lives.
pub struct Table {
    pub plain: String,
    pub tls: String,
    _tasks: JoinSet<()>,
}

/// Serves the table, and writes the root certificate that signs its certificate to a file.
pub async fn serve(root: &Path) -> Table {
    let (mut tasks, router) = (JoinSet::new(), Router::new().fallback(answer));
    let plain = dev::serve(&mut tasks, router.clone()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tls = format!("https://{}", listener.local_addr().unwrap());
    let tls_listener = Tls { tcp: NoDelay(listener), acceptor: acceptor(root) };
    tasks.spawn(async move { axum::serve(tls_listener, router).await.unwrap() });
    Table { plain, tls, _tasks: tasks }
}

/// An item and the headers that DynamoDB sends with it: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html>
async fn answer(headers: HeaderMap, body: Bytes) -> ([(&'static str, String); 3], Cow<'static, str>) {
    assert!(headers.contains_key("authorization"), "the request is not signed");
    let request = std::str::from_utf8(&body).unwrap();
    let operation = headers["x-amz-target"].to_str().unwrap().rsplit('.').next().unwrap();
    let document: Cow<'static, str> = match operation {
        "TransactWriteItems" => "{}".into(),
        "Query" => page(request).into(),
        "BatchGetItem" => json!({ "Responses": { "codes": named_items(request) } }).to_string().into(),
        _ if request.contains("id#rc_8f3a21bc") => RECORD.into(),
        _ if request.contains("mentor#usr_4491") => SLOT.into(),
        _ if request.contains("code#JAN-VERV-8F3A") => CLAIM.into(),
        _ if request.contains("id#rc_4f3a21bc") => LINKED.into(),
        _ if request.contains("head#") => HEAD.into(),
        _ => match named_items(request).pop() {
            Some(item) => json!({ "Item": item }).to_string().into(),
            None => "{}".into(),
        },
    };
    let headers = [
        ("content-type", "application/x-amz-json-1.0".to_owned()),
        ("x-amzn-requestid", "7Q2M3K0T9B6VH1C8ND5XEJ4RAFVV4KQNSO5AEMVJF66Q9ASUAAJG".to_owned()),
        ("x-amz-crc32", crc32(document.as_bytes()).to_string()),
    ];
    (headers, document)
}

/// A page index of 100,000 codes and the 20 after them, which are all on the first page.
const HEAD: &str = r#"{"Item":{"pk":{"S":"head#all"},"sk":{"S":"head"},"format":{"N":"1"},"position":{"N":"100000"},"ulid":{"S":"01KMMNA2E0000000000000000Z"}}}"#;

/// What a query gets: the newest codes of a listing, or those after the last mark. Nothing of its marks.
fn page(request: &str) -> String {
    let mut items: Vec<_> = (1..=20).map(|nth| fresh_items(nth)[0].take()).collect();
    if request.contains("marks#") {
        items.clear();
    }
    let mut page = json!({ "Count": items.len(), "ScannedCount": items.len() });
    if request.contains(r#""ScanIndexForward":false"#) {
        items.reverse();
        page["LastEvaluatedKey"] = json!({ "pk": items[19]["pk"], "sk": items[19]["sk"] });
    }
    page["Items"] = items.into();
    page.to_string()
}

/// The items of fresh codes that a request names.
fn named_items(request: &str) -> Vec<Value> {
    let digits = request.split(['"', '#', '_', '-']).filter(|part| part.len() == 8);
    let numbers: BTreeSet<_> = digits.filter_map(|digits| u32::from_str_radix(digits, 16).ok()).collect();
    let items = numbers.into_iter().flat_map(fresh_items);
    items.filter(|item| request.contains(item["pk"]["S"].as_str().unwrap())).collect()
}

/// The record of a code that was made some minutes ago, its claim, and its mentor's slot. All follow from its number.
fn fresh_items(nth: u32) -> [Value; 3] {
    let (id, code, mentor) = (format!("rc_{nth:08x}"), format!("ANN-VERV-{nth:08X}"), format!("usr_{nth:08x}"));
    // The same time for all requests of some minutes.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let ulid = Ulid::from_parts(now.as_secs() / 600 * 600_000, u128::from(nth) << 48).to_string();
    let text = |text: &str| json!({ "S": text });
    let format = json!({ "N": "1" });
    let held = json!({
        "id": text(&id), "ulid": text(&ulid), "org_id": text("org_002"), "code": text(&code), "status": text("active")
    });
    let mut record = json!({
        "pk": text(&format!("id#{id}")), "sk": text("record"), "format": format, "listing": text("all"),
        "mentor_id": text(&mentor)
    });
    for name in ["ulid", "org_id", "code", "status"] {
        record[name] = held[name].clone();
    }
    let claim = json!({
        "pk": text(&format!("code#{code}")), "sk": text("claim"), "format": format, "id": text(&id),
        "ulid": text(&ulid), "mentor_id": text(&mentor)
    });
    let slot = text(&format!("mentor#{mentor}"));
    [record, claim, json!({ "pk": slot, "sk": text("slot"), "format": format, "held": { "M": held } })]
}

/// CRC-32 as in IEEE 802.3, a bit at a time: the speed of the table does not count.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
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

/// The roots of this machine and the table's in one file, for a program that reads all its roots from one file.
pub fn with_native_roots(root: &Path) -> String {
    let files = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
    let native = files.iter().find_map(|file| std::fs::read_to_string(file).ok());
    let native = native.expect("the roots of this machine are needed (on Debian, apt-get install ca-certificates)");
    std::fs::read_to_string(root).unwrap() + "\n" + &native
}
