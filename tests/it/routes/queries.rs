//! The query of a list, as gateways and people write it.

use dev::{BASE, Call, Kind, TestService};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::with_jan;

/// The status of a list of this code, as it is typed; 200 is of the example alone.
async fn list_of(service: &TestService, code: &str) -> u64 {
    let query = utf8_percent_encode(code, NON_ALPHANUMERIC);
    let reply = service.send(Call::get(&format!("{BASE}?code={query}"))).await;
    if reply.status == 200 {
        assert_eq!(reply.json()["data"][0]["code"], "JAN-VERV-8F3A", "{code}");
        assert!(reply.headers["link"].contains("code=JAN-VERV-8F3A"), "{reply:?}");
    } else {
        assert_eq!(reply.expect_problem(400, "invalid_parameter")["errors"][0]["parameter"], "code");
    }
    reply.status
}

#[tokio::test]
async fn code_filter_takes_a_code_as_people_type_it() {
    let service = with_jan(TestService::builder()).await;
    for typed in ["JAN-VERV-8F3A", "jan verv 8f3a", "janverv8f3a", "jan–verv–8f3a", " jan_verv_8f3a"] {
        assert_eq!(list_of(&service, typed).await, 200, "{typed}");
    }
    for typed in ["jan", "JAN-VERV-8F3X", "janxxxx8f3a"] {
        assert_eq!(list_of(&service, typed).await, 400, "{typed}");
    }
}

/// A form that would lose the filter shows all codes to a reader who asked for some.
#[tokio::test]
async fn parameter_in_a_form_that_would_lose_it_is_400() {
    let service = with_jan(TestService::builder()).await;
    for kind in Kind::ALL {
        for (query, parameter) in [
            ("status[]=active", "status"),
            ("status[0]=active", "status"),
            ("status[eq]=active", "status"),
            ("filter[status]=active", "status"),
            ("filter.status=active", "status"),
            ("Status=active", "status"),
            ("status+=active", "status"),
            ("%20status=active", "status"),
            ("status.=active", "status"),
            ("page[number]=2", "page"),
            ("Limit=1", "limit"),
            ("Cursor=", "cursor"),
            ("page=1&amp;status=active", "status"),
            ("?status=active", "status"),
            ("status;=active", "status"),
            ("status:eq=active", "status"),
            ("status%3Dactive", "status"),
            ("%EF%BB%BFstatus=active", "status"),
            ("status'=active", "status"),
        ] {
            // A load balancer hands the query over encoded, names too.
            let reply = service.send(Call::get(&format!("{BASE}?{query}")).kind(kind)).await;
            if kind == Kind::RestApi && query.contains(['%', '+']) {
                // A REST API decodes the names, which the events of these tests do not show.
                continue;
            }
            let problem = reply.expect_problem(400, "invalid_parameter");
            let named: Vec<_> =
                problem["errors"].as_array().unwrap().iter().map(|error| error["parameter"].clone()).collect();
            assert!(named.contains(&json!(parameter)), "{kind:?} {query}: {problem}");
        }
        for query in
            ["x=1", "statuses=active", "mystatus=x", "x[]=1", "filter=status", "_=1", "utm_source=code", "code_=x", "="]
        {
            let reply = service.send(Call::get(&format!("{BASE}?{query}")).kind(kind)).await;
            assert_eq!(reply.expect(200)["pagination"]["total"], 1, "{kind:?} {query}");
        }
    }
    for kind in [Kind::HttpApi, Kind::FunctionUrl, Kind::RestApi] {
        let twice = service.send(Call::get(&format!("{BASE}?status=active&status=active")).kind(kind)).await;
        assert_eq!(twice.expect_problem(400, "invalid_parameter")["errors"][0]["detail"], "must be given once");
    }
}

/// API Gateway passes on what a client has not encoded, and no URI can hold.
#[tokio::test]
async fn query_that_is_not_encoded_is_read_as_it_is_meant() {
    let service = with_jan(TestService::builder()).await;
    for kind in [Kind::HttpApi, Kind::FunctionUrl] {
        for (query, status) in [
            ("code=\"JAN-VERV-8F3A\"", 200),
            ("code=<JAN-VERV-8F3A>", 200),
            ("code=JAN VERV 8F3A", 200),
            ("code=\u{201c}JAN\u{2013}VERV\u{2013}8F3A\u{201d}", 200),
            ("code=`JAN-VERV-8F3A`&x={}|\\^", 200),
            ("mentor_id=usr_4491", 200),
            ("x=å\u{7f}\t&code=JAN-VERV-8F3A", 200),
            ("x=%zz%&code=JAN-VERV-8F3A", 200),
            ("code=JAN#VERV", 400),
            ("status=act ive", 400),
        ] {
            let mut call = Call::get(BASE).kind(kind);
            call.query = query.into();
            let reply = service.send(call).await;
            assert_eq!(reply.status, status, "{kind:?} {query}: {reply:?}");
            if status == 200 {
                assert_eq!(reply.json()["data"][0]["code"], "JAN-VERV-8F3A", "{kind:?} {query}");
            }
        }
        let mut call = Call::get("/r/JAN-VERV-8F3A").kind(kind);
        call.query = "a=\"<å b>\"&c=1".into();
        let location = service.send(call).await.headers["location"].clone();
        assert_eq!(location, "https://app.org.no/join?ref=JAN-VERV-8F3A&a=%22%3C%C3%A5%20b%3E%22&c=1");
    }
}

