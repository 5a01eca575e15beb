//! Many codes at once, past the service: records written in batches, as copies of one that the service wrote.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use ulid::Ulid;

type Item = HashMap<String, AttributeValue>;

/// A code to be written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CodeFixture {
    pub ulid: Ulid,
    pub org: String,
    pub mentor: String,
    /// The id, if it does not follow from the ULID.
    pub known_id: Option<String>,
    /// How many bytes the record has more than it needs, in an attribute that the service does not know.
    pub padding: usize,
}

impl CodeFixture {
    /// A code created at this time.
    pub fn at(moment: SystemTime, org: &str, mentor: &str) -> Self {
        let millis = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
        let ulid = Ulid::from_parts(u64::try_from(millis).unwrap(), Ulid::generate().random());
        Self { ulid, org: org.into(), mentor: mentor.into(), known_id: None, padding: 0 }
    }

    /// `count` codes, evenly spaced, the last created at `last`. Each has a mentor of its own; the organisations take
    /// turns.
    pub fn series(count: usize, last: SystemTime, spacing: Duration, orgs: &[&str]) -> Vec<Self> {
        let moment = |nth: usize| last - spacing * u32::try_from(count - 1 - nth).unwrap();
        (0..count).map(|nth| Self::at(moment(nth), orgs[nth % orgs.len()], &format!("filled_{nth}"))).collect()
    }

    pub fn id(&self) -> String {
        if let Some(id) = &self.known_id {
            return id.clone();
        }
        format!("rc_{}", &format!("{:020x}", self.ulid.random())[..16])
    }

    fn record(&self, pattern: &Item) -> Item {
        let mut record = pattern.clone();
        let mut set = |name: &str, value: String| record.insert(name.into(), AttributeValue::S(value));
        set("pk", format!("id#{}", self.id()));
        set("ulid", self.ulid.to_string());
        set("code", format!("JAN-VERV-{}", self.id()[3..].to_uppercase()));
        set("org_id", self.org.clone());
        set("mentor_id", self.mentor.clone());
        if self.padding > 0 {
            set("padding", "x".repeat(self.padding));
        }
        record
    }
}

/// Writes codes as copies of the record with the id `pattern`.
pub async fn fill(client: &Client, table: &str, pattern: &str, codes: &[CodeFixture]) {
    let key = |name: &str, value: String| (name.to_owned(), AttributeValue::S(value));
    let at = HashMap::from([key("pk", format!("id#{pattern}")), key("sk", "record".into())]);
    let read = client.get_item().table_name(table).set_key(Some(at)).send().await.unwrap();
    let pattern = read.item.expect("the record to copy exists");
    for batch in codes.chunks(25) {
        let puts = batch.iter().map(|code| {
            let put = PutRequest::builder().set_item(Some(code.record(&pattern))).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        let written = client.batch_write_item().request_items(table, puts.collect()).send().await.unwrap();
        assert!(written.unprocessed_items.is_none_or(|left| left.is_empty()));
    }
}
