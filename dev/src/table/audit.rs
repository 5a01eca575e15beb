//! An audit of every item in the table: do records, claims and slots agree?
//!
//! The invariants are those of `src/lib.rs` and `src/store/mod.rs`, checked on the items themselves.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::service::TestService;

type Item = HashMap<String, AttributeValue>;

/// Checks the invariants over the whole table.
///
/// # Errors
/// With the first contradiction.
pub async fn audit(service: &TestService) -> Result<(), String> {
    let mut kinds: BTreeMap<String, BTreeMap<String, Item>> = BTreeMap::new();
    let mut from = None;
    loop {
        let scan = service.client.scan().table_name(&service.table).consistent_read(true).set_exclusive_start_key(from);
        let found = scan.send().await.unwrap();
        for item in found.items() {
            let name = text(item, "pk").split_once('#').unwrap().1.to_owned();
            let mut item = item.clone();
            if let Some(AttributeValue::M(held)) = item.remove("held") {
                item.extend(held);
            }
            kinds.entry(text(&item, "sk").to_owned()).or_default().insert(name, item);
        }
        from = found.last_evaluated_key;
        if from.is_none() {
            break;
        }
    }
    let [records, claims, slots] = ["record", "claim", "slot"].map(|kind| kinds.remove(kind).unwrap_or_default());

    for (id, record) in &records {
        let mentor = text(record, "mentor_id");
        let held = slots.get(mentor).filter(|slot| text(slot, "status") == "active").map(|slot| text(slot, "id"));
        if (text(record, "status") == "active") != (held == Some(id)) {
            return Err(format!("{id} is {} while the slot of {mentor} holds {held:?}", text(record, "status")));
        }
        if claims.get(text(record, "code")).map(|claim| text(claim, "id")) != Some(id) {
            return Err(format!("{id} has no claim on {}", text(record, "code")));
        }
        if ["rotated", "expired"].contains(&text(record, "status")) {
            let successor = records.get(text(record, "successor_id"));
            if successor.map(|successor| text(successor, "previous_id")) != Some(id) {
                return Err(format!("{id} and its successor {} disagree", text(record, "successor_id")));
            }
        }
    }
    for (code, claim) in &claims {
        if records.get(text(claim, "id")).map(|record| text(record, "code")) != Some(code) {
            return Err(format!("{code} is claimed by {}, which is not its record", text(claim, "id")));
        }
    }
    for (mentor, slot) in &slots {
        let record = records.get(text(slot, "id"));
        if record.is_none_or(|record| {
            ["ulid", "org_id", "code", "status", "ended_at", "previous_id"]
                .iter()
                .any(|name| record.get(*name) != slot.get(*name))
        }) {
            return Err(format!("the slot of {mentor} holds {}, which is not its record", text(slot, "id")));
        }
    }
    Ok(())
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}
