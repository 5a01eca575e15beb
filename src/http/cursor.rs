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

/// The cursor after a code.
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

    fn any_sight() -> impl Strategy<Value = Sight> {
        prop::option::of(("[ab]", prop::option::of("[ab]"))).prop_map(|confined| match confined {
            None => Sight::All,
            Some((org, mentor)) => Sight::Org {
                org_id: OrgId::parse(&org).expect("an id"),
                mentor_id: mentor.map(|mentor| MentorId::parse(&mentor).expect("an id")),
            },
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
            ms in 0..1_u64 << 48, random in 0..1_u128 << 80, filter in any_filter(), other in any_filter(),
            sight in any_sight(), other_sight in any_sight(),
        ) {
            let ulid = Ulid::from_parts(ms, random);
            let cursor = encode(ulid, &filter, Order::NewestFirst, &sight);
            prop_assert_eq!(decode(&cursor, &filter, Order::NewestFirst, &sight), Ok(Some(ulid)));
            prop_assert!(decode(&cursor, &filter, Order::OldestFirst, &sight).is_err());
            prop_assert_eq!(decode(&cursor, &other, Order::NewestFirst, &sight).is_ok(), filter == other);
            prop_assert_eq!(decode(&cursor, &filter, Order::NewestFirst, &other_sight).is_ok(), sight == other_sight);
        }

        #[test]
        fn a_made_up_or_truncated_cursor_is_refused(text in "[A-Za-z0-9_-]{1,60}|\\PC{1,20}", cut in 1..30_usize) {
            let filter = Filter::default();
            prop_assert!(decode(&text, &filter, Order::NewestFirst, &Sight::All).is_err());
            let mut cursor = encode(Ulid::from_parts(1, 1), &filter, Order::NewestFirst, &Sight::All);
            cursor.truncate(cursor.len() - cut.min(cursor.len() - 1));
            prop_assert!(decode(&cursor, &filter, Order::NewestFirst, &Sight::All).is_err());
        }
    }
}
