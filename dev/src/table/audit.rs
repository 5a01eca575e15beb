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
        let (pk, sk) = (text(&item, "pk").to_owned(), text(&item, "sk").to_owned());
        let (kind, name) = pk.split_once('#').unwrap();
        let name = name.to_owned();
        match (kind, sk.as_str()) {
            ("id", "record") if item.contains_key("lost_at") => drop(self.lost.insert(name, item)),
            ("id", "record") => drop(self.records.insert(name, item)),
            ("code", "claim") => drop(self.claims.insert(name, item)),
            // In the place of a forgotten mentor's slot.
            ("mentor", "slot") if item.contains_key("forgotten") => {}
            ("mentor", "slot") => drop(self.slots.insert(name, item)),
            ("mentor", _) => {
                let page = sk.strip_prefix("slot#").unwrap().parse().unwrap();
                self.pages.entry(name).or_default().insert(page, item);
            }
            ("marks", _) => drop(self.marks.entry(name).or_default().insert(sk.parse().unwrap(), item)),
            ("head", "head") => drop(self.heads.insert(name, item)),
            ("org", "organisation") | ("pending", _) => {}
            other => panic!("no item of the service has the key {other:?}"),
        }
    }

    fn audit(&self) -> Result<(), String> {
        for (id, record) in &self.records {
            self.audit_record(id, record)?;
        }
        for (id, named) in self.records.iter().chain(&self.lost) {
            let code = text(named, "code");
            if !code.is_empty() && self.claims.get(code).map(|claim| text(claim, "id")) != Some(id) {
                return Err(format!("{id} has no claim on {code}"));
            }
        }
        for (code, claim) in &self.claims {
            let id = text(claim, "id");
            let same = |named: &Item, names: &[&str]| names.iter().all(|name| claim.get(*name) == named.get(*name));
            let is_right = match (self.records.get(id), self.lost.get(id)) {
                (Some(record), _) => {
                    text(record, "code") == code && same(record, &["ulid", "mentor_id", "previous_id"])
                }
                (None, Some(lost)) => ["", code].contains(&text(lost, "code")) && same(lost, &["ulid"]),
                (None, None) => false,
            };
            if !is_right {
                return Err(format!("{code} is claimed by {id}, which is not its record: {claim:?}"));
            }
        }
        self.slots.keys().chain(self.pages.keys()).try_for_each(|mentor| self.audit_mentor(mentor))?;
        self.audit_page_indexes()
    }

    fn audit_record(&self, id: &str, record: &Item) -> Result<(), String> {
        let (mentor, status) = (text(record, "mentor_id"), text(record, "status"));
        let slot = self.slots.get(mentor).ok_or(format!("{id} is {status}, and {mentor} has no slot"))?;
        let held = text(&held(slot), "id").to_owned();
        let (previous, successor) = (text(record, "previous_id"), text(record, "successor_id"));
        let was_replaced = ["rotated", "expired"].contains(&status) && !self.lost.contains_key(successor);
        if (status == "active" && held != id) || (was_replaced && held == id) {
            return Err(format!("{id} is {status} while the slot of {mentor} holds {held}"));
        }
        if was_replaced {
            self.replaces(id, successor)?;
        }
        if previous.is_empty() || self.lost.contains_key(previous) { Ok(()) } else { self.replaces(previous, id) }
    }

    /// Whether the record of an ended code and the one of its successor say the same of each other.
    fn replaces(&self, old_id: &str, new_id: &str) -> Result<(), String> {
        let record =
            |id: &str| self.records.get(id).ok_or(format!("{old_id} was replaced by {new_id}: {id} has no record"));
        let (old, new) = (record(old_id)?, record(new_id)?);
        let first = |record, id: &str| {
            Some(text(record, "first_id")).filter(|first| !first.is_empty()).unwrap_or(id).to_owned()
        };
        let agrees = [
            (text(old, "successor_id"), new_id),
            (text(old, "successor_code"), text(new, "code")),
            (text(new, "previous_id"), old_id),
            (text(new, "previous_code"), text(old, "code")),
            (text(new, "previous_status"), text(old, "status")),
            (text(new, "mentor_id"), text(old, "mentor_id")),
        ];
        let same_chain = first(new, new_id) == first(old, old_id);
        if agrees.iter().all(|(one, other)| one == other) && same_chain == (text(old, "status") == "rotated") {
            return Ok(());
        }
        Err(format!("{old_id} and its successor {new_id} disagree"))
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
        // A page that a full slot is about to count is put before.
        let is_next =
            |page: u64, item| page == counted + 1 && earlier(slot).len() == FULL && earlier(item) == earlier(slot);
        let is_stray = pages.range(counted + 1..).any(|(page, item)| !is_next(*page, item));
        if is_stray || pages.range(..=counted).count() as u64 != counted {
            return Err(format!("{mentor} has the pages {:?}, and the slot counts {counted}", pages.keys()));
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
