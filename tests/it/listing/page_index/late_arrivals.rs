//! A code that appears behind a mark: found by the upkeep, logged, and corrected in place while lists are answered.

use std::time::Duration;

use dev::{CodeFixture, Fault, TestService, audit_page_indexes, logged};

use super::{SECOND, add, correct_marks, expected, late_by, mark_key, marked, marks, page, rebuild, settled_codes};

/// 450 settled codes whose marks are made, and then a code that is older than the one at position 250.
async fn late_by_200_codes() -> (TestService, Vec<CodeFixture>) {
    let (service, mut codes) = settled_codes(450, SECOND).await;
    let late = late_by(&service, Duration::from_secs(120 + 200), "o");
    add(&service, &mut codes, late).await;
    (service, codes)
}

#[tokio::test]
async fn upkeep_finds_a_late_arrival_logs_it_and_corrects_all_pages() {
    let (service, codes) = late_by_200_codes().await;
    // A process that remembers the marks as they were, and is not told of any change.
    let other = service.other_process().await;
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
    let place = |id: &String| codes.iter().rev().position(|code| code.id() == *id).unwrap_or(codes.len());
    for nth in 0.. {
        for number in [1, 5, 8, 11, 16, 22] {
            let (ids, total) = page(&service, number).await;
            assert!((451..=452).contains(&total), "{total}");
            for (nth, id) in ids.iter().enumerate() {
                assert!(place(id).abs_diff((number - 1) * 20 + nth) <= 1, "page {number}");
            }
        }
        let mut seen = 0;
        service.faults.plan(move |recorded| {
            seen += usize::from(recorded.operation == "UpdateItem");
            (seen > nth).then_some(Fault::Refused(400, "AccessDeniedException"))
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

/// A wrong mark that is older than what the upkeep counts again, as none can be, and a mark that is lost, as only a person can
/// do it: a rebuild counts the whole listing. Pages near a gap are right, but read more.
#[tokio::test]
async fn rebuild_corrects_a_wrong_mark_of_any_age_and_fills_a_gap() {
    let minute = Duration::from_secs(60);
    let (service, mut codes) = settled_codes(1_050, Duration::from_secs(10)).await;
    service.clock.advance(60 * minute);
    service.upkeep().await.unwrap();
    let late = late_by(&service, Duration::from_secs(3_720 + 9_000), "o");
    add(&service, &mut codes, late).await;
    assert_eq!(service.upkeep().await.unwrap().wrong, Vec::<String>::new());
    let (rebuilt, log) = logged(rebuild(&service, "all", minute)).await;
    assert_eq!((rebuilt.counted, rebuilt.marks_written, rebuilt.done), (1_052, 9, true));
    assert_eq!(log.iter().filter(|line| line["event"] == "late_arrival").count(), 1, "{log:#?}");
    assert_eq!(marks(&service, "all").await, correct_marks(&codes, 1_051));
    assert_eq!(page(&service, 45).await, (expected(&codes, 45), 1_052));
    let of_organisation = rebuild(&service, "org#o", minute).await;
    assert_eq!((of_organisation.counted, of_organisation.marks_written), (1_051, 9));

    let delete = service.client.delete_item().table_name(&service.table);
    delete.set_key(Some(mark_key(800))).send().await.unwrap();
    assert_eq!(page(&service, 12).await, (expected(&codes, 12), 1_052));
    let rebuilt = rebuild(&service, "all", minute).await;
    assert_eq!((rebuilt.counted, rebuilt.marks_written, rebuilt.done), (1_052, 1, true));
    audit_page_indexes(&service).await.unwrap();
}
