//! A code's id: `rc_` and the first 8 hex digits of its ULID's randomness, or more where those are taken.

use ulid::Ulid;

use super::text::{InvalidText, text_value};

text_value! {
    /// `rc_8f3a21bc`: `rc_`, then 8 to 20 lower-case hex digits.
    CodeId, is_code_id, "must be `rc_` and 8 to 20 lower-case hex digits"
}

const PREFIX: &str = "rc_";

fn is_code_id(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|digits| {
        (CodeId::SHORTEST..=CodeId::LONGEST).contains(&digits.len())
            && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

impl CodeId {
    /// The digits of an id as long as that id is free.
    pub const SHORTEST: usize = 8;
    /// The digits that the randomness of a ULID has: 80 bits.
    pub const LONGEST: usize = 20;

    /// The id that the first `digits` hex digits of a ULID's randomness give; none if no id has so many.
    pub fn of_ulid(ulid: Ulid, digits: usize) -> Option<Self> {
        let hex = format!("{:0width$x}", ulid.random(), width = Self::LONGEST);
        hex.get(..digits).and_then(|digits| Self::parse(&format!("{PREFIX}{digits}")).ok())
    }

    /// The hex digits behind the prefix.
    pub fn digits(&self) -> &str {
        &self.0[PREFIX.len()..]
    }
}
