//! Cursor pagination, and the `Link` header.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService};

use super::{ids, walk, walk_and};

#[tokio::test]
async fn cursor_walk_lists_every_code_once_in_order_while_codes_are_created() {
    let service = TestService::new().await;
    let codes = CodeFixture::series(95, service.clock.now(), Duration::from_secs(1), &["a", "b"]);
    service.fill(&codes).await;
    let expected = |org: Option<&str>| -> Vec<String> {
        codes.iter().filter(|code| org.is_none_or(|org| org == code.org)).map(CodeFixture::id).collect()
    };
    for (query, org) in
        [("limit=7", None), ("limit=10&org_id=b", Some("b")), ("limit=100", None), ("limit=1&org_id=a", Some("a"))]
    {
        let mut newest_first = expected(org);
        newest_first.reverse();
        let mut ids = walk(&service, query).await;
        ids.truncate(newest_first.len());
        assert_eq!(ids, newest_first, "{query}");
    }
    // Oldest first, while a code is created: each existing code is listed once, and the new one at the end.
    let ids = walk_and(&service, "limit=10&org_id=a&sort=created_at", async |pages| {
        if pages == 2 {
            let later = service.clock.now() + Duration::from_secs(60);
            service.fill(&[CodeFixture::at(later, "a", "later")]).await;
        }
    })
    .await;
    assert_eq!(ids[..48], expected(Some("a")));
    assert_eq!(ids.len(), 49);
}

#[tokio::test]
async fn link_header_leads_to_the_pages_around() {
    let service = TestService::new().await;
    service.fill(&CodeFixture::series(44, service.clock.now(), Duration::from_secs(1), &["a:b"])).await;
    let links = async |query: &str| service.send(Call::get(&format!("{BASE}?{query}"))).await.headers["link"].clone();
    let at = |query: &str, rel: &str| format!("<{BASE}?{query}>; rel=\"{rel}\"");
    assert_eq!(
        links("page=2&limit=10").await,
        [("1", "first"), ("1", "prev"), ("3", "next"), ("5", "last")]
            .map(|(page, rel)| at(&format!("page={page}&limit=10"), rel))
            .join(", ")
    );
    assert_eq!(
        links("org_id=a:b&status=active&sort=created_at").await,
        [("1", "first"), ("2", "next"), ("3", "last")]
            .map(|(page, rel)| at(&format!("page={page}&limit=20&org_id=a:b&status=active&sort=created_at"), rel))
            .join(", ")
    );
    let beyond = links("page=99&limit=50").await;
    assert!(beyond.contains(&at("page=1&limit=50", "prev")) && !beyond.contains("next"), "{beyond}");
    let first = service.send(Call::get(&format!("{BASE}?limit=2&cursor="))).await;
    let next = first.json()["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(first.headers["link"], at(&format!("cursor={next}&limit=2"), "next"));
    assert_eq!(ids(&service.list(&format!("?cursor={next}&limit=2")).await).len(), 2);
}
