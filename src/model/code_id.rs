//! A code's id: `rc_` and the first 8 hex digits of its ULID's randomness, or more where those are taken.

use std::fmt;

use ulid::Ulid;

/// How many hex digits the randomness of a ULID has: 80 bits.
const DIGITS: usize = 20;

/// `rc_8f3a21bc`: `rc_`, then 8 to 20 lower-case hex digits.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CodeId(String);

/// A string that could not be the id of any code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not `rc_` and 8 to 20 lower-case hex digits")]
pub struct InvalidCodeId;

impl CodeId {
    /// The prefix of every id.
    pub const PREFIX: &str = "rc_";
    /// The digits of an id as long as that id is free.
    pub const SHORTEST: usize = 8;
    /// The digits that a ULID has to give.
    pub const LONGEST: usize = DIGITS;

    /// The id that `ulid` gives when it may take `digits` of its hex digits, which [`super::CodeCandidate`] keeps in range.
    pub(super) fn from_ulid(ulid: Ulid, digits: usize) -> Self {
        let hex = format!("{:0width$x}", ulid.random(), width = DIGITS);
        Self(format!("{}{}", Self::PREFIX, &hex[..digits]))
    }

    /// The id that the first `digits` hex digits of a ULID's randomness give; none if no id has so many.
    #[must_use]
    pub fn of_ulid(ulid: Ulid, digits: usize) -> Option<Self> {
        (Self::SHORTEST..=Self::LONGEST).contains(&digits).then(|| Self::from_ulid(ulid, digits))
    }

    /// How many hex digits the id has.
    #[must_use]
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

    /// The id as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hex digits behind the prefix.
    pub(super) fn digits(&self) -> &str {
        &self.0[Self::PREFIX.len()..]
    }
}

impl fmt::Display for CodeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn code_id_has_one_exact_form() {
        for text in ["rc_8f3a21bc", "rc_00000000", "rc_8f3a21bc0011223344ff"] {
            assert_eq!(CodeId::parse(text).map(|id| id.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "rc_",
            "rc_8f3a21b",
            "rc_8F3A21BC",
            "RC_8f3a21bc",
            "rc_8f3a21bg",
            "rc_8f3a21bc0011223344ff0",
            "rc_８f3a21bc",
        ] {
            assert_eq!(CodeId::parse(text), Err(InvalidCodeId), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_id_made_is_an_id_read(ms in 0..1_u64 << 48, random in 0..1_u128 << 80, digits in 8..=20_usize) {
            let made = CodeId::from_ulid(Ulid::from_parts(ms, random), digits);
            prop_assert_eq!(CodeId::parse(made.as_str()), Ok(made.clone()));
            prop_assert_eq!(made.digits().len(), digits);
        }
    }
}
