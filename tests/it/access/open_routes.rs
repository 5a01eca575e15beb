//! The routes that take no token: short links, their QR codes, and the description of the API. They tell no id, mentor or
//! organisation, whoever asks.

use super::fixture::{AccessFixture, FOREIGN_MENTOR, FOREIGN_ORG, guarded, path};
use super::tokens::{of_mentor, of_org, without_org};
use dev::{Call, Kind, Reply, rotate_body};

const FORMS: [&str; 2] = ["application/json", "text/html"];

/// The answers to a link and its picture, in each form.
async fn answers(fixture: &AccessFixture, link: &str, call: impl Fn(Call) -> Call) -> Vec<Reply> {
    let mut replies = Vec::new();
    for accept in FORMS {
        for picture in ["", ".svg"] {
            let get = Call::get(&format!("{link}{picture}")).header("accept", accept);
            replies.push(fixture.guarded.send(call(get)).await);
        }
    }
    replies
}

#[tokio::test]
async fn short_link_leads_on_without_a_token_and_with_any() {
    let fixture = AccessFixture::new().await;
    for (id, statuses) in [
        (&fixture.own, [200, 200, 302, 200]),
        (&fixture.foreign, [200, 200, 302, 200]),
        (&fixture.foreign_rotated, [410; 4]),
        (&fixture.foreign_invalidated, [410; 4]),
    ] {
        let link = format!("/r/{}", fixture.code_of(id).await);
        for kind in Kind::ALL {
            let without = answers(&fixture, &link, |call| call.kind(kind)).await;
            assert_eq!(without.iter().map(|reply| reply.status).collect::<Vec<_>>(), statuses, "{kind:?} {link}");
            for claims in [of_org("openid"), of_mentor("codes:write"), without_org("codes:admin")] {
                let with = answers(&fixture, &link, |call| call.kind(kind).claims(&claims)).await;
                assert_eq!(with, without, "{claims} {link}");
            }
        }
    }
}

/// In its grace a rotated code leads on. That it does is all that the answer tells.
#[tokio::test]
async fn short_link_in_its_grace_tells_the_new_code_and_no_id_mentor_or_organisation() {
    let fixture = AccessFixture::over(guarded().setting("ROTATED_GRACE_DAYS", "30").build().await).await;
    let first = fixture.code_of(&fixture.foreign).await;
    let rotation = Call::put(&path(&fixture.foreign), &rotate_body(FOREIGN_MENTOR));
    let second = fixture.public.send(rotation).await.expect(200);
    let mut replies = answers(&fixture, &format!("/r/{first}"), |call| call).await;
    assert_eq!(replies[0].json()["code"], second["code"]);
    let invalidated = fixture.code_of(&fixture.foreign_invalidated).await;
    replies.extend(answers(&fixture, &format!("/r/{invalidated}"), |call| call).await);
    let new_id = second["id"].as_str().unwrap();
    for secret in [&fixture.foreign, &fixture.foreign_invalidated, new_id, FOREIGN_MENTOR, FOREIGN_ORG] {
        assert!(replies.iter().all(|reply| !format!("{reply:?}").contains(secret)), "{secret}: {replies:?}");
    }
}
