//! Filters, alone and together, against a look at every code.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService, create_body, rotate_body};
use serde_json::{Value, json};

/// Codes of every status, of three organisations and a few mentors; newest first.
async fn some_of_everything(world: &TestService) -> Vec<Value> {
    for nth in 0..24 {
        world.clock.advance(Duration::from_secs(1));
        let mut body = create_body(&format!("m{}", nth % 7), ["a", "b", "c"][nth % 7 % 3]);
        if nth % 5 == 0 {
            body["expires_at"] = json!("2026-01-10T09:00:30Z");
        }
        let code = world.send(Call::post(BASE, &body)).await.json();
        let path = format!("{BASE}/{}", code["id"].as_str().unwrap());
        match nth % 3 {
            0 => drop(world.send(Call::put(&path, &rotate_body(&format!("m{}", nth % 7)))).await),
            1 => drop(world.send(Call::delete(&path)).await),
            _ => {}
        }
    }
    world.clock.advance(Duration::from_secs(60));
    let all = world.send(Call::get(&format!("{BASE}?limit=100"))).await.expect(200);
    all["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_combination_lists_what_fits_and_counts_it() {
    let world = TestService::new().await;
    let all = some_of_everything(&world).await;
    for status in ["active", "rotated", "invalidated", "expired"] {
        assert!(all.iter().any(|code| code["status"] == status), "no {status} code to look for");
    }
    let sample = &all[all.len() / 2];
    let options = |name: &str, values: &[&str]| {
        let mut options = vec![None];
        options.extend(values.iter().map(|value| Some((name.to_owned(), (*value).to_owned()))));
        options
    };
    for org in options("org_id", &["a", "b", "none"]) {
        for mentor in options("mentor_id", &["m1", "m3", "none"]) {
            for status in options("status", &["active", "rotated", "invalidated", "expired"]) {
                for code in options("code", &[sample["code"].as_str().unwrap(), "JAN-VERV-0000"]) {
                    let given: Vec<_> = [&org, &mentor, &status, &code].into_iter().flatten().collect();
                    let fits = |code: &&Value| given.iter().all(|(name, value)| code[name] == **value);
                    let mut expected: Vec<_> = all.iter().filter(fits).cloned().collect();
                    let query: Vec<_> = given.iter().map(|(name, value)| format!("&{name}={value}")).collect();
                    let query = query.concat();
                    let answer = world.send(Call::get(&format!("{BASE}?limit=100{query}"))).await.expect(200);
                    assert_eq!(answer["data"], json!(expected), "{query}");
                    assert_eq!(answer["pagination"]["total"], expected.len(), "{query}");

                    let second = format!("{BASE}?limit=2&page=2&sort=created_at{query}");
                    let answer = world.send(Call::get(&second)).await.expect(200);
                    expected.reverse();
                    let page: Vec<_> = expected.iter().skip(2).take(2).cloned().collect();
                    assert_eq!(answer["data"], json!(page), "{second}");
                    assert_eq!(answer["pagination"]["total"], expected.len(), "{second}");
                }
            }
        }
    }
}

#[tokio::test]
async fn filters_are_checked() {
    let world = TestService::new().await;
    for (query, parameter) in [
        ("org_id=a%20b", "org_id"),
        ("org_id=", "org_id"),
        ("mentor_id=a/b", "mentor_id"),
        ("status=gone", "status"),
        ("status=active&status=active", "status"),
        ("code=JAN", "code"),
        ("code=jan-VERV-8F3A", "code"),
        ("sort=code", "sort"),
        ("cursor=x", "cursor"),
        ("cursor=&page=1", "page"),
    ] {
        let problem = world.send(Call::get(&format!("{BASE}?{query}"))).await.expect_problem(400, "invalid_parameter");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{query}");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{query}");
    }
}

/// A status cannot be numbered over too many codes; the answer says what to do instead, and that works.
#[tokio::test]
async fn past_the_bound_a_status_is_walked_not_numbered() {
    let world = TestService::new().await;
    world.fill(&CodeFixture::series(2_000, world.clock.now(), Duration::from_millis(1), &["big"])).await;
    world.send(Call::get(&format!("{BASE}?status=active&org_id=big"))).await.expect(200);
    let refused =
        world.send(Call::get(&format!("{BASE}?status=active"))).await.expect_problem(400, "invalid_parameter");
    assert!(refused["errors"][0]["detail"].as_str().unwrap().contains("cursor"), "{refused}");

    let (mut cursor, mut met) = (String::new(), 0);
    loop {
        let answer =
            world.send(Call::get(&format!("{BASE}?status=active&limit=100&cursor={cursor}"))).await.expect(200);
        met += answer["data"].as_array().unwrap().len();
        match answer["pagination"]["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(met, 2_001);
}
