//! An audit of every item in the table: do records, claims, slots, pages of earlier codes and page marks agree?
//!
//! The invariants are those of `src/lib.rs` and `src/store/mod.rs`, checked on the items themselves. It shares no code with
//! the service's own audit, and is as strict; but it reads a table at rest.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use ulid::Ulid;

use crate::service::TestService;

type Item = HashMap<String, AttributeValue>;
type Kind = BTreeMap<String, Item>;

/// How many earlier codes a full slot has.
const FULL: usize = 14;

/// Checks the invariants over the whole table.
///
/// # Errors
/// With the first contradiction.
pub async fn audit(service: &TestService) -> Result<(), String> {
    Tables::read(service).await.audit()
}

/// Checks the page indexes alone: in a table whose records were written past the service, nothing else agrees.
///
/// # Errors
/// With the first mark that is missing or wrong.
pub async fn audit_page_indexes(service: &TestService) -> Result<(), String> {
    Tables::read(service).await.audit_page_indexes()
}

/// The items by kind and by name: the code's id, the code string, the mentor, the listing.
#[derive(Default)]
struct Tables {
    records: Kind,
    lost: Kind,
    claims: Kind,
    slots: Kind,
    pages: BTreeMap<String, BTreeMap<u64, Item>>,
    marks: BTreeMap<String, BTreeMap<u64, Item>>,
    heads: Kind,
}

impl Tables {
    async fn read(service: &TestService) -> Self {
        let mut tables = Self::default();
        let mut from = None;
        loop {
            let scan = service.client.scan().table_name(&service.table).consistent_read(true);
            let found = scan.set_exclusive_start_key(from).send().await.unwrap();
            for item in found.items() {
                tables.sort_in(item.clone());
            }
            from = found.last_evaluated_key;
            if from.is_none() {
                return tables;
            }
        }
    }

    fn sort_in(&mut self, item: Item) {
        let (kind, name) =
            text(&item, "pk").split_once('#').map(|(kind, name)| (kind.to_owned(), name.to_owned())).unwrap();
        let sk = text(&item, "sk").to_owned();
        match (kind.as_str(), sk.as_str()) {
            ("id", "record") if item.contains_key("lost_at") => drop(self.lost.insert(name, item)),
            ("id", "record") => drop(self.records.insert(name, item)),
            ("code", "claim") => drop(self.claims.insert(name, item)),
            ("mentor", "slot") => drop(self.slots.insert(name, item)),
            ("mentor", _) => {
                let page = sk.strip_prefix("slot#").unwrap().parse().unwrap();
                self.pages.entry(name).or_default().insert(page, item);
            }
            ("marks", _) => drop(self.marks.entry(name).or_default().insert(sk.parse().unwrap(), item)),
            ("head", "head") => drop(self.heads.insert(name, item)),
            other => panic!("no item of the service has the key {other:?}"),
        }
    }

    fn audit(&self) -> Result<(), String> {
        for (id, record) in &self.records {
            self.audit_record(id, record)?;
        }
        for (id, lost) in &self.lost {
            let code = text(lost, "code");
            if !code.is_empty() && self.claims.get(code).map(|claim| text(claim, "id")) != Some(id) {
                return Err(format!("the lost code {id} has no claim on {code}"));
            }
        }
        for (code, claim) in &self.claims {
            let id = text(claim, "id");
            let named = self.records.get(id).or(self.lost.get(id));
            let agrees = named.is_some_and(|named| {
                let its = text(named, "code");
                text(named, "ulid") == text(claim, "ulid")
                    && (its == code || (its.is_empty() && named.contains_key("lost_at")))
            });
            if !agrees {
                return Err(format!("{code} is claimed by {id}, which is not its record"));
            }
        }
        for mentor in self.slots.keys().chain(self.pages.keys()) {
            self.audit_mentor(mentor)?;
        }
        self.audit_page_indexes()?;
        Ok(())
    }

    fn audit_record(&self, id: &str, record: &Item) -> Result<(), String> {
        let mentor = text(record, "mentor_id");
        let status = text(record, "status");
        let Some(slot) = self.slots.get(mentor) else {
            return Err(format!("{id} is {status}, and {mentor} has no slot"));
        };
        let held = held(slot);
        let is_held = text(&held, "id") == id;
        if status == "active" && !is_held {
            return Err(format!("{id} is active while the slot of {mentor} holds {}", text(&held, "id")));
        }
        let Some(claim) = self.claims.get(text(record, "code")) else {
            return Err(format!("{id} has no claim on {}", text(record, "code")));
        };
        let same = |name: &str| claim.get(name) == record.get(name);
        if text(claim, "id") != id || !["ulid", "mentor_id", "previous_id"].into_iter().all(same) {
            return Err(format!("{id} has another claim on {}: {claim:?}", text(record, "code")));
        }
        if ["rotated", "expired"].contains(&status) {
            let successor = text(record, "successor_id");
            if !self.lost.contains_key(successor) {
                let successor = self.records.get(successor).ok_or(format!("the successor of {id} has no record"))?;
                replaces(id, record, successor)?;
                if is_held {
                    return Err(format!("the slot of {mentor} holds {id}, which was replaced"));
                }
            }
        }
        let previous = text(record, "previous_id");
        if !previous.is_empty() && !self.lost.contains_key(previous) {
            let old = self.records.get(previous).ok_or(format!("the predecessor of {id} has no record"))?;
            if text(old, "successor_id") != id {
                return Err(format!("{id} replaced {previous}, which does not say so"));
            }
            replaces(previous, old, record)?;
        }
        Ok(())
    }

