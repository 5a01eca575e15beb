//! Lists of a confined token: its organisation's codes, their total, their links and their cursors.

use std::time::Duration;

use dev::{BASE, Call, Reply, TestService};
use serde_json::{Value, json};

use super::fixture::{AccessFixture, COLLEAGUE, FOREIGN_MENTOR, FOREIGN_ORG, OWN_MENTOR, OWN_ORG, path};
use super::tokens::{of_mentor, of_org, without_org};

async fn list(service: &TestService, query: &str, claims: &Value) -> Reply {
    service.send(Call::get(&format!("{BASE}?{query}")).claims(claims)).await
}

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|code| code["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn list_and_total_are_of_the_organisation_or_the_mentor() {
    let fixture = AccessFixture::new().await;
    let (own, colleague) = (fixture.own.as_str(), fixture.colleague.as_str());
    let (of_org, of_mentor) = (of_org("codes:read"), of_mentor("codes:read"));
    let org_and_mentor = format!("org_id={OWN_ORG}&mentor_id={OWN_MENTOR}");
    for (claims, query, expected) in [
        (&of_org, String::new(), vec![colleague, own]),
        (&of_org, format!("org_id={OWN_ORG}"), vec![colleague, own]),
        (&of_org, "sort=created_at".into(), vec![own, colleague]),
        (&of_org, "status=active".into(), vec![colleague, own]),
        (&of_org, "status=rotated".into(), vec![]),
        (&of_org, "status=invalidated".into(), vec![]),
        (&of_org, format!("mentor_id={COLLEAGUE}"), vec![colleague]),
        (&of_org, format!("mentor_id={FOREIGN_MENTOR}"), vec![]),
        (&of_org, format!("mentor_id={FOREIGN_MENTOR}&status=active"), vec![]),
        (&of_org, format!("code={}", fixture.code_of(own).await), vec![own]),
        (&of_org, format!("code={}", fixture.code_of(&fixture.foreign).await), vec![]),
        (&of_mentor, String::new(), vec![own]),
        (&of_mentor, org_and_mentor, vec![own]),
        (&of_mentor, "status=active".into(), vec![own]),
        (&of_mentor, format!("code={}", fixture.code_of(own).await), vec![own]),
        (&of_mentor, format!("code={}", fixture.code_of(colleague).await), vec![]),
    ] {
        let reply = list(&fixture.guarded, &query, claims).await;
        let page = reply.expect(200);
        assert_eq!(ids(&page), expected, "{query}");
        assert_eq!(page["pagination"]["total"], expected.len(), "{query}");
        // The links name no organisation that the client did not.
        assert_eq!(reply.headers["link"].contains("org_"), query.contains("org_"), "{query}: {reply:?}");
        let page = list(&fixture.guarded, &format!("{query}&cursor="), claims).await.expect(200);
        assert_eq!((ids(&page), page["pagination"].clone()), (expected, json!({ "limit": 20 })), "{query}");
    }
    let all = list(&fixture.guarded, "", &without_org("codes:admin")).await.expect(200);
    assert_eq!(all["pagination"]["total"], 6);
}

/// A mentor with more codes elsewhere than a page examines: no cursor tells the place of one of those.
#[tokio::test]
#[ignore = "long: 520 rotations"]
async fn long_cursor_ends_at_no_code_elsewhere() {
    let fixture = AccessFixture::new().await;
    let start = fixture.guarded.clock.now();
    fixture.public.send(Call::delete(&path(&fixture.own))).await.expect(200);
    fixture.public.clock.set_to(start + Duration::from_secs(10));
    let mut code = fixture.public.create(OWN_MENTOR, FOREIGN_ORG).await;
    for _ in 0..520 {
        fixture.public.clock.advance(Duration::from_secs(1));
        code = fixture.public.rotate(&code).await;
    }
    for query in [format!("mentor_id={OWN_MENTOR}&cursor="), format!("mentor_id={OWN_MENTOR}&limit=1&cursor=")] {
        let page = list(&fixture.guarded, &query, &of_org("codes:read")).await.expect(200);
        assert_eq!(ids(&page), [&fixture.own], "{query}");
        assert_eq!(page["pagination"]["next_cursor"], Value::Null, "{query}");
    }
}
