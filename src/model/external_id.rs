//! Ids and a name that come from the caller: whose code it is, and for which organisation.

use super::text::text_value;
use crate::limits::{MAX_EXTERNAL_ID_BYTES, MAX_MENTOR_NAME_CHARS};

/// A text that is not an id. The message completes a sentence that begins with the field's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be 1 to {MAX_EXTERNAL_ID_BYTES} characters of A-Z, a-z, 0-9, _, -, ., : and |")]
pub struct InvalidExternalId;

/// A text that is not a name. The message completes a sentence that begins with the field's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be 1 to {MAX_MENTOR_NAME_CHARS} characters")]
pub struct InvalidName;

macro_rules! external_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(String);

        impl $name {
            /// Reads an id: 1 to 128 of `A-Z a-z 0-9 _ - . : |`.
            ///
            /// # Errors
            /// The text has another form.
            pub fn parse(text: &str) -> Result<Self, InvalidExternalId> {
                if is_external_id(text) { Ok(Self(text.to_owned())) } else { Err(InvalidExternalId) }
            }
        }

        text_value!($name);
    };
}

external_id! {
    /// The mentor whose code it is. One mentor has at most one active code.
    MentorId
}

external_id! {
    /// The organisation that the mentor recruits for.
    OrgId
}

fn is_external_id(text: &str) -> bool {
    (1..=MAX_EXTERNAL_ID_BYTES).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'|'))
}

/// A mentor's name. The label of the code is made from it; the name itself is not stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MentorName(String);

impl MentorName {
    /// Reads a name: 1 to 100 characters (Unicode scalar values).
    ///
    /// # Errors
    /// The text is empty or longer.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if (1..=MAX_MENTOR_NAME_CHARS).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName)
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
