//! `GET /console` and the files that it loads: served where the setting has turned it on, and by any event.

use std::collections::BTreeSet;
use std::io::Read as _;

use brotli::Decompressor;
use dev::{Call, Kind, Reply, TestService};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/console");

async fn with_console() -> TestService {
    TestService::builder().setting("CONSOLE", "on").build().await
}

/// What the texts between these two have, in their order.
fn between<'t>(text: &'t str, start: &str, end: char) -> Vec<&'t str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

fn without_comments_and_space(text: &str) -> String {
    let parts = text.split("/*").map(|part| part.split_once("*/").map_or(part, |(_, rest)| rest));
    parts.flat_map(str::split_whitespace).collect()
}

#[tokio::test]
async fn console_is_a_page_whose_files_are_all_served() {
    let service = with_console().await;
    let page = service.send(Call::get("/console")).await;
    assert_eq!((page.status, page.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    let loaded = [between(&page.body, " href=\"", '"'), between(&page.body, " src=\"", '"')].concat();
    let loaded: Vec<_> = loaded.into_iter().filter(|url| url.starts_with("console/")).collect();
    assert_eq!(loaded, ["console/icon.svg", "console/console.css", "console/console.js"]);
    for url in loaded {
        let file = service.send(Call::get(&format!("/{url}"))).await;
        assert_eq!(file.status, 200, "{url}");
        if url != "console/console.js" {
            let source = std::fs::read_to_string(format!("{FILES}/../{url}")).unwrap();
            assert_eq!(without_comments_and_space(&file.body), without_comments_and_space(&source), "{url}");
        }
        let content_type = match url.rsplit_once('.').unwrap().1 {
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/javascript; charset=utf-8",
        };
        assert_eq!(file.headers["content-type"], content_type, "{url}");
        assert_eq!(file.headers["x-content-type-options"], "nosniff");
    }
    assert!(service.faults.take().is_empty(), "nothing here asks the table");
}

/// The page calls the provider where people sign in, if there is one, and no other origin.
#[tokio::test]
async fn console_may_call_the_provider_of_its_settings() {
    let issuer = ("CONSOLE_ISSUER", "https://login.org.no/realms/org");
    let client = ("CONSOLE_CLIENT_ID", "console");
    let token_origin = ("CONSOLE_TOKEN_ORIGIN", "https://token.org.no:8443");
    for (settings, allowed) in [
        (&[][..], "'self'"),
        (&[issuer, token_origin], "'self'"),
        (&[issuer, client], "'self' https://login.org.no"),
        (&[issuer, client, token_origin], "'self' https://login.org.no https://token.org.no:8443"),
    ] {
        let builder = TestService::builder().setting("CONSOLE", "on").setting("ACCESS", "jwt");
        let builder = settings.iter().fold(builder, |builder, (name, value)| builder.setting(name, value));
        let page = builder.build().await.send(Call::get("/console")).await;
        let policy = &page.headers["content-security-policy"];
        assert!(policy.contains(&format!("; connect-src {allowed}; ")), "{policy}");
        assert_eq!(page.body.contains("\"sign_in\":{"), settings.contains(&client), "{}", page.body);
    }
}

/// What the page's scripts read. It is data: no value can end the element, and none is run.
#[tokio::test]
async fn console_is_told_the_settings_that_it_depends_on() {
    for (settings, told) in [
        (&[][..], json!({ "access": "public", "grace_days": 0, "valid_days": 0 })),
        (
            &[("ACCESS", "jwt"), ("ROTATED_GRACE_DAYS", "30"), ("CODE_VALID_DAYS", "90")],
            json!({ "access": "jwt", "grace_days": 30, "valid_days": 90 }),
        ),
        // Without `CONSOLE_SCOPES` the page asks for those that the routes take.
        (
            &[("ACCESS", "jwt"), ("SCOPE_READ", "read"), ("CONSOLE_ISSUER", "https://a"), ("CONSOLE_CLIENT_ID", "b")],
            json!({
                "access": "jwt", "grace_days": 0, "valid_days": 0,
                "sign_in": {
                    "issuer": "https://a", "client_id": "b", "audience": null, "scopes": "read codes:write",
                    "token_origin": null,
                },
            }),
        ),
    ] {
        let builder = TestService::builder().setting("CONSOLE", "on");
        let builder = settings.iter().fold(builder, |builder, (name, value)| builder.setting(name, value));
        let page = builder.build().await.send(Call::get("/console")).await;
        let (_, data) = page.body.split_once("<script type=\"application/json\" id=\"settings\">").unwrap();
        let (data, _) = data.split_once("</script>").unwrap();
        assert_eq!(serde_json::from_str::<Value>(data).unwrap(), told);
    }
}

fn decoded(reply: &Reply) -> Vec<u8> {
    let mut decoded = Vec::new();
    match reply.headers.get("content-encoding").map(String::as_str) {
        None => decoded.extend(reply.bytes()),
        Some("gzip") => drop(GzDecoder::new(reply.bytes()).read_to_end(&mut decoded).unwrap()),
        Some("br") => drop(Decompressor::new(reply.bytes(), 4096).read_to_end(&mut decoded).unwrap()),
        Some(other) => panic!("{other}"),
    }
    decoded
}

/// Who passes bytes on gets them compressed. A REST API without `BinaryMediaTypes` would hand base64 to the browser.
#[tokio::test]
async fn console_is_compressed_for_who_can_read_that() {
    let service = with_console().await;
    for path in ["/console", "/console/console.js", "/console/console.css", "/console/icon.svg"] {
        let whole = service.send(Call::get(path)).await;
        assert!(whole.encoded.is_none() && !whole.headers.contains_key("content-encoding"), "{path}");
        let mut tags = BTreeSet::new();
        for (accepted, coding) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("GZIP;q=0.5, br;q=0.4", "gzip"),
            ("br;q=0, gzip;q=0.001", "gzip"),
            ("*", "br"),
            ("*;q=0.5, br;q=0", "gzip"),
            ("identity, br;q=0.5", "identity"),
            ("deflate, zstd", "identity"),
            ("br;q=0, *;q=0", "identity"),
            ("br;q=2", "identity"),
            ("", "identity"),
        ] {
            for kind in Kind::ALL {
                let call = |method| Call::new(method, path).kind(kind).header("accept-encoding", accepted);
                let file = service.send(call("GET")).await;
                let expected = if kind == Kind::RestApi { "identity" } else { coding };
                let had = file.headers.get("content-encoding").map_or("identity", String::as_str);
                assert_eq!((file.status, had), (200, expected), "{path}, {accepted}, {kind:?}");
                assert!(decoded(&file) == whole.bytes(), "{path}, {accepted}, {kind:?}");
                assert!(had == "identity" || file.bytes().len() < whole.bytes().len(), "{path}, {accepted}");
                assert_eq!(file.headers["vary"], "Accept-Encoding", "{path}");
                assert_eq!(file.headers["content-type"], whole.headers["content-type"], "{path}");
                let tag = &file.headers["etag"];
                tags.insert((had.to_owned(), tag.clone()));

                let bodiless = service.send(call("HEAD")).await;
                assert_eq!(
                    bodiless.headers["content-length"],
                    file.bytes().len().to_string(),
                    "{path}, {accepted}, {kind:?}"
                );
                assert!(bodiless.bytes().is_empty() && bodiless.headers["etag"] == *tag, "{path}, {accepted}");
                let known = service.send(call("GET").header("if-none-match", tag)).await;
                assert_eq!(
                    (known.status, known.bytes(), &known.headers["etag"]),
                    (304, &[][..], tag),
                    "{path}, {accepted}"
                );
                assert!(known.headers["vary"] == "Accept-Encoding" && !known.headers.contains_key("content-encoding"));
                let other =
                    service.send(call("GET").header("if-none-match", &format!("W/{}", whole.headers["etag"]))).await;
                assert_eq!(other.status == 304, had == "identity", "{path}, {accepted}: each coding has its own tag");
            }
        }
        assert_eq!(tags.len(), 3, "{path}: {tags:?}");
    }
}

/// No script, style or frame of another origin, and none in the page itself.
#[tokio::test]
async fn console_allows_its_own_origin_alone_and_nothing_inline() {
    let page = with_console().await.send(Call::get("/console")).await;
    let policy = &page.headers["content-security-policy"];
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for part in policy.split("; ") {
        let sources = part.split_once(' ').unwrap().1;
        // A picture that the page has drawn or fetched itself is a blob.
        assert!(["'self'", "'none'"].contains(&sources) || part == "img-src 'self' blob:", "{part}");
    }
    for inline in ["<style", " style=", " onclick=", "javascript:", "http://", "https://"] {
        assert!(!page.body.contains(inline), "{inline}");
    }
    let scripts = between(&page.body, "<script", '>');
    assert_eq!(scripts, [r#" type="module" src="console/console.js""#, r#" type="application/json" id="settings""#]);
    assert_eq!(page.headers["x-robots-tag"], "noindex");
}

#[tokio::test]
async fn console_is_not_sent_again_to_a_client_that_has_it() {
    let service = with_console().await;
    for path in ["/console", "/console/console.js", "/console/console.css"] {
        let whole = service.send(Call::get(path)).await;
        assert_eq!(whole.headers["cache-control"], "no-cache", "{path}");
        let known = service.send(Call::get(path).header("if-none-match", &whole.headers["etag"])).await;
        assert_eq!((known.status, known.body.as_str()), (304, ""), "{path}");
        let head = service.send(Call::new("HEAD", path).header("if-none-match", &whole.headers["etag"])).await;
        assert!(head.status == 304 && !head.headers.contains_key("content-length"), "{path}: {head:?}");
    }
    let (public, guarded) =
        (service, TestService::builder().setting("CONSOLE", "on").setting("ACCESS", "jwt").build().await);
    let known = public.send(Call::get("/console")).await.headers["etag"].clone();
    let other = guarded.send(Call::get("/console").header("if-none-match", &known)).await;
    assert_eq!(other.status, 200, "a page with other settings is another page");
}

/// The page's URLs are relative: behind a stage they lead to the stage, and from a trailing slash they would lead elsewhere.
#[tokio::test]
async fn console_works_behind_a_stage_and_leads_a_trailing_slash_away() {
    let service = with_console().await;
    let staged = || Call::get("/prod/console").kind(Kind::RestApi).stage("prod");
    assert_eq!(service.send(staged()).await.status, 200);
    for kind in Kind::ALL {
        let slash = service.send(Call::get("/console/").kind(kind)).await;
        assert_eq!((slash.status, slash.headers["location"].as_str()), (308, "/console"), "{kind:?}");
        let filtered = service.send(Call::get("/console/?status=active").kind(kind)).await;
        assert_eq!(filtered.headers["location"], "/console?status=active", "{kind:?}");
        assert_eq!(service.send(Call::get("/console/console.js/").kind(kind)).await.status, 200);
    }
}

/// Off, which is the default, its paths are as if there were none, for every method.
#[tokio::test]
async fn console_that_is_off_is_no_path() {
    let service = TestService::new().await;
    for path in ["/console", "/console/", "/console/console.js"] {
        for method in ["GET", "OPTIONS", "POST"] {
            let reply = service.send(Call::new(method, path)).await;
            reply.expect_problem(404, "route_not_found");
        }
    }
    let on = with_console().await;
    on.send(Call::get("/console/absent.js")).await.expect_problem(404, "route_not_found");
    on.send(Call::get("/console/../../Cargo.toml")).await.expect_problem(404, "route_not_found");
    on.send(Call::get("/console/index.html")).await.expect_problem(404, "route_not_found");
    on.send(Call::new("POST", "/console")).await.expect_problem(405, "method_not_allowed");
}
