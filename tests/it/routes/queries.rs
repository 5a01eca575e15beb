//! The query of a list, as gateways and people write it.

use dev::{BASE, Call, Kind, TestService};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::with_jan;

/// A form that would lose the filter shows all codes to a reader who asked for some.
#[tokio::test]
async fn parameter_in_a_form_that_would_lose_it_is_400() {
    let service = with_jan(TestService::builder()).await;
    let of_status = "status[]=active status[0]=active status[eq]=active filter[status]=active filter.status=active Status=active \
                     status+=active %20status=active status.=active page=1&amp;status=active ?status=active status;=active \
                     status:eq=active status%3Dactive %EF%BB%BFstatus=active status'=active";
    let of_status = of_status.split(' ').map(|query| (query, "status"));
    let others = [("page[number]=2", "page"), ("Limit=1", "limit"), ("Cursor=", "cursor")];
    let lossy: Vec<_> = of_status.chain(others).collect();
    for kind in Kind::ALL {
        for (query, parameter) in &lossy {
            if kind == Kind::RestApi && query.contains(['%', '+']) {
                // A REST API decodes the names, which the events of these tests do not show.
                continue;
            }
            // A load balancer hands the query over encoded, names too.
            let reply = service.send(Call::get(&format!("{BASE}?{query}")).kind(kind)).await;
            let errors = reply.expect_problem(400, "invalid_parameter")["errors"].clone();
            let mut named = errors.as_array().unwrap().iter().map(|error| &error["parameter"]);
            assert!(named.any(|name| name == parameter), "{kind:?} {query}: {errors}");
        }
        for query in "x=1 statuses=active mystatus=x x[]=1 filter=status _=1 utm_source=code code_=x =".split(' ') {
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

/// By the settings `SHORT_URL_BASE` and `JOIN_URL_BASE`. A browser shows an address without a path with a slash.
#[tokio::test]
async fn code_filter_takes_a_code_as_people_type_it_and_its_own_link() {
    for [short, join] in [
        ["https://org.no/r", "https://app.org.no/join"],
        ["http://S.example:8080/Go/To", "https://app.example/Join/x"],
        ["https://org.no/r", "https://app.example"],
    ] {
        let builder = TestService::builder().setting("SHORT_URL_BASE", short).setting("JOIN_URL_BASE", join);
        let service = with_jan(builder).await;
        let [short_host, join_host] = [short, join].map(|base| base.split_once("://").unwrap().1);
        let (host, path) = join_host.split_once('/').unwrap_or((join_host, ""));
        let [loud_short, loud_join] = [short_host, host].map(str::to_uppercase);
        let quiet_short = short_host.to_lowercase();
        let by_path = if path.is_empty() { String::new() } else { format!("/{path}") };
        let loud_path = by_path.to_uppercase();
        // Whether a slash may follow the path, and whether its case can matter.
        let (with_slash, in_capitals) = if path.is_empty() { (200, 200) } else { (400, 400) };
        for (typed, status) in [
            ("JAN-VERV-8F3A".to_owned(), 200),
            (" jan–verv–8f3a".into(), 200),
            ("janverv8f3a".into(), 200),
            ("jan".into(), 400),
            ("JAN-VERV-8F3X".into(), 400),
            (format!("{short}/JAN-VERV-8F3A"), 200),
            (format!("{short_host}/jan-verv-8f3a"), 200),
            (format!("HTTPS://{loud_short}/JAN-VERV-8F3A"), 200),
            (format!("http://{quiet_short}/jan%20verv%208f3a"), 200),
            (format!("{short}/JAN-VERV-8F3A/"), 200),
            (format!("{short}/JAN-VERV-8F3A?utm_source=poster&ref=x#top"), 200),
            (format!("<{short}/JAN-VERV-8F3A>."), 200),
            (format!("({short_host}/JAN%E2%80%93VERV%E2%80%938F3A),"), 200),
            (format!(" {short}/J%C2%ADAN-VERV-8F3A "), 200),
            (format!("https://evil.example/?u={short}/JAN-VERV-8F3A"), 400),
            (format!("https://x.{short_host}/JAN-VERV-8F3A"), 400),
            (format!("https://user@{short_host}/JAN-VERV-8F3A"), 400),
            (format!("ftp://{short_host}/JAN-VERV-8F3A"), 400),
            (format!("{short}x/JAN-VERV-8F3A"), 400),
            (format!("{short}/x/JAN-VERV-8F3A"), 400),
            (format!("{short}/JAN-VERV-8F3A/x"), 400),
            (format!("{short}/JAN-VERV-8F3A..."), 400),
            (format!("{short}/"), 400),
            (short.into(), 400),
            (format!("{join}?ref=JAN-VERV-8F3A"), 200),
            (format!("{join_host}?ref=JAN-VERV-8F3A"), 200),
            (format!("HTTP://{loud_join}{by_path}?a=1&ref=janverv8f3a&b=2#x"), 200),
            (format!("“{join}?ref=JAN-VERV-8F3A”"), 200),
            (format!("{join}?utm=x&ref=JAN-VERV-8F3A."), 200),
            (format!("{join}/?ref=JAN-VERV-8F3A"), with_slash),
            (format!("HTTPS://{host}{loud_path}?ref=JAN-VERV-8F3A"), in_capitals),
            (format!("{join}/elsewhere?ref=JAN-VERV-8F3A"), 400),
            (join.into(), 400),
            (format!("{join}?REF=JAN-VERV-8F3A"), 400),
            (format!("{join}?ref=JAN-VERV-8F3A&ref=JAN-VERV-8F3A"), 400),
            (format!("{join}?xref=JAN-VERV-8F3A"), 400),
            (format!("{join}?ref=JAN-VERV-8F3A…"), 400),
            (format!("{join}#?ref=JAN-VERV-8F3A"), 400),
        ] {
            let query = utf8_percent_encode(&typed, NON_ALPHANUMERIC);
            let reply = service.send(Call::get(&format!("{BASE}?code={query}"))).await;
            assert_eq!(reply.status, status, "{typed}");
            if status == 200 {
                assert_eq!(reply.json()["data"][0]["code"], "JAN-VERV-8F3A", "{typed}");
                assert!(reply.headers["link"].contains("code=JAN-VERV-8F3A"), "{reply:?}");
            } else {
                assert_eq!(reply.expect_problem(400, "invalid_parameter")["errors"][0]["parameter"], "code");
            }
        }
    }
}
