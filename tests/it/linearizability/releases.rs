//! Histories of two releases, as a canary runs them: the second one adds attributes that the first one does not know.
//!
//! A release keeps what it does not know: a slot that the first one writes still has the attribute that the second one has put
//! there. Records and claims are never written anew.

use dev::simulated;
use serde_json::{Value, json};

use super::histories::{Processes, Trouble};
use crate::audit_and_repair::table::{Item, dump};

/// An attribute of every item and, in a slot, of the code that it holds. It names the release.
const ATTRIBUTE: &str = "added_by_release_2";

/// From now on, this release's transactions add the attribute to every new item, and to the slot that they change.
fn add_attributes(transaction: &mut Value) {
    for write in transaction["TransactItems"].as_array_mut().unwrap() {
        if let Some(item) = write.pointer_mut("/Put/Item").and_then(Value::as_object_mut) {
            item.insert(ATTRIBUTE.into(), json!({ "S": "new" }));
        }
        for held in ["/Put/Item/held/M", "/Update/ExpressionAttributeValues/:held/M"] {
            if let Some(held) = write.pointer_mut(held) {
                held[ATTRIBUTE] = json!({ "S": "new" });
            }
        }
        if write.pointer("/Update/ExpressionAttributeValues/:held").is_some() {
            let change = write["Update"]["UpdateExpression"].as_str().unwrap();
            write["Update"]["UpdateExpression"] = format!("{change}, {ATTRIBUTE} = :added").into();
            write["Update"]["ExpressionAttributeValues"][":added"] = json!({ "S": "new" });
        }
    }
}

/// One history. Fails, too, if an attribute of the second release is lost.
pub fn history(seed: u64) -> Result<(), String> {
    simulated(seed, async {
        let processes = Processes::start(seed, Trouble::ALL).await;
        let [first, second] = &processes.processes;
        second.faults.edit_transactions(add_attributes);
        processes.history(seed).await?;
        let items = dump(first).await;
        // The second release has made these codes. So it has written their claims and the slots in the same transactions.
        let by_second = items.iter().filter(|((_, sk), item)| sk == "record" && item.contains_key(ATTRIBUTE));
        for ((pk, _), record) in by_second {
            let name = |attribute: &str| record[attribute].as_s().unwrap();
            let claim = &items[&(format!("code#{}", name("code")), "claim".to_owned())];
            let slot = &items[&(format!("mentor#{}", name("mentor_id")), "slot".to_owned())];
            let held = slot["held"].as_m().unwrap();
            let is_kept = |item: &Item| item.contains_key(ATTRIBUTE);
            let is_held = pk.ends_with(held["id"].as_s().unwrap());
            if !is_kept(claim) || !is_kept(slot) || (is_held && !is_kept(held)) {
                return Err(format!("an attribute is lost: {record:?}, {claim:?}, {slot:?}"));
            }
        }
        Ok(())
    })
}
