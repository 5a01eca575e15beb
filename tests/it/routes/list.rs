//! `GET /`: its form and its parameters. The pages themselves are tested in `listing`.

use dev::{BASE, Call, TestService};

#[tokio::test]
async fn list_of_an_empty_table_has_an_empty_first_page() {
    let service = TestService::new().await;
    assert_eq!(service.send(Call::get(BASE)).await.body, r#"{"data":[],"pagination":{"page":1,"limit":20,"total":0}}"#);
}

#[tokio::test]
async fn list_parameters_are_checked_at_their_limits() {
    let service = TestService::new().await;
    for query in ["page=1", "limit=1", "limit=100", "page=1000000000&limit=100", "page=007", "unknown=x"] {
        service.list(&format!("?{query}")).await;
    }
    for (query, wrong) in [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=", "page"),
        ("page=1.5", "page"),
        ("page=%2B1", "page"),
        ("page=1000000001", "page"),
        ("page=18446744073709551616", "page"),
        ("page=1&page=2", "page"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
    ] {
        let problem =
            service.send(Call::get(&format!("{BASE}?{query}"))).await.expect_problem(400, "invalid_parameter");
        assert_eq!(problem["errors"][0]["parameter"], wrong, "{query}");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{query}");
    }
    let both =
        service.send(Call::get(&format!("{BASE}?page=0&limit=0"))).await.expect_problem(400, "invalid_parameter");
    assert_eq!(both["errors"].as_array().unwrap().len(), 2);
}
