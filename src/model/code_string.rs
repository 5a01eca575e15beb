//! The code string that a mentor hands out: `LABEL-CAMPAIGN-SUFFIX`, as in `JAN-VERV-8F3A`.

use super::text::{InvalidText, text_value};
use super::{CodeId, Label};

text_value! {
    /// `JAN-VERV-8F3A`: a `Label`, a [`Campaign`] and 4 to 20 upper-case hex digits.
    CodeString, is_code_string, "must be LABEL-CAMPAIGN-SUFFIX"
}

text_value! {
    /// The middle part of every code made while the setting `CAMPAIGN` has this value. A spreadsheet takes `JAN-12-2026` for a
    /// date, so it is not of digits alone.
    Campaign, is_campaign, "must be 2 to 12 characters of A-Z and 0-9, and not of digits alone"
}

fn is_campaign(text: &str) -> bool {
    has_form_of_campaign(text) && !text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a code may have this campaign: 2 to 12 of `A-Z 0-9`. Codes of an earlier setting keep theirs.
fn has_form_of_campaign(text: &str) -> bool {
    (2..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn is_code_string(text: &str) -> bool {
    let mut parts = text.split('-');
    let parts = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(label), Some(campaign), Some(suffix), None) = parts else { return false };
    Label::parse(label).is_ok()
        && has_form_of_campaign(campaign)
        && (CodeString::SHORTEST_SUFFIX..=CodeId::LONGEST).contains(&suffix.len())
        && suffix.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'))
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

    /// The label at its start. A rotation keeps it.
    ///
    /// # Panics
    /// Never: `new` and `parse` are the only ways to make a code string, and both begin it with a label.
    pub fn label(&self) -> Label {
        self.0.split('-').next().and_then(|label| label.parse().ok()).expect("a code begins with a label")
    }
}
