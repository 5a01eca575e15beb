//! A code that appears behind a mark: found by makers that disagree, by lists, by the upkeep and by an audit, logged, and
//! mended while lists are answered.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService, audit_page_indexes, logged};
use referral_codes::model::Sources;
use referral_codes::store::{Finding, Listing, Repair};
use serde_json::Value;

use super::{codes, correct_marks, head, marks};

/// 450 settled codes whose marks are made, and then a code that is older than the one at position 250.
async fn late_by_200_codes() -> (TestService, Vec<CodeFixture>) {
    let service = TestService::new().await;
    let mut codes = codes(0, 450, service.clock.now(), Duration::from_secs(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    assert_eq!(service.upkeep().await.unwrap().marks_made, 8);
    let late = CodeFixture::at(service.clock.now() - Duration::from_secs(120 + 200), "o", "late");
    service.fill(std::slice::from_ref(&late)).await;
    codes.push(late);
    codes.sort();
    (service, codes)
}

async fn page(service: &TestService, page: usize) -> (Vec<String>, u64) {
    let answer = service.send(Call::get(&format!("{BASE}?page={page}"))).await.expect(200);
    service.finish_index_work().await;
    let ids = answer["data"].as_array().unwrap().iter().map(|code: &Value| code["id"].as_str().unwrap().to_owned());
    (ids.collect(), answer["pagination"]["total"].as_u64().unwrap())
}

/// What the page of 20 must be.
fn expected(codes: &[CodeFixture], page: usize) -> Vec<String> {
    codes.iter().rev().skip((page - 1) * 20).take(20).map(CodeFixture::id).collect()
}

#[tokio::test]
async fn upkeep_finds_a_late_arrival_logs_it_and_mends_all_pages_without_an_outage() {
    let (service, codes) = late_by_200_codes().await;
    // A process that remembers the marks as they were, and is not told of any change.
    let other = service.second_process(service.clock.reader()).await;
    for number in [1, 15] {
        page(&other, number).await;
    }
    assert_eq!(page(&service, 1).await.1, 451, "the late code is not counted");

    let (upkeep, log) = logged(service.upkeep()).await;
    let upkeep = upkeep.unwrap();
    assert_eq!((upkeep.wrong, upkeep.rebuilding, upkeep.done), (vec!["all".into(), "org#o".into()], vec![], true));
    let errors: Vec<_> = log.iter().filter(|line| line["event"] == "late_arrival").collect();
    assert_eq!(errors.len(), 2, "{log:#?}");
    assert!(errors.iter().all(|line| line["level"] == "ERROR" && line["found_by"] == "the upkeep"));
    assert_eq!((&errors[0]["listing"], &errors[0]["position"]), (&"all".into(), &"300".into()));

    assert_eq!(head(&service, "all").await, Some((2, 400)));
    assert_eq!(marks(&service, "2#all").await, correct_marks(&codes, 451));
    for process in [&service, &other] {
        for number in [15, 1, 8, 11, 22, 23] {
            let (ids, total) = page(process, number).await;
            assert_eq!(
                (&ids[..expected(&codes, number).len()], total),
                (&expected(&codes, number)[..], 452),
                "{number}"
            );
        }
    }
    let (again, log) = logged(service.upkeep()).await;
    assert_eq!((again.unwrap().wrong, log), (vec![], vec![]), "nothing is wrong any more");
    audit_page_indexes(&service).await.unwrap();
}

/// A maker that met the late code counts the next mark otherwise than one that did not, and made it before.
#[tokio::test]
async fn makers_that_disagree_notice() {
    let service = TestService::new().await;
    let codes = codes(0, 250, service.clock.now(), Duration::from_secs(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    // The one maker has put its marks, and has not moved the head yet.
    service.faults.plan(|recorded| {
        let is_head = recorded.request["Item"]["sk"]["S"] == "head";
        is_head.then_some(dev::Fault::Refused(400, "AccessDeniedException"))
    });
    page(&service, 1).await;
    assert_eq!((marks(&service, "1#all").await.len(), head(&service, "all").await), (2, None));
    service.fill(&[CodeFixture::at(service.clock.now() - Duration::from_secs(120 + 100), "o", "late")]).await;
    let other = service.second_process(service.clock.reader()).await;
    let (_, log) = logged(page(&other, 1)).await;
    let [error] = &log[..] else { panic!("{log:#?}") };
    assert_eq!((&error["event"], &error["found_by"]), (&"late_arrival".into(), &"a list that makes marks".into()));
    assert_eq!(head(&service, "all").await, Some((1, 100)), "the head does not name marks that are disputed");
    let (_, log) = logged(page(&other, 1)).await;
    assert_eq!(log, Vec::<Value>::new(), "and no list tries again to make them");
    assert_eq!(page(&other, 1).await.1, 252, "lists count without them");

    service.faults.clear_faults();
    let (upkeep, _) = logged(service.upkeep()).await;
    assert_eq!(upkeep.unwrap().wrong, ["all"]);
    assert_eq!(head(&service, "all").await, Some((2, 200)));
    audit_page_indexes(&service).await.unwrap();
}

/// A list has counted from a mark that it remembers, across a late code, to a mark that another process has made without it.
#[tokio::test]
async fn list_notices_a_wrong_mark_of_another_process_at_no_cost() {
    let service = TestService::new().await;
    service.fill(&codes(0, 150, service.clock.now(), Duration::from_secs(1))).await;
    service.clock.advance(Duration::from_secs(120));
    page(&service, 1).await;
    service.fill(&codes(150, 100, service.clock.now(), Duration::from_millis(10))).await;
    service.clock.advance(Duration::from_secs(120));
    let other = service.second_process(service.clock.reader()).await;
    page(&other, 1).await;
    assert_eq!(head(&service, "all").await, Some((1, 200)));
    let late = service.clock.now() - Duration::from_secs(120) - Duration::from_millis(700);
    service.fill(&[CodeFixture::at(late, "o", "late")]).await;
    service.faults.take();
    let ((_, total), log) = logged(page(&service, 1)).await;
    assert_eq!(total, 252, "it has counted the late code");
    let [error] = &log[..] else { panic!("{log:#?}") };
    assert_eq!((&error["event"], &error["found_by"]), (&"late_arrival".into(), &"a list".into()));
    assert_eq!(service.faults.take().len(), 3, "the head, the newest codes and the tail, as for any list");
}

/// Older than what the upkeep counts again. An audit goes through all marks, and a repair rebuilds the index.
#[tokio::test]
async fn audit_finds_a_wrong_mark_of_any_age_and_a_repair_rebuilds_the_index() {
    let service = TestService::new().await;
    let mut codes = codes(0, 1_050, service.clock.now(), Duration::from_secs(10));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(3_600));
    service.upkeep().await.unwrap();
    let late = CodeFixture::at(service.clock.now() - Duration::from_secs(3_600 + 9_000), "o", "late");
    service.fill(std::slice::from_ref(&late)).await;
    codes.push(late);
    codes.sort();
    assert_eq!(service.upkeep().await.unwrap().wrong, Vec::<String>::new());

    let miscounts = async || {
        let found = service.store.audit(None, 10_000).await.unwrap().findings;
        found.into_iter().filter(|finding| matches!(finding, Finding::MarkMiscounts { .. })).collect::<Vec<_>>()
    };
    let listing_of = |finding: &Finding| match finding {
        Finding::MarkMiscounts { listing, position } => (listing.clone(), *position),
        other => panic!("{other}"),
    };
    let found = miscounts().await;
    let o = Listing::Org(referral_codes::model::OrgId::parse("o").unwrap());
    assert_eq!(found.iter().map(listing_of).collect::<Vec<_>>(), [(Listing::All, 200), (o, 200)]);
    let sources = Sources::new(service.clock.reader(), || 0);
    for finding in &found {
        assert_eq!(service.store.repair(finding, &sources.call_context()).await.unwrap(), Repair::Done);
    }
    assert_eq!(miscounts().await, []);
    assert_eq!(marks(&service, "2#all").await, correct_marks(&codes, 1_051));
    assert_eq!(page(&service, 45).await, (expected(&codes, 45), 1_052));
}

/// A mark between others is lost. Pages near it are right, but read more. An audit finds the step without a beginning.
#[tokio::test]
async fn audit_finds_a_gap_between_marks() {
    let service = TestService::new().await;
    let codes = codes(0, 450, service.clock.now(), Duration::from_secs(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    let string = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let delete = service.client.delete_item().table_name(&service.table).key("pk", string("marks#1#all"));
    delete.key("sk", string("00000000000000000200")).send().await.unwrap();
    assert_eq!(page(&service, 12).await, (expected(&codes, 12), 451));
    let found = service.store.audit(None, 10_000).await.unwrap().findings;
    let of_marks: Vec<_> = found.into_iter().filter(|found| matches!(found, Finding::MarkMiscounts { .. })).collect();
    assert_eq!(of_marks, [Finding::MarkMiscounts { listing: Listing::All, position: 300 }]);
}
