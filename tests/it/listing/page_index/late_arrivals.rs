//! A code that appears behind a mark: found by the upkeep, logged, and corrected in place while lists are answered.

use std::time::Duration;

use dev::{CodeFixture, TestService, audit_page_indexes, logged};

use super::{codes, correct_marks, expected, key, marked, marks, page, rebuild, rebuild_of};

/// 450 settled codes whose marks are made, and then a code that is older than the one at position 250.
async fn late_by_200_codes() -> (TestService, Vec<CodeFixture>) {
    let service = TestService::new().await;
    let mut codes = codes(0, 450, service.clock.now(), Duration::from_secs(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    assert_eq!(service.upkeep().await.unwrap().marks_written, 4, "those of all codes were made by the count");
    let late = CodeFixture::at(service.clock.now() - Duration::from_secs(120 + 200), "o", "late");
    service.fill(std::slice::from_ref(&late)).await;
    codes.push(late);
    codes.sort();
    (service, codes)
}

#[tokio::test]
async fn upkeep_finds_a_late_arrival_logs_it_and_corrects_all_pages() {
    let (service, codes) = late_by_200_codes().await;
    // A process that remembers the marks as they were, and is not told of any change.
    let other = service.second_process(service.clock.reader()).await;
    for number in [1, 15] {
        page(&other, number).await;
    }
    assert_eq!(page(&service, 1).await.1, 451, "the late code is not counted");

    let (upkept, log) = logged(service.upkeep()).await;
    let upkept = upkept.unwrap();
    assert_eq!((upkept.wrong, upkept.done), (vec!["all".into(), "org#o".into()], true));
    let errors: Vec<_> = log.iter().filter(|line| line["event"] == "late_arrival").collect();
    assert_eq!(errors.len(), 2, "{log:#?}");
    assert!(errors.iter().all(|line| line["level"] == "ERROR"));
    assert_eq!((&errors[0]["listing"], &errors[0]["position"]), (&"all".into(), &300.into()));

    assert_eq!(marked(&service, "all").await, Some(400));
    assert_eq!(marks(&service, "all").await, correct_marks(&codes, 451));
    for process in [&service, &other] {
        for number in [15, 1, 8, 11, 22, 23] {
            let (ids, total) = page(process, number).await;
            let expected = expected(&codes, number);
            assert_eq!((&ids[..expected.len()], total), (&expected[..], 452), "{number}");
        }
    }
    let (again, log) = logged(service.upkeep()).await;
    assert_eq!((again.unwrap().wrong, log), (vec![], vec![]), "nothing is wrong any more");
    audit_page_indexes(&service).await.unwrap();
}

/// Until the upkeep has come, and while it corrects one mark after the other, no page is off by more than the late code.
#[tokio::test]
async fn pages_are_off_by_one_code_at_most_while_marks_are_wrong() {
    let (service, codes) = late_by_200_codes().await;
    let near = async |number: usize| {
        let (ids, total) = page(&service, number).await;
        let place = |id: &String| codes.iter().rev().position(|code| code.id() == *id).unwrap_or(codes.len());
        assert!((451..=452).contains(&total), "{total}");
        for (nth, id) in ids.iter().enumerate() {
            assert!(place(id).abs_diff((number - 1) * 20 + nth) <= 1, "page {number}");
        }
    };
    for nth in 0.. {
        for number in [1, 5, 8, 11, 16, 22] {
            near(number).await;
        }
        let mut seen = 0;
        service.faults.plan(move |recorded| {
            seen += usize::from(recorded.operation == "UpdateItem");
            (seen > nth).then_some(dev::Fault::Refused(400, "AccessDeniedException"))
        });
        let upkept = service.upkeep().await;
        service.faults.clear_faults();
        if upkept.is_ok() {
            assert!(nth > 3, "{nth}");
            break;
        }
    }
    assert_eq!(page(&service, 16).await, (expected(&codes, 16), 452));
    audit_page_indexes(&service).await.unwrap();
}

/// Older than what the upkeep counts again, as no code can be: a rebuild counts the whole listing.
#[tokio::test]
async fn rebuild_corrects_a_wrong_mark_of_any_age() {
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
    let (rebuilt, log) = logged(rebuild(&service, Duration::from_secs(60))).await;
    assert_eq!((rebuilt.counted, rebuilt.marks_written, rebuilt.done), (1_052, 9, true));
    assert_eq!(log.iter().filter(|line| line["event"] == "late_arrival").count(), 1, "{log:#?}");
    assert_eq!(marks(&service, "all").await, correct_marks(&codes, 1_051));
    assert_eq!(page(&service, 45).await, (expected(&codes, 45), 1_052));
    let of_organisation = rebuild_of(&service, "org#o", Duration::from_secs(60)).await;
    assert_eq!((of_organisation.counted, of_organisation.marks_written), (1_051, 9));
    audit_page_indexes(&service).await.unwrap();
}

/// A mark between others is lost, as only a person can do it. Pages near it are right, but read more. A rebuild fills the gap.
#[tokio::test]
async fn rebuild_fills_a_gap_between_marks() {
    let service = TestService::new().await;
    let codes = codes(0, 450, service.clock.now(), Duration::from_secs(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(7_200));
    service.upkeep().await.unwrap();
    let delete = service.client.delete_item().table_name(&service.table);
    delete.set_key(Some(key("marks#all", "00000000000000000200"))).send().await.unwrap();
    assert_eq!(page(&service, 12).await, (expected(&codes, 12), 451));
    let rebuilt = rebuild(&service, Duration::from_secs(60)).await;
    assert_eq!((rebuilt.counted, rebuilt.marks_written, rebuilt.done), (451, 1, true));
    audit_page_indexes(&service).await.unwrap();
}
