//! What values that are strings of a strict form have in common.

/// A text that is not of the form of a value. The message completes a sentence that begins with what the text stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidText(pub(crate) &'static str);

/// Makes the type of the strings that have a form: those for which `$fits` is true. `$rule` says what that form is.
macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident, $fits:path, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
        pub struct $name(String);

        impl $name {
            /// Reads a value.
            ///
            /// # Errors
            /// The text has another form.
            pub fn parse(text: &str) -> Result<Self, InvalidText> {
                if $fits(text) { Ok(Self(text.to_owned())) } else { Err(InvalidText($rule)) }
            }

            /// The value as a string.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidText;

            fn from_str(text: &str) -> Result<Self, InvalidText> {
                Self::parse(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

pub(super) use text_value;
