//! Lists of a confined token: its organisation's codes, their total, their links and their cursors.

use std::time::Duration;

use dev::{BASE, Call, Reply, TestService};
use serde_json::{Value, json};

use super::fixture::{AccessFixture, COLLEAGUE, FOREIGN_MENTOR, FOREIGN_ORG, OWN_MENTOR, OWN_ORG, create, path};
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
        (&of_org, format!("code={}", fixture.code_of(own).await.to_lowercase().replace('-', "+")), vec![own]),
        (&of_org, format!("code={}", fixture.code_of(&fixture.foreign).await), vec![]),
        (&of_org, format!("code={}", fixture.code_of(&fixture.foreign).await.to_lowercase().replace('-', "")), vec![]),
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

/// A cursor belongs to what its caller may see: a property of `http::cursor` tries every pair of callers.
#[tokio::test]
async fn cursor_of_another_caller_s_list_is_refused() {
    let fixture = AccessFixture::new().await;
    let (own, admin) = (of_org("codes:read"), without_org("codes:admin"));
    for (caller, other) in [(&own, &admin), (&admin, &own)] {
        for filter in ["", "&org_id=org_own"] {
            let page = list(&fixture.guarded, &format!("limit=1&cursor={filter}"), caller).await.expect(200);
            let query = format!("limit=1&cursor={}{filter}", page["pagination"]["next_cursor"].as_str().unwrap());
            list(&fixture.guarded, &query, caller).await.expect(200);
            let refused = list(&fixture.guarded, &query, other).await.expect_problem(400, "invalid_parameter");
            assert_eq!(refused["errors"][0]["parameter"], "cursor");
        }
    }
}

/// A mentor with more codes elsewhere than a page examines: no cursor tells the place of one of those.
#[tokio::test]
async fn cursor_ends_at_no_code_elsewhere() {
    let fixture = AccessFixture::new().await;
    let start = fixture.guarded.clock.now();
    fixture.public.send(Call::delete(&path(&fixture.own))).await.expect(200);
    for nth in 0..520 {
        fixture.public.clock.set_to(start + Duration::from_secs(10 + nth));
        let id = create(&fixture.public, OWN_MENTOR, FOREIGN_ORG).await;
        fixture.public.send(Call::delete(&path(&id))).await.expect(200);
    }
    for query in [format!("mentor_id={OWN_MENTOR}&cursor="), format!("mentor_id={OWN_MENTOR}&limit=1&cursor=")] {
        let page = list(&fixture.guarded, &query, &of_org("codes:read")).await.expect(200);
        assert_eq!(ids(&page), [&fixture.own], "{query}");
        assert_eq!(page["pagination"]["next_cursor"], Value::Null, "{query}");
    }
}