/// A REST API refuses a raw `|`, so `Link` has it encoded. An HTTP API passes it on.
#[tokio::test]
async fn link_encodes_an_id_of_an_identity_provider() {
    let service = TestService::new().await;
    service.create("auth0|5f7c", "o").await;
    for (kind, id) in Kind::ALL.map(|kind| (kind, "auth0%7C5f7c")).into_iter().chain([(Kind::HttpApi, "auth0|5f7c")]) {
        let list = service.send(Call::get(&format!("{BASE}?mentor_id={id}")).kind(kind)).await;
        assert_eq!(list.expect(200)["data"][0]["mentor_id"], "auth0|5f7c", "{kind:?}");
        let first = format!("<{BASE}?page=1&limit=20&mentor_id=auth0%7C5f7c>; rel=\"first\"");
        assert!(list.headers["link"].starts_with(&first), "{list:?}");
    }
}

/// A browser shows an address without a path with a slash.
#[tokio::test]
async fn join_link_of_a_base_without_a_path_may_have_a_slash() {
    let service = with_jan(TestService::builder().setting("JOIN_URL_BASE", "https://app.example")).await;
    for (link, status) in [
        ("https://app.example/?ref=JAN-VERV-8F3A", 200),
        ("app.example?ref=JAN-VERV-8F3A", 200),
        ("https://app.example/x?ref=JAN-VERV-8F3A", 400),
    ] {
        assert_eq!(list_of(&service, link).await, status, "{link}");
    }
}

#[tokio::test]
async fn code_filter_takes_a_code_s_own_link() {
    let links = [
        ("https://org.no/r", "https://app.org.no/join"),
        ("http://S.example:8080/Go/To", "https://app.example/Join/x"),
    ];
    for (short, join) in links {
        let builder = TestService::builder().setting("SHORT_URL_BASE", short).setting("JOIN_URL_BASE", join);
        let service = with_jan(builder).await;
        let (_, short_host) = short.split_once("://").unwrap();
        let (_, join_host) = join.split_once("://").unwrap();
        let (host, path) = join_host.split_once('/').unwrap();
        for link in [
            format!("{short}/JAN-VERV-8F3A"),
            format!("{join}?ref=JAN-VERV-8F3A"),
            format!("{short_host}/jan-verv-8f3a"),
            format!("HTTPS://{}/JAN-VERV-8F3A", short_host.to_uppercase()),
            format!("http://{}/jan%20verv%208f3a", short_host.to_lowercase()),
            format!("{short}/JAN-VERV-8F3A/"),
            format!("{short}/JAN-VERV-8F3A?utm_source=poster&ref=x#top"),
            format!("<{short}/JAN-VERV-8F3A>."),
            format!("({short_host}/JAN%E2%80%93VERV%E2%80%938F3A),"),
            format!(" {short}/J%C2%ADAN-VERV-8F3A "),
            format!("{join_host}?ref=JAN-VERV-8F3A"),
            format!("HTTP://{}/{path}?a=1&ref=janverv8f3a&b=2#x", host.to_uppercase()),
            format!("“{join}?ref=JAN-VERV-8F3A”"),
            format!("{join}?utm=x&ref=JAN-VERV-8F3A."),
        ] {
            assert_eq!(list_of(&service, &link).await, 200, "{link}");
        }
        for link in [
            "https://evil.example/r/JAN-VERV-8F3A".to_owned(),
            format!("https://evil.example/?u={short}/JAN-VERV-8F3A"),
            format!("https://x.{short_host}/JAN-VERV-8F3A"),
            format!("https://user@{short_host}/JAN-VERV-8F3A"),
            format!("ftp://{short_host}/JAN-VERV-8F3A"),
            format!("{short}x/JAN-VERV-8F3A"),
            format!("{short}/x/JAN-VERV-8F3A"),
            format!("{short}/JAN-VERV-8F3A/x"),
            format!("{short}/JAN-VERV-8F3A..."),
            format!("{short}/"),
            short.to_owned(),
            join.to_owned(),
            format!("{join}?REF=JAN-VERV-8F3A"),
            format!("{join}/?ref=JAN-VERV-8F3A"),
            format!("{join}?ref=JAN-VERV-8F3A&ref=JAN-VERV-8F3A"),
            format!("{join}?xref=JAN-VERV-8F3A"),
            format!("{join}?ref=JAN-VERV-8F3A…"),
            format!("HTTPS://{host}/{}?ref=JAN-VERV-8F3A", path.to_uppercase()),
            format!("{join}#?ref=JAN-VERV-8F3A"),
        ] {
            assert_eq!(list_of(&service, &link).await, 400, "{link}");
        }
    }
}
