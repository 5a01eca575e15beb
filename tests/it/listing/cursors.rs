//! Walks with cursors, and the `Link` headers.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService};
use serde_json::Value;

/// Walks to the end and gives back the ids met; `between` is called after each step.
async fn walk(world: &TestService, query: &str, mut between: impl AsyncFnMut(usize)) -> Vec<String> {
    let (mut cursor, mut met, mut steps) = (String::new(), Vec::new(), 0);
    loop {
        let answer = world.send(Call::get(&format!("{BASE}?{query}&cursor={cursor}"))).await.expect(200);
        met.extend(answer["data"].as_array().unwrap().iter().map(|code| code["id"].as_str().unwrap().to_owned()));
        steps += 1;
        between(steps).await;
        match answer["pagination"]["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return met,
        }
    }
}

#[tokio::test]
async fn a_walk_meets_every_code_once_in_order_whatever_is_made_meanwhile() {
    let world = TestService::new().await;
    let codes = CodeFixture::series(95, world.clock.now(), Duration::from_secs(1), &["a", "b"]);
    world.fill(&codes).await;
    let expected = |org: Option<&str>| -> Vec<String> {
        codes.iter().filter(|code| org.is_none_or(|org| org == code.org)).map(CodeFixture::id).collect()
    };
    for (query, org) in
        [("limit=7", None), ("limit=10&org_id=b", Some("b")), ("limit=100", None), ("limit=1&org_id=a", Some("a"))]
    {
        let mut newest_first = expected(org);
        newest_first.reverse();
        let mut met = walk(&world, query, async |_| ()).await;
        met.truncate(newest_first.len());
        assert_eq!(met, newest_first, "{query}");
    }
    // Oldest first, while others are made in front: those that were there are met once, the new ones at the end.
    let met = walk(&world, "limit=10&org_id=a&sort=created_at", async |step| {
        if step == 2 {
            let later = world.clock.now() + Duration::from_secs(60);
            world.fill(&[CodeFixture::at(later, "a", "later")]).await;
        }
    })
    .await;
    assert_eq!(met[..48], expected(Some("a")));
    assert_eq!(met.len(), 49);
}

#[tokio::test]
async fn a_numbered_page_has_three_fields_and_a_page_by_cursor_its_own() {
    let world = TestService::new().await;
    world.fill(&CodeFixture::series(30, world.clock.now(), Duration::from_secs(1), &["a"])).await;
    let mut query = format!("{BASE}?limit=10&org_id=a&cursor=");
    for number in 1..=3 {
        let page = world.send(Call::get(&format!("{BASE}?page={number}&limit=10&org_id=a"))).await;
        let pagination = format!(r#""pagination":{{"page":{number},"limit":10,"total":30}}}}"#);
        assert!(page.body.ends_with(&pagination), "{}", page.body);
        let by_cursor = world.send(Call::get(&query)).await.expect(200);
        assert_eq!(by_cursor["data"], page.json()["data"], "page {number}");
        let pagination = by_cursor["pagination"].clone();
        let Some(next) = pagination["next_cursor"].as_str() else {
            assert_eq!((number, pagination.to_string()), (3, r#"{"limit":10}"#.to_owned()));
            return;
        };
        assert_eq!(pagination.to_string(), format!(r#"{{"limit":10,"next_cursor":"{next}"}}"#));
        query = format!("{BASE}?limit=10&org_id=a&cursor={next}");
    }
    panic!("the walk does not end with the last page");
}

#[tokio::test]
async fn a_cursor_of_another_walk_or_of_nobody_is_refused() {
    let world = TestService::new().await;
    world.fill(&CodeFixture::series(5, world.clock.now(), Duration::from_secs(1), &["a"])).await;
    let first = world.send(Call::get(&format!("{BASE}?limit=2&org_id=a&cursor="))).await.expect(200);
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    world.send(Call::get(&format!("{BASE}?org_id=a&limit=3&cursor={cursor}"))).await.expect(200);
    let mut forged = cursor.as_bytes().to_vec();
    forged[8] = if forged[8] == b'A' { b'B' } else { b'A' };
    for query in [
        format!("cursor={cursor}"),
        format!("org_id=b&cursor={cursor}"),
        format!("org_id=a&status=active&cursor={cursor}"),
        format!("org_id=a&sort=created_at&cursor={cursor}"),
        format!("org_id=a&cursor={}", String::from_utf8(forged).unwrap()),
        format!("org_id=a&cursor={}", &cursor[..10]),
        "org_id=a&cursor=%00".to_owned(),
    ] {
        let problem = world.send(Call::get(&format!("{BASE}?{query}"))).await.expect_problem(400, "invalid_parameter");
        assert_eq!(problem["errors"][0]["parameter"], "cursor", "{query}");
    }
}

#[tokio::test]
async fn links_lead_to_the_pages_around() {
    let world = TestService::new().await;
    world.fill(&CodeFixture::series(44, world.clock.now(), Duration::from_secs(1), &["a:b"])).await;
    let links = async |query: &str| world.send(Call::get(&format!("{BASE}?{query}"))).await.headers["link"].clone();
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
    let past = links("page=99&limit=50").await;
    assert!(past.contains(&at("page=1&limit=50", "prev")) && !past.contains("next"), "{past}");
    let step = world.send(Call::get(&format!("{BASE}?limit=2&cursor="))).await;
    let next = step.json()["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(step.headers["link"], at(&format!("cursor={next}&limit=2"), "next"));
    let followed: Value = world.send(Call::get(&format!("{BASE}?cursor={next}&limit=2"))).await.expect(200);
    assert_eq!(followed["data"].as_array().unwrap().len(), 2);
}
