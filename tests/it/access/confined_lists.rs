//! Lists of a confined token: its organisation's codes, their total, their links and their cursors.

use std::time::Duration;

use dev::{BASE, Call, Reply, TestService, create_body};
use serde_json::{Value, json};

use super::tokens::{of_mentor, of_org, without_org};
use super::world::{COLLEAGUE, FOREIGN_MENTOR, FOREIGN_ORG, OWN_MENTOR, OWN_ORG, World, create, path};

async fn list(service: &TestService, query: &str, claims: &Value) -> Reply {
    service.send(Call::get(&format!("{BASE}?{query}")).claims(claims)).await
}

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|code| code["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn list_and_total_are_of_the_organisation_or_the_mentor() {
    let world = World::new().await;
    let (own, colleague) = (world.own.as_str(), world.colleague.as_str());
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
        (&of_org, format!("code={}", world.code_of(own).await), vec![own]),
        (&of_org, format!("code={}", world.code_of(own).await.to_lowercase().replace('-', "+")), vec![own]),
        (&of_org, format!("code={}", world.code_of(&world.foreign).await), vec![]),
        (&of_org, format!("code={}", world.code_of(&world.foreign).await.to_lowercase().replace('-', "")), vec![]),
        (&of_mentor, String::new(), vec![own]),
        (&of_mentor, org_and_mentor, vec![own]),
        (&of_mentor, "status=active".into(), vec![own]),
        (&of_mentor, format!("code={}", world.code_of(own).await), vec![own]),
        (&of_mentor, format!("code={}", world.code_of(colleague).await), vec![]),
    ] {
        let page = list(&world.guarded, &query, claims).await.expect(200);
        assert_eq!(ids(&page), expected, "{query}");
        assert_eq!(page["pagination"]["total"], expected.len(), "{query}");
        let page = list(&world.guarded, &format!("{query}&cursor="), claims).await.expect(200);
        assert_eq!((ids(&page), page["pagination"].clone()), (expected, json!({ "limit": 20 })), "{query}");
    }
    let all = list(&world.guarded, "", &without_org("codes:admin")).await.expect(200);
    assert_eq!(all["pagination"]["total"], 6);
}

/// The links of a page are those of the request: they name no organisation that the client did not.
#[tokio::test]
async fn links_lead_to_the_same_list_and_stay_within_it() {
    let world = World::new().await;
    let claims = of_org("codes:read");
    let reply = list(&world.guarded, "limit=1&page=1", &claims).await;
    assert_eq!(
        reply.headers["link"],
        format!(
            "<{BASE}?page=1&limit=1>; rel=\"first\", <{BASE}?page=2&limit=1>; rel=\"next\", <{BASE}?page=2&limit=1>; rel=\"last\""
        )
    );
    let second = list(&world.guarded, "page=2&limit=1", &claims).await.expect(200);
    assert_eq!(ids(&second), [&world.own]);
    assert_eq!(ids(&list(&world.guarded, "page=3&limit=1", &claims).await.expect(200)), Vec::<&str>::new());
}

/// A cursor belongs to what its caller may see: to no other organisation's, to no admin's, and theirs not to this one.
#[tokio::test]
async fn cursor_of_another_caller_s_list_is_refused() {
    let world = World::new().await;
    world.public.send(Call::post(BASE, &create_body("mtr_foreign_4", FOREIGN_ORG))).await.expect(201);
    let callers = [
        of_org("codes:read"),
        of_mentor("codes:read"),
        json!({ "scope": "codes:read", "org_id": FOREIGN_ORG }),
        json!({ "scope": "codes:read", "org_id": OWN_ORG, "mentor_id": COLLEAGUE }),
        without_org("codes:admin"),
    ];
    world.public.send(Call::delete(&path(&world.own))).await.expect(200);
    for mentor in [OWN_MENTOR, COLLEAGUE] {
        world.public.send(Call::post(BASE, &create_body(mentor, OWN_ORG))).await;
    }
    let mut cursors = Vec::new();
    for caller in &callers {
        let page = list(&world.guarded, "limit=1&cursor=", caller).await.expect(200);
        // The colleague has one code only, and so no second page.
        cursors.push(page["pagination"]["next_cursor"].as_str().map(str::to_owned));
    }
    assert_eq!(cursors.iter().flatten().count(), 4, "{cursors:?}");
    for (nth, cursor) in cursors.iter().enumerate() {
        let Some(cursor) = cursor else { continue };
        for (other, caller) in callers.iter().enumerate() {
            let reply = list(&world.guarded, &format!("limit=1&cursor={cursor}"), caller).await;
            if nth == other {
                reply.expect(200);
            } else {
                assert_eq!(reply.expect_problem(400, "invalid_parameter")["errors"][0]["parameter"], "cursor");
            }
        }
    }
    // An admin's list of one organisation is not that organisation's own list.
    let query = format!("limit=1&org_id={OWN_ORG}&cursor=");
    let page = list(&world.guarded, &query, &callers[4]).await.expect(200);
    let query = format!("{query}{}", page["pagination"]["next_cursor"].as_str().unwrap());
    list(&world.guarded, &query, &callers[0]).await.expect_problem(400, "invalid_parameter");
}

/// A mentor with more codes elsewhere than a page examines: no cursor tells the place of one of those.
#[tokio::test]
async fn cursor_ends_at_no_code_elsewhere() {
    let world = World::new().await;
    let start = world.guarded.clock.now();
    world.public.send(Call::delete(&path(&world.own))).await.expect(200);
    for nth in 0..520 {
        world.public.clock.set_to(start + Duration::from_secs(10 + nth));
        let id = create(&world.public, OWN_MENTOR, FOREIGN_ORG).await;
        world.public.send(Call::delete(&path(&id))).await.expect(200);
    }
    for query in [format!("mentor_id={OWN_MENTOR}&cursor="), format!("mentor_id={OWN_MENTOR}&limit=1&cursor=")] {
        let page = list(&world.guarded, &query, &of_org("codes:read")).await.expect(200);
        assert_eq!(ids(&page), [&world.own], "{query}");
        assert_eq!(page["pagination"]["next_cursor"], Value::Null, "{query}");
    }
}
