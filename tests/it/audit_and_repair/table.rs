//! A table as items, and passes of audit and repair over it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
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

pub async fn put(service: &TestService, item: &Item) {
    let put = service.client.put_item().table_name(&service.table).set_item(Some(item.clone()));
    put.send().await.unwrap();
}

/// A service over a table with these items, and with ids that begin with these digits.
pub async fn restored(items: &Items, ids: &[&str]) -> TestService {
    let service = TestService::builder().in_process().ids(ids).build().await;
    for item in items.values() {
        put(&service, item).await;
    }
    service
}

/// Every finding, in parts of this many items.
pub async fn findings(service: &TestService, limit: u32) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    let mut after: Option<AuditCursor> = None;
    loop {
        let page = service.store.audit(after.as_ref(), limit).await?;
        assert!(page.examined <= limit as usize);
        for finding in page.findings {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        match page.next {
            // A cursor is kept as text between two runs.
            Some(next) => after = Some(next.to_string().parse().unwrap()),
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
            let repair = service.store.repair(&finding, &sources.call_context()).await?;
            is_done &= repair == Repair::NeedsAPerson;
            all.push((finding, repair));
        }
        if is_done {
            return Ok(all);
        }
    }
    panic!("{PASSES} passes are not enough: {all:#?}");
}
