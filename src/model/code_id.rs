//! A code's id: `rc_` and the first 8 hex digits of its ULID's randomness, or more where those are taken.

use ulid::Ulid;

use super::text::text_value;

/// `rc_8f3a21bc`: `rc_`, then 8 to 20 lower-case hex digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CodeId(String);

text_value!(CodeId);

/// A string that could not be the id of any code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not `rc_` and 8 to 20 lower-case hex digits")]
pub struct InvalidCodeId;

impl CodeId {
    /// The prefix of every id.
    pub const PREFIX: &str = "rc_";
    /// The digits of an id as long as that id is free.
    pub const SHORTEST: usize = 8;
    /// The digits that the randomness of a ULID has: 80 bits.
    pub const LONGEST: usize = 20;

    /// The id that `ulid` gives when it may take `digits` of its hex digits, which [`super::CodeCandidate`] keeps in range.
    pub(super) fn from_ulid(ulid: Ulid, digits: usize) -> Self {
        let hex = format!("{:0width$x}", ulid.random(), width = Self::LONGEST);
        Self(format!("{}{}", Self::PREFIX, &hex[..digits]))
    }

    /// The id that the first `digits` hex digits of a ULID's randomness give; none if no id has so many.
    pub fn of_ulid(ulid: Ulid, digits: usize) -> Option<Self> {
        (Self::SHORTEST..=Self::LONGEST).contains(&digits).then(|| Self::from_ulid(ulid, digits))
    }

    /// How many hex digits the id has.
    pub fn digit_count(&self) -> usize {
        self.digits().len()
    }

    /// Reads an id as a client sends it.
    ///
    /// # Errors
    /// When no code could have this id, whatever the table holds.
    pub fn parse(text: &str) -> Result<Self, InvalidCodeId> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(InvalidCodeId)?;
        let fits = (Self::SHORTEST..=Self::LONGEST).contains(&digits.len())
            && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidCodeId) }
    }

    /// The hex digits behind the prefix.
    pub(super) fn digits(&self) -> &str {
        &self.0[Self::PREFIX.len()..]
    }
}
