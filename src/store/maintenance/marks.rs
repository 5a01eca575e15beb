//! Page marks: each names a code of its listing, and they stand in the order of the codes.

use ulid::Ulid;

use super::super::dynamodb::Item;
use super::super::item::{self, Attributes, string};
use super::super::key::{Key, PK, SK, mark_sk, marks_partition};
use super::super::listing::Listing;
use super::super::{Store, StoreError};
use super::finding::Finding;
use crate::model::CodeId;

const BEFORE: &str = "pk = :listing AND sk < :position";

impl Store {
    pub(super) async fn check_mark(&self, mark: &Item) -> Result<Vec<Finding>, StoreError> {
        let part = |name| mark.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        let unreadable = |reason| vec![Finding::Unreadable { pk: part(PK), sk: part(SK), reason }];
        let (listing, position, ulid) = match read(mark) {
            Ok(mark) => mark,
            Err(error) => return Ok(unreadable(error.to_string())),
        };
        let Some(codes) = Listing::named(&listing) else {
            return Ok(unreadable(format!("the table has a mark of the listing {listing}, which no release makes")));
        };
        let mut findings = Vec::new();
        if !self.is_in(&codes, ulid).await? {
            findings.push(Finding::MarkWithoutCode { listing: listing.clone(), position, ulid });
        }
        // Marks are written once, in the order of their positions.
        let before = self.table.query().consistent_read(true).key_condition_expression(BEFORE);
        let before = before.expression_attribute_values(":listing", string(marks_partition(&listing)));
        let before = before.expression_attribute_values(":position", string(mark_sk(position)));
        let before = Box::pin(before.scan_index_forward(false).limit(1).send()).await?;
        if let Some(Ok((_, _, before))) = before.items().first().map(read)
            && before >= ulid
        {
            findings.push(Finding::MarkOutOfOrder { listing, position });
        }
        Ok(findings)
    }

    /// Whether a listing has a code with this ULID: by the records that can have it, not by an index, which may lag.
    async fn is_in(&self, listing: &Listing, ulid: Ulid) -> Result<bool, StoreError> {
        let ids = (CodeId::SHORTEST..=CodeId::LONGEST).filter_map(|digits| CodeId::of_ulid(ulid, digits));
        let keys: Vec<_> = ids.map(|id| Key::Record(id).attributes()).collect();
        for record in self.table.get_all(&keys).await? {
            // A record that cannot be read is reported when the audit comes to it.
            let Ok(Some(code)) = item::known_code(&record) else { continue };
            if code.ulid == ulid && listing.has(&code) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn read(mark: &Item) -> Result<(String, u64, Ulid), item::UnreadableItem> {
    let attributes = Attributes::of(mark)?;
    let Key::Mark { listing, position } = attributes.key()? else { return Err(attributes.malformed(SK)) };
    Ok((listing, position, attributes.ulid()?))
}
