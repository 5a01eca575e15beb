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
    /// The guard that is the condition of this write.
    fn of(transaction: &Value, write: &Value) -> Self {
        let kind = write["Put"]["Item"]["sk"]["S"].as_str().or(write["Update"]["Key"]["sk"]["S"].as_str()).unwrap();
        let writes = transaction["TransactItems"].as_array().unwrap().iter();
        let mut ends_as =
            writes.filter_map(|write| write["Update"]["ExpressionAttributeValues"][":status"]["S"].as_str());
        match (write["Put"].is_object(), kind, ends_as.next_back()) {
            (true, "record", _) => Self::NewRecord,
            (true, "claim", _) => Self::NewClaim,
            (true, _, _) => Self::CreateNoSlot,
            (false, "slot", Some("rotated")) => Self::RotateSlot,
            (false, "slot", Some("invalidated")) => Self::InvalidateSlot,
            (false, "slot", _) => Self::CreateSlot,
            (false, _, Some("rotated")) => Self::RotateOldRecord,
            (false, _, Some("invalidated")) => Self::InvalidateRecord,
            (false, _, _) => Self::CreateOldRecord,
        }
    }
}

/// From now on, this is done to each write of a transaction through this injector.
fn edit_writes(faults: &FaultInjector, edit: impl Fn(&Value, &mut Value) + Send + Sync + 'static) {
    faults.edit_transactions(move |transaction| {
        let whole = transaction.clone();
        transaction["TransactItems"].as_array_mut().unwrap().iter_mut().for_each(|write| edit(&whole, write));
    });
}

/// From now on, no transaction through this injector has these guards.
pub fn remove(faults: &FaultInjector, guards: &[Guard]) {
    let guards = guards.to_vec();
    edit_writes(faults, move |transaction, write| {
        if guards.contains(&Guard::of(transaction, write)) {
            drop_condition(write.as_object_mut().unwrap().values_mut().next().unwrap());
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
    edit_writes(faults, |_, write| {
        let write = write.as_object_mut().unwrap().values_mut().next().unwrap();
        write.as_object_mut().unwrap().remove("ReturnValuesOnConditionCheckFailure");
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
    edit_writes(faults, |transaction, write| {
        if Guard::of(transaction, write) == Guard::InvalidateSlot {
            let update = &write["Update"];
            *write = json!({ "Delete": { "TableName": update["TableName"], "Key": update["Key"] } });
        }
    });
}
