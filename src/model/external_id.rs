//! Ids and a name that come from the caller: whose code it is, and for which organisation.

use ulid::Ulid;

use super::Timestamp;
use super::text::{InvalidText, text_value};
use crate::limits::{FORGOTTEN_FOR_GOOD_AFTER, MAX_EXTERNAL_ID_BYTES, MAX_MENTOR_NAME_CHARS, millis};

text_value! {
    /// The mentor whose code it is: 1 to 128 of `A-Z a-z 0-9 _ - . : |`. One mentor has at most one active code.
    MentorId, is_external_id, "must be 1 to 128 characters of A-Z, a-z, 0-9, _, -, ., : and |"
}

text_value! {
    /// The organisation that the mentor recruits for: an id like a mentor's.
    OrgId, is_external_id, "must be 1 to 128 characters of A-Z, a-z, 0-9, _, -, ., : and |"
}

text_value! {
    /// A mentor's name: 1 to 100 Unicode scalar values. The label of the code is made from it; the name itself is not stored.
    MentorName, is_name, "must be 1 to 100 characters"
}

const PSEUDONYM: &str = "forgotten-";

impl MentorId {
    /// A pseudonym: what stands in the place of an id that was forgotten at the time of this ULID.
    pub fn pseudonym(ulid: Ulid) -> Self {
        Self(format!("{PSEUDONYM}{ulid}"))
    }

    /// When the id was forgotten in whose place this one stands. None if it has not the form of a pseudonym.
    pub fn forgotten_at(&self) -> Option<Timestamp> {
        let ulid = Ulid::from_string(self.0.strip_prefix(PSEUDONYM)?).ok()?;
        Timestamp::from_unix_seconds(i64::try_from(ulid.timestamp_ms() / 1000).ok()?).ok()
    }

    /// Whether this is a pseudonym so young that requests of before it may still be under way.
    pub fn is_young_pseudonym(&self, now: Timestamp) -> bool {
        let over = |at: Timestamp| at.unix_millis() + millis(FORGOTTEN_FOR_GOOD_AFTER);
        self.forgotten_at().is_some_and(|at| now.unix_millis() < over(at))
    }
}

fn is_external_id(text: &str) -> bool {
    (1..=MAX_EXTERNAL_ID_BYTES).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'|'))
}

fn is_name(text: &str) -> bool {
    (1..=MAX_MENTOR_NAME_CHARS).contains(&text.chars().count())
}

const _: () = assert!(MAX_EXTERNAL_ID_BYTES == 128 && MAX_MENTOR_NAME_CHARS == 100, "the messages above say so");