    /// The slot of a mentor, its pages, and the records of the mentor's codes: the lists name each code once.
    fn audit_mentor(&self, mentor: &str) -> Result<(), String> {
        let slot = self.slots.get(mentor).ok_or(format!("{mentor} has pages and no slot"))?;
        let held = held(slot);
        let id = text(&held, "id");
        let record = self.records.get(id).ok_or(format!("the slot of {mentor} holds {id}, which has no record"))?;
        let mut copy = record.clone();
        let own = ["pk", "sk", "format", "listing", "mentor_id"];
        copy.retain(|name, _| !own.contains(&name.as_str()));
        copy.insert("id".into(), AttributeValue::S(id.into()));
        if copy != held {
            return Err(format!("the slot of {mentor} holds {id}, which is not its record"));
        }
        let counted = number(slot, "pages");
        let pages = self.pages.get(mentor).cloned().unwrap_or_default();
        for page in 1..=counted {
            if !pages.contains_key(&page) {
                return Err(format!("{mentor} has no page {page} of {counted}"));
            }
        }
        for (page, item) in &pages {
            let is_next = *page == counted + 1 && earlier(slot).len() == FULL && earlier(item) == earlier(slot);
            if *page > counted && !is_next {
                return Err(format!("{mentor} has a page {page}, and the slot counts {counted}"));
            }
        }
        let on_pages = pages.range(..=counted).flat_map(|(_, item)| earlier(item));
        let mut named = vec![id.to_owned()];
        named.extend(on_pages.chain(earlier(slot)).map(|entry| id_of(&entry)));
        let distinct: BTreeSet<_> = named.iter().cloned().collect();
        let records = self.records.iter().filter(|(_, record)| text(record, "mentor_id") == mentor);
        let records: BTreeSet<_> = records.map(|(id, _)| id.clone()).collect();
        if distinct.len() != named.len() || distinct != records {
            return Err(format!("the slot and the pages of {mentor} name {named:?}, and the records are {records:?}"));
        }
        Ok(())
    }

    fn audit_page_indexes(&self) -> Result<(), String> {
        self.heads.iter().try_for_each(|(listing, head)| self.audit_marks(listing, head))
    }

    /// Every mark, up to the last one that the head names, is there and counts right.
    fn audit_marks(&self, listing: &str, head: &Item) -> Result<(), String> {
        let org = listing.strip_prefix("org#");
        let in_listing = |record: &&Item| org.is_none_or(|org| text(record, "org_id") == org);
        let ulids: BTreeSet<_> = self.records.values().filter(in_listing).map(|record| text(record, "ulid")).collect();
        let ulids: Vec<_> = ulids.into_iter().collect();
        let last = number(head, "position");
        for position in (100..=last).step_by(100) {
            let mark = self.marks.get(listing).and_then(|marks| marks.get(&position)).map(|mark| text(mark, "ulid"));
            let right = ulids.get(usize::try_from(position).unwrap() - 1).copied();
            if mark.is_none() || mark != right {
                return Err(format!("the mark {position} of {listing} names {mark:?}, and that code is {right:?}"));
            }
        }
        if last > 0 && ulids.get(usize::try_from(last).unwrap() - 1).copied() != Some(text(head, "ulid")) {
            return Err(format!("the head of {listing} names {}, which is not at {last}", text(head, "ulid")));
        }
        Ok(())
    }
}

/// Whether the record of an ended code and the one of its successor say the same of each other.
fn replaces(id: &str, old: &Item, new: &Item) -> Result<(), String> {
    let agrees = text(new, "previous_id") == id
        && text(new, "previous_code") == text(old, "code")
        && text(new, "previous_status") == text(old, "status")
        && text(new, "code") == text(old, "successor_code")
        && text(new, "mentor_id") == text(old, "mentor_id");
    let first = |record: &Item, id: &str| match text(record, "first_id") {
        "" => id.to_owned(),
        first => first.to_owned(),
    };
    let same_chain = first(new, text(old, "successor_id")) == first(old, id);
    if agrees && same_chain == (text(old, "status") == "rotated") {
        return Ok(());
    }
    Err(format!("{id} and its successor {} disagree", text(old, "successor_id")))
}

fn held(slot: &Item) -> Item {
    slot.get("held").and_then(|held| held.as_m().ok()).cloned().unwrap_or_default()
}

fn earlier(item: &Item) -> Vec<String> {
    let list = item.get("earlier").and_then(|list| list.as_l().ok()).cloned().unwrap_or_default();
    list.iter().map(|entry| entry.as_s().unwrap().clone()).collect()
}

/// The id in an entry of a list: `01KEKV5N80HY7K2GXTA1S6B4QZ`, or with the digits of a longer id behind a dot.
fn id_of(entry: &str) -> String {
    let (ulid, digits) = entry.split_once('.').unwrap_or((entry, "8"));
    let random = format!("{:020x}", Ulid::from_string(ulid).unwrap().random());
    format!("rc_{}", &random[..digits.parse::<usize>().unwrap()])
}

fn number(item: &Item, name: &str) -> u64 {
    item.get(name).and_then(|value| value.as_n().ok()).map_or(0, |digits| digits.parse().unwrap())
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}
