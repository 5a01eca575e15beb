//! Cursors: where a walk through the listing goes on, as an opaque string.
//!
//! One holds a version, a ULID, and a checksum over both and the walk's filters and order. The checksum is no secret: a
//! cursor gives access to nothing. It is there so that a cursor that was cut short, made up, or taken from another walk
//! is told from one of ours, and refused instead of answered with the wrong codes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use ulid::Ulid;

use crate::model::{CodeString, MentorId, OrgId, Status};
use crate::store::{Filter, Order};

const VERSION: u8 = 1;
const CHECKSUM: usize = 8;
const LENGTH: usize = 1 + 16 + CHECKSUM;

/// The cursor behind a code.
pub(super) fn encode(after: Ulid, filter: &Filter, order: Order) -> String {
    let mut bytes = [0; LENGTH];
    bytes[0] = VERSION;
    bytes[1..17].copy_from_slice(&after.to_bytes());
    let checksum = checksum(&bytes[..17], filter, order);
    bytes[17..].copy_from_slice(&checksum);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The code behind which a walk goes on; none for an empty cursor, which begins one.
pub(super) fn decode(text: &str, filter: &Filter, order: Order) -> Result<Option<Ulid>, &'static str> {
    const WRONG: &str = "must be a `next_cursor` of a listing with the same filters and sort, or empty to begin a walk";
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| WRONG)?;
    let bytes: [u8; LENGTH] = bytes.try_into().map_err(|_| WRONG)?;
    let ulid: [u8; 16] = bytes[1..17].try_into().map_err(|_| WRONG)?;
    if bytes[0] == VERSION && bytes[17..] == checksum(&bytes[..17], filter, order) {
        Ok(Some(Ulid::from_bytes(ulid)))
    } else {
        Err(WRONG)
    }
}

fn checksum(position: &[u8], filter: &Filter, order: Order) -> [u8; CHECKSUM] {
    let Filter { org_id, mentor_id, status, code } = filter;
    let order = match order {
        Order::NewestFirst => "-created_at",
        Order::OldestFirst => "created_at",
    };
    let mut hash = Sha256::new();
    hash.update(position);
    for part in [
        Some(order),
        org_id.as_ref().map(OrgId::as_str),
        mentor_id.as_ref().map(MentorId::as_str),
        status.map(Status::as_str),
        code.as_ref().map(CodeString::as_str),
    ] {
        // No part holds a zero byte, so no two lists of parts give the same bytes.
        hash.update(part.unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let mut checksum = [0; CHECKSUM];
    checksum.copy_from_slice(&digest[..CHECKSUM]);
    checksum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    prop_compose! {
        fn any_filter()(org in prop::option::of("[a-z]{1,3}"), mentor in prop::option::of("[a-z]{1,3}"), status in 0..5_usize)
            -> Filter
        {
            Filter {
                org_id: org.map(|org| OrgId::parse(&org).expect("an id")),
                mentor_id: mentor.map(|mentor| MentorId::parse(&mentor).expect("an id")),
                status: Status::ALL.get(status).copied(),
                code: None,
            }
        }
    }

    proptest! {
        #[test]
        fn a_cursor_leads_back_to_its_code_and_fits_its_own_walk_alone(
            ms in 0..1_u64 << 48, random in 0..1_u128 << 80, filter in any_filter(), other in any_filter(),
        ) {
            let ulid = Ulid::from_parts(ms, random);
            let cursor = encode(ulid, &filter, Order::NewestFirst);
            prop_assert_eq!(decode(&cursor, &filter, Order::NewestFirst), Ok(Some(ulid)));
            prop_assert!(decode(&cursor, &filter, Order::OldestFirst).is_err());
            prop_assert_eq!(decode(&cursor, &other, Order::NewestFirst).is_ok(), filter == other);
        }

        #[test]
        fn whatever_was_made_up_is_refused(text in "[A-Za-z0-9_-]{1,60}|\\PC{1,20}", cut in 1..30_usize) {
            let filter = Filter::default();
            prop_assert!(decode(&text, &filter, Order::NewestFirst).is_err());
            let mut cursor = encode(Ulid::from_parts(1, 1), &filter, Order::NewestFirst);
            cursor.truncate(cursor.len() - cut.min(cursor.len() - 1));
            prop_assert!(decode(&cursor, &filter, Order::NewestFirst).is_err());
        }
    }
}
