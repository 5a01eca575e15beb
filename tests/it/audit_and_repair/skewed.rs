//! A backup that lacks parts of several changes: each item is as it was after one of a mentor's last changes.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{TestService, audit, seeds, simulated};

use super::table::{Item, Items, dump, findings, repair_all, restored};
use crate::linearizability::clients::Callers;
use crate::linearizability::history::Request;

/// How many of the last changes an item may lack.
const SKEW: usize = 3;

/// A table after each of a mentor's changes.
async fn history(seed: u64) -> Vec<Items> {
    let service = TestService::builder().in_process().scarce_ids(seed).build().await;
    let mut rng = fastrand::Rng::with_seed(seed);
    let callers = Callers::new(&service, "m");
    let mut tables = vec![dump(&service).await];
    let start = service.clock.now();
    for nth in 0..rng.u64(1..20) {
        // Each change is made by a process whose clock is up to 5 s off.
        service.clock.set_to(start + Duration::from_secs(nth + rng.u64(0..=10)));
        let soon = service.clock.text_in(Duration::from_secs(rng.u64(1..4)));
        let request = match callers.known().pop() {
            Some(id) if rng.u8(0..3) > 0 => Request::Put(id),
            Some(id) if rng.u8(0..3) == 0 => Request::Delete(id),
            _ => Request::Post { org: "org".into(), expires_at: rng.bool().then_some(soon) },
        };
        callers.send(request).await;
        tables.push(dump(&service).await);
    }
    tables
}

/// Every code string that an item names.
fn strings(items: &Items) -> BTreeSet<String> {
    let text = format!("{items:?}");
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(|word| word.contains("-VERV-")).map(str::to_owned).collect()
}

/// The ids of the codes that a record or a slot calls ended.
fn ended(items: &Items) -> BTreeSet<String> {
    let is_ended = |code: &Item| code.get("status").is_some_and(|status| status.as_s().unwrap() != "active");
    let mut ended = BTreeSet::new();
    for ((pk, sk), item) in items {
        if sk == "record" && is_ended(item) {
            ended.insert(pk.trim_start_matches("id#").to_owned());
        }
        if let Some(AttributeValue::M(held)) = item.get("held").filter(|held| is_ended(held.as_m().unwrap())) {
            ended.insert(held["id"].as_s().unwrap().clone());
        }
    }
    ended
}

#[test]
fn parts_of_several_changes_are_repaired() {
    let mut damaged = 0;
    for seed in seeds(16) {
        simulated(seed, async {
            let tables = history(seed).await;
            let last = tables.len() - 1;
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut items = Items::new();
            for key in tables[last].keys() {
                let table = rng.usize(last.saturating_sub(SKEW)..=last);
                items.extend(tables[table].get(key).map(|item| (key.clone(), item.clone())));
            }
            let service = restored(&items, &[]).await;
            service.clock.set("2026-01-11T09:00:00Z");
            damaged += usize::from(!findings(&service, 1_000).await.unwrap().is_empty());
            let repairs = repair_all(&service, 1_000).await.unwrap();
            let what = || format!("seed {seed}, repairs {repairs:#?}");
            assert_eq!(findings(&service, 1_000).await.unwrap(), [], "{}", what());
            audit(&service).await.unwrap_or_else(|error| panic!("{error}: {}", what()));

            let repaired = dump(&service).await;
            assert_eq!(repair_all(&service, 2).await.unwrap(), [], "{}", what());
            assert_eq!(dump(&service).await, repaired, "{}", what());
            for string in strings(&items) {
                let claim = (format!("code#{string}"), "claim".to_owned());
                assert!(repaired.contains_key(&claim), "{string} is free: {}", what());
            }
            assert!(ended(&items).is_subset(&ended(&repaired)), "{}", what());
        });
    }
    assert!(damaged > 8 || std::env::var_os("TEST_SEED").is_some(), "{damaged} tables were damaged");
}
