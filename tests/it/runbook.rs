//! docs/runbook.md compared with the template: a section for each alarm, and none for an alarm that is not there. The
//! deployment test runs its commands (`tests/deployment/test_runbook.py`).

use std::collections::BTreeSet;

use dev::template;

fn runbook() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/runbook.md")).unwrap()
}

/// The headings below `## The alarms`, each of which may name several, with their text.
fn alarm_sections() -> Vec<(String, String)> {
    let runbook = runbook();
    let (_, alarms) = runbook.split_once("\n## The alarms\n").unwrap();
    let sections = alarms.split("\n### ").skip(1).map(|section| section.split_once('\n').unwrap());
    sections.map(|(heading, text)| (heading.to_owned(), text.to_owned())).collect()
}

#[test]
fn runbook_has_a_section_for_every_alarm_and_for_no_other() {
    let resources = template::template()["Resources"].as_mapping().unwrap().clone();
    let alarms = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm");
    let alarms: BTreeSet<String> = alarms.map(|(name, _)| name.as_str().unwrap().to_owned()).collect();
    let mut described = BTreeSet::new();
    for (heading, _) in alarm_sections() {
        for alarm in heading.split(", ") {
            assert!(described.insert(alarm.to_owned()), "{alarm} has two sections");
        }
    }
    assert_eq!(described, alarms);
}

#[test]
fn runbook_says_of_every_alarm_what_it_means_what_to_look_at_and_what_to_do() {
    for (heading, text) in alarm_sections() {
        let parts: Vec<_> = ["*Means:* ", "\n*Look at* ", "\n*Do:* "].map(|part| text.find(part)).into();
        assert!(parts.iter().all(Option::is_some) && parts.is_sorted(), "{heading}: {parts:?}");
        assert!(text.contains("```sh\n"), "{heading}: no command shows what to look at");
    }
}
