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

/// A link to a place on the page, or to a file.
#[test]
fn runbook_links_lead_somewhere() {
    let runbook = runbook();
    let anchor = |heading: &str| {
        let kept = heading.to_lowercase().replace(' ', "-");
        kept.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect::<String>()
    };
    let headings = |text: &str| -> BTreeSet<String> {
        let lines = text.lines().filter(|line| line.starts_with('#'));
        lines.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
    };
    let links = runbook.split("](").skip(1).map(|rest| rest.split_once(')').unwrap().0);
    for link in links.filter(|link| !link.starts_with("https://docs.aws.amazon.com/")) {
        let (file, place) = link.split_once('#').unwrap_or((link, ""));
        let text = if file.is_empty() {
            runbook.clone()
        } else {
            let path = format!("{}/docs/{file}", env!("CARGO_MANIFEST_DIR"));
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{link}: {error}"))
        };
        assert!(place.is_empty() || headings(&text).contains(place), "{link}: no such heading");
    }
}
