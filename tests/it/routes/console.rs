//! `GET /console` and the files that it loads: served where the setting has turned it on, and by any event.

use dev::{BASE, Call, Kind, TestService};

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/console");

async fn with_console() -> TestService {
    TestService::builder().setting("CONSOLE", "on").build().await
}

/// What the texts between these two have, in their order.
fn between<'t>(text: &'t str, start: &str, end: char) -> Vec<&'t str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
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
        if url == "console/console.js" {
            // All modules in one file, so that a visit takes few calls of the function.
            for module in std::fs::read_dir(FILES).unwrap().map(|entry| entry.unwrap().path()) {
                let text = std::fs::read_to_string(&module).unwrap();
                let is_module = module.extension().is_some_and(|extension| extension == "js");
                assert!(!is_module || file.body.contains(text.lines().next().unwrap()), "{}", module.display());
            }
        } else {
            assert_eq!(file.body, std::fs::read_to_string(format!("{FILES}/../{url}")).unwrap(), "{url}");
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

#[tokio::test]
async fn console_is_told_the_settings_that_it_depends_on() {
    for (settings, attributes) in [
        (&[][..], r#"data-access="public" data-grace-days="0" data-valid-days="0""#),
        (
            &[("ACCESS", "jwt"), ("ROTATED_GRACE_DAYS", "30"), ("CODE_VALID_DAYS", "90")],
            r#"data-access="jwt" data-grace-days="30" data-valid-days="90""#,
        ),
    ] {
        let mut builder = TestService::builder().setting("CONSOLE", "on");
        for (name, value) in settings {
            builder = builder.setting(name, value);
        }
        let page = builder.build().await.send(Call::get("/console")).await;
        assert!(page.body.contains(attributes), "{}", page.body);
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
        assert!(["'self'", "'none'"].contains(&sources), "{part}");
    }
    for inline in ["<style", " style=", " onclick=", "javascript:", "http://", "https://"] {
        assert!(!page.body.contains(inline), "{inline}");
    }
    assert_eq!(
        between(&page.body, "<script", '>').len(),
        between(&page.body, "<script type=\"module\" src=\"", '>').len()
    );
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

#[tokio::test]
async fn console_is_open_under_jwt() {
    let service = TestService::builder().setting("CONSOLE", "on").setting("ACCESS", "jwt").build().await;
    for path in ["/console", "/console/console.js"] {
        service.send(Call::get(path)).await;
        assert_eq!(service.send(Call::get(path)).await.status, 200);
    }
    service.send(Call::get(BASE)).await.expect_problem(401, "unauthenticated");
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
