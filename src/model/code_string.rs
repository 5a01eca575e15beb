//! The code string that a mentor hands out: `LABEL-CAMPAIGN-SUFFIX`, as in `JAN-VERV-8F3A`.

use super::text::text_value;
use super::{CodeId, Label};

/// `JAN-VERV-8F3A`: a [`Label`], a [`Campaign`] and 4 to 20 upper-case hex digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CodeString(String);

text_value!(CodeString);

/// The middle part of every code made while the setting `CAMPAIGN` has this value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Campaign(String);

text_value!(Campaign);

/// A string that is no code string.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not LABEL-CAMPAIGN-SUFFIX")]
pub struct InvalidCodeString;

/// A string that cannot be a campaign.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be 2 to 12 characters of A-Z and 0-9, and not of digits alone")]
pub struct InvalidCampaign;

impl Campaign {
    /// Reads the setting.
    ///
    /// # Errors
    /// The text is not 2 to 12 of `A-Z 0-9`, or of digits alone: a spreadsheet takes `JAN-12-2026` for a date.
    pub fn parse(text: &str) -> Result<Self, InvalidCampaign> {
        let is_number = text.bytes().all(|b| b.is_ascii_digit());
        if Self::has_form(text) && !is_number { Ok(Self(text.to_owned())) } else { Err(InvalidCampaign) }
    }

    /// Whether a code may have this campaign: 2 to 12 of `A-Z 0-9`. Codes of an earlier setting keep theirs.
    fn has_form(text: &str) -> bool {
        (2..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    }
}

impl CodeString {
    /// The digits of a suffix if the code string is free with so few.
    pub const SHORTEST_SUFFIX: usize = 4;

    /// The code string whose suffix is the first `digits` hex digits of `id`, which [`super::CodeCandidate`] keeps in
    /// range.
    pub(super) fn new(label: &Label, campaign: &Campaign, id: &CodeId, digits: usize) -> Self {
        let suffix = id.digits()[..digits].to_ascii_uppercase();
        Self(format!("{label}-{}-{suffix}", campaign.0))
    }

    /// Reads a code string.
    ///
    /// # Errors
    /// The text does not have the form of a code string.
    pub fn parse(text: &str) -> Result<Self, InvalidCodeString> {
        let mut parts = text.split('-');
        let (Some(label), Some(campaign), Some(suffix), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidCodeString);
        };
        let fits = Label::parse(label).is_some()
            && Campaign::has_form(campaign)
            && (Self::SHORTEST_SUFFIX..=CodeId::LONGEST).contains(&suffix.len())
            && suffix.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidCodeString) }
    }

    /// The label at its start. A rotation keeps it.
    ///
    /// # Panics
    /// Never: `new` and `parse` are the only ways to make a code string, and both begin it with a label.
    pub fn label(&self) -> Label {
        self.0.split('-').next().and_then(Label::parse).expect("a code begins with a label")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_string_has_one_exact_form() {
        for text in ["JAN-VERV-8F3A", "BO-X2-00000000", "JAN-12-2026", "XKZ-ABCDEFGHIJKL-8F3A2"] {
            let code = CodeString::parse(text).expect(text);
            assert_eq!(code.as_str(), text);
            assert!(text.starts_with(&format!("{}-", code.label())));
        }
        for text in
            ["", "JAN", "JAN-VERV", "JAN-VERV-8F3", "jan-VERV-8F3A", "JAN-V-8F3A", "JAN-VERV-8F3G", "JAN-VERV-8F3A-1"]
        {
            assert_eq!(CodeString::parse(text), Err(InvalidCodeString), "{text}");
        }
    }

    #[test]
    fn campaign_is_two_to_twelve_capitals_and_digits_but_no_number() {
        for text in ["AB", "VERV", "2026SPRING12", "1A"] {
            assert!(Campaign::parse(text).is_ok(), "{text}");
        }
        for text in ["", "A", "verv", "VERV-1", "ABCDEFGHIJKLM", "ÆØ", "12", "2026"] {
            assert_eq!(Campaign::parse(text), Err(InvalidCampaign), "{text}");
        }
    }
}
