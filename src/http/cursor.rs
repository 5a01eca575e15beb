//! Cursors: an opaque string that says after which code the next page begins.
//!
//! A cursor holds a version, that code's ULID, and a checksum over both and over the list's filters and order, and what
//! its caller may see. The checksum finds a cursor that was truncated, made up, or taken from a list with other filters or
//! of another caller's codes: it is refused, and not answered with the wrong codes. It needs no secret, since a cursor
//! gives access to nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use ulid::Ulid;

use super::link::parameters;
use crate::model::{Filter, MentorId, Order, Sight};

/// The form of the bytes below. A cursor of another form is refused.
const VERSION: u8 = 1;
/// Bytes of the checksum: a made-up cursor passes once in 2⁶⁴.
const CHECKSUM_BYTES: usize = 8;
/// Bytes of a cursor: the version, a ULID, the checksum.
const CURSOR_BYTES: usize = 1 + 16 + CHECKSUM_BYTES;

pub(super) fn encode(after: Ulid, filter: &Filter, order: Order, sight: &Sight) -> String {
    let mut bytes = [0; CURSOR_BYTES];
    bytes[0] = VERSION;
    bytes[1..17].copy_from_slice(&after.to_bytes());
    let checksum = checksum(&bytes[..17], filter, order, sight);
    bytes[17..].copy_from_slice(&checksum);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The code after which the page begins; none for an empty cursor, which stands for the first page.
pub(super) fn decode(text: &str, filter: &Filter, order: Order, sight: &Sight) -> Result<Option<Ulid>, &'static str> {
    const INVALID: &str =
        "must be a `next_cursor` from a list with the same filters and sort, or empty for the first page";
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| INVALID)?;
    let bytes: [u8; CURSOR_BYTES] = bytes.try_into().map_err(|_| INVALID)?;
    let ulid: [u8; 16] = bytes[1..17].try_into().map_err(|_| INVALID)?;
    if bytes[0] == VERSION && bytes[17..] == checksum(&bytes[..17], filter, order, sight) {
        Ok(Some(Ulid::from_bytes(ulid)))
    } else {
        Err(INVALID)
    }
}

fn checksum(position: &[u8], filter: &Filter, order: Order, sight: &Sight) -> [u8; CHECKSUM_BYTES] {
    let sight = match sight {
        Sight::All => [None; 2],
        Sight::Org { org_id, mentor_id } => [Some(org_id.as_str()), mentor_id.as_ref().map(MentorId::as_str)],
    };
    let mut hash = Sha256::new();
    hash.update(position);
    for part in parameters(filter, order).map(|(_, value)| value).into_iter().chain(sight) {
        // No part is empty or has a zero byte in it, so two different lists of parts never give the same bytes.
        hash.update(part.unwrap_or_default());
        hash.update([0]);
    }
    let mut checksum = [0; CHECKSUM_BYTES];
    checksum.copy_from_slice(&hash.finalize()[..CHECKSUM_BYTES]);
    checksum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{OrgId, Status};
    use proptest::prelude::*;

    /// What a list shows, and what its caller sees.
    fn any_scope() -> impl Strategy<Value = (Filter, Sight)> {
        let id = || prop::option::of("[ab]");
        (id(), id(), 0..5_usize, id(), id()).prop_map(|(org, mentor, status, own_org, own_mentor)| {
            let org_id = |id: Option<String>| id.and_then(|id| OrgId::parse(&id).ok());
            let mentor_id = |id: Option<String>| id.and_then(|id| MentorId::parse(&id).ok());
            let status = Status::ALL.get(status).copied();
            let filter = Filter { org_id: org_id(org), mentor_id: mentor_id(mentor), status, code: None };
            let confined = |org_id| Sight::Org { org_id, mentor_id: mentor_id(own_mentor) };
            (filter, org_id(own_org).map_or(Sight::All, confined))
        })
    }

    /// If this fails, cursors that clients hold are refused: `VERSION` says so, and needs a new value.
    #[test]
    fn form_of_a_cursor_stays() {
        let filter = Filter { mentor_id: MentorId::parse("m").ok(), ..Filter::default() };
        let cursor = encode(Ulid::from_parts(1, 2), &filter, Order::NewestFirst, &Sight::All);
        assert_eq!(cursor, "AQAAAAAAAQAAAAAAAAAAAALYXklHgVRUmw");
    }

    proptest! {
        #[test]
        fn a_cursor_gives_back_its_code_for_its_own_filters_order_and_sight_only(
            ms in 0..1_u64 << 48, random in 0..1_u128 << 80, scope in any_scope(), other in any_scope(),
        ) {
            let (ulid, (filter, sight)) = (Ulid::from_parts(ms, random), &scope);
            let cursor = encode(ulid, filter, Order::NewestFirst, sight);
            prop_assert_eq!(decode(&cursor, filter, Order::NewestFirst, sight), Ok(Some(ulid)));
            prop_assert!(decode(&cursor, filter, Order::OldestFirst, sight).is_err());
            for (filter, sight) in [(filter, &other.1), (&other.0, sight), (&other.0, &other.1)] {
                let is_same = (filter, sight) == (&scope.0, &scope.1);
                prop_assert_eq!(decode(&cursor, filter, Order::NewestFirst, sight).is_ok(), is_same);
            }
        }
    }
}
