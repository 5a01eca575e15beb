//! A table as items, and passes of audit and repair over it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use dev::TestService;
use referral_codes::model::Sources;
use referral_codes::store::{AuditCursor, Finding, Repair, StoreError};

pub type Item = HashMap<String, AttributeValue>;

/// Items by partition key and sort key.
pub type Items = BTreeMap<(String, String), Item>;

/// How many passes a table may need until an audit finds nothing. A pass repairs what it meets. What a repair brings
/// back, and what a missing page had listed, can need another one.
const PASSES: usize = 8;

pub fn key_of(item: &Item) -> (String, String) {
    let part = |name: &str| item[name].as_s().unwrap().clone();
    (part("pk"), part("sk"))
}

/// Every item of a table.
pub async fn dump(service: &TestService) -> Items {
    let mut items = Items::new();
    let mut from = None;
    loop {
        let scan = service.client.scan().table_name(&service.table).consistent_read(true);
        let answer = scan.set_exclusive_start_key(from).send().await.unwrap();
        items.extend(answer.items().iter().map(|item| (key_of(item), item.clone())));
        from = answer.last_evaluated_key;
        if from.is_none() {
            return items;
        }
    }
}

/// A service over a table with these items, and with ids that begin with these digits.
pub async fn restored(items: &Items, ids: &[&str]) -> TestService {
    let service = TestService::builder().in_process().ids(ids).build().await;
    restore(&service, items).await;
    service
}

/// Puts and deletes items until the table has these and no other.
pub async fn restore(service: &TestService, items: &Items) {
    let there = dump(service).await;
    let differing = items.iter().filter(|(key, item)| there.get(*key) != Some(*item));
    let puts = differing.map(|(_, item)| {
        let put = PutRequest::builder().set_item(Some(item.clone())).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    });
    let deletions = there.iter().filter(|(key, _)| !items.contains_key(*key)).map(|(_, item)| {
        let key = ["pk", "sk"].map(|name| (name.to_owned(), item[name].clone()));
        let delete = DeleteRequest::builder().set_key(Some(key.into())).build().unwrap();
        WriteRequest::builder().delete_request(delete).build()
    });
    for batch in puts.chain(deletions).collect::<Vec<_>>().chunks(25) {
        let written =
            service.client.batch_write_item().request_items(&service.table, batch.to_vec()).send().await.unwrap();
        assert!(written.unprocessed_items.is_none_or(|left| left.is_empty()));
    }
}

/// Every finding, in parts of this many items.
pub async fn findings(service: &TestService, limit: u32) -> Result<Vec<Finding>, StoreError> {
    let sources = Sources::new(service.clock.reader(), || 0);
    let mut findings = Vec::new();
    let mut after: Option<AuditCursor> = None;
    loop {
        let page = service.store.auditor().audit(after.as_ref(), limit, &sources.call_context()).await?;
        assert!(page.examined <= limit as usize);
        for finding in page.findings {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        match page.next {
            // A cursor is kept as text between two runs.
            Some(next) => after = Some(next.to_string().try_into().unwrap()),
            None => return Ok(findings),
        }
    }
}

/// Audits and repairs until an audit finds nothing more that a repair can do.
pub async fn repair_all(service: &TestService, limit: u32) -> Result<Vec<(Finding, Repair)>, StoreError> {
    let mut all = Vec::new();
    for _ in 0..PASSES {
        let mut is_done = true;
        for finding in findings(service, limit).await? {
            let sources = Sources::new(service.clock.reader(), || 0);
            let repair = service.store.auditor().repair(&finding, &sources.call_context()).await?;
            is_done &= repair == Repair::NeedsAPerson;
            all.push((finding, repair));
        }
        if is_done {
            return Ok(all);
        }
    }
    panic!("{PASSES} passes are not enough: {all:#?}");
}
