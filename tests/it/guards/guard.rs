//! The guards, and how to remove one: the fault injector edits each transaction before it is sent. `src/` needs no switch.

use dev::FaultInjector;
use serde_json::{Value, json};

/// The condition of one write, named by its transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guard {
    /// Every new code: no record has this id yet.
    NewRecord,
    /// Every new code: no code has this string yet.
    NewClaim,
    /// First create of a mentor: the mentor has no slot yet.
    CreateNoSlot,
    /// Create after an end: the slot holds the ended code.
    CreateSlot,
    /// Create after an expiry: the expired code's record has not ended otherwise.
    CreateOldRecord,
    /// Rotate: the slot holds the old code.
    RotateSlot,
    /// Rotate: the old code's record has not ended.
    RotateOldRecord,
    /// Invalidate: the code's record has not ended.
    InvalidateRecord,
    /// Invalidate: the slot holds the code, not ended.
    InvalidateSlot,
}

impl Guard {
    /// Whether this is the condition of that write.
    fn stands_at(self, transaction: &Value, write: &Value) -> bool {
        let part = |name: &str| write[name].is_object();
        let kind = write["Put"]["Item"]["sk"]["S"].as_str().or(write["Update"]["Key"]["sk"]["S"].as_str()).unwrap();
        let values = |write: &Value| write["Update"]["ExpressionAttributeValues"].clone();
        let ends_as = |status: &str| {
            let writes = transaction["TransactItems"].as_array().unwrap();
            writes.iter().map(values).any(|values| values[":status"]["S"] == status)
        };
        match self {
            Self::NewRecord => part("Put") && kind == "record",
            Self::NewClaim => kind == "claim",
            Self::CreateNoSlot => part("Put") && kind == "slot" && write["Put"]["ExpressionAttributeValues"].is_null(),
            Self::CreateSlot => part("Update") && kind == "slot" && !ends_as("rotated") && !ends_as("invalidated"),
            Self::CreateOldRecord => part("Update") && kind == "record" && ends_as("expired"),
            Self::RotateSlot => kind == "slot" && ends_as("rotated"),
            Self::RotateOldRecord => part("Update") && kind == "record" && ends_as("rotated"),
            Self::InvalidateRecord => kind == "record" && ends_as("invalidated"),
            Self::InvalidateSlot => kind == "slot" && ends_as("invalidated"),
        }
    }
}

/// From now on, no transaction through this injector has these guards.
pub fn remove(faults: &FaultInjector, guards: &[Guard]) {
    let guards = guards.to_vec();
    faults.edit_transactions(move |transaction| {
        let whole = transaction.clone();
        for write in transaction["TransactItems"].as_array_mut().unwrap() {
            if guards.iter().any(|guard| guard.stands_at(&whole, write)) {
                drop_condition(write.as_object_mut().unwrap().values_mut().next().unwrap());
            }
        }
    });
}

fn drop_condition(write: &mut Value) {
    let change = write["UpdateExpression"].to_string();
    let write = write.as_object_mut().unwrap();
    write.remove("ConditionExpression");
    // DynamoDB refuses a value that no expression names.
    if let Some(values) = write.get_mut("ExpressionAttributeValues").and_then(Value::as_object_mut) {
        values.retain(|name, _| change.contains(name.as_str()));
        if values.is_empty() {
            write.remove("ExpressionAttributeValues");
        }
    }
}

/// From now on, a refusal does not bring back the existing item.
pub fn hide_existing_items(faults: &FaultInjector) {
    faults.edit_transactions(|transaction| {
        for write in transaction["TransactItems"].as_array_mut().unwrap() {
            let write = write.as_object_mut().unwrap().values_mut().next().unwrap();
            write.as_object_mut().unwrap().remove("ReturnValuesOnConditionCheckFailure");
        }
    });
}

/// From now on, the table does not recognise a transaction that is sent again.
pub fn drop_tokens(faults: &FaultInjector) {
    faults.edit_transactions(|transaction| {
        transaction.as_object_mut().unwrap().remove("ClientRequestToken");
    });
}

/// From now on, an invalidation deletes the slot instead of ending the code in it.
pub fn empty_slots(faults: &FaultInjector) {
    faults.edit_transactions(|transaction| {
        let whole = transaction.clone();
        for write in transaction["TransactItems"].as_array_mut().unwrap() {
            if Guard::InvalidateSlot.stands_at(&whole, write) {
                let update = &write["Update"];
                *write = json!({ "Delete": { "TableName": update["TableName"], "Key": update["Key"] } });
            }
        }
    });
}
