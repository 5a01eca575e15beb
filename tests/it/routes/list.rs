//! `GET /`: its form and its parameters. The pages themselves are tested in `listing`.

use dev::{BASE, Call, TestService};

#[tokio::test]
async fn list_parameters_are_checked_at_their_limits_and_all_at_once() {
    let service = TestService::new().await;
    for query in ["page=1", "limit=1", "limit=100", "page=1000000000&limit=100", "page=007", "unknown=x"] {
        service.list(&format!("?{query}")).await;
    }
    for (parameters, queries) in [
        ("page", "page=0 page=-1 page= page=1.5 page=%2B1 page=1000000001 page=18446744073709551616 page=1&page=2"),
        ("limit", "limit=0 limit=101 limit=ten"),
        ("org_id", "org_id=a%20b org_id="),
        ("mentor_id", "mentor_id=a/b"),
        ("status", "status=gone status=active&status=active"),
        ("code", "code=JAN code=jan-VERV-8F3X"),
        ("sort", "sort=code"),
        ("cursor", "cursor=x"),
        ("page", "cursor=&page=1"),
        ("page limit", "page=0&limit=0"),
    ] {
        for query in queries.split(' ') {
            let reply = service.send(Call::get(&format!("{BASE}?{query}"))).await;
            let errors = reply.expect_problem(400, "invalid_parameter")["errors"].clone();
            let named = errors.as_array().unwrap().iter().map(|error| error["parameter"].as_str().unwrap());
            assert_eq!(named.collect::<Vec<_>>().join(" "), parameters, "{query}");
        }
    }
}
