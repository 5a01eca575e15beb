//! Code strings as people type them: in any case, with blanks, with other dashes, or with nothing between the parts; in a
//! sentence, in quotes or in brackets; and as text recognition reads them.
//!
//! # What a text means
//!
//! Full-width letters and digits count as their plain forms, and characters of no width are not there. What stands around
//! the whole (blanks, dashes, punctuation, quotes, brackets) is dropped. An ellipsis after it is a text cut off: no code.
//! Inside, only letters, digits and separators can be part of a code. A separator is a run of blanks, dashes and
//! underscores.
//!
//! 1. Separators stand between the parts. If the text shows both places, it may name any campaign. Where it shows fewer,
//!    the campaign of the settings tells the others: the part of that name is the campaign.
//! 2. If no code can be read in this way, blanks inside of a part are passed over: `JAN VERV 8F 3A`. A dash is never
//!    passed over.
//! 3. If no code can be read so either, the same two rules are tried with look-alikes: a character that a part cannot hold
//!    counts as the one that it is taken for ([`hex_digit`], [`label_letter`]). Not where the text does not show both places
//!    and is a code of another campaign as it stands: `JANVERVS8F3A` is a code of the campaign `VERVS`, and never
//!    `JAN-VERV-58F3A`.
//!
//! A text that the first rule which applies reads as several codes is no code, and so is everything else.
//!
//! The letters and digits of a code are thus always those of the text, or their look-alikes, in their order. A code's own
//! string is always read as that code.
//!
//! If the parts were joined and split by the campaign alone, codes of an earlier campaign could not be typed, and
//! `JAN-VERV-8F3A-1234` would be the code `JAN-VERV-8F3A1234`. If the table were asked which reading exists, a text could come
//! to mean another code when one is made.

use icu_properties::props::{Dash, DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};

use super::{Campaign, CodeId, CodeString};

/// The most letters and digits of a code: 3 of the label, 12 of the campaign, 20 of the suffix.
const MAX_CHARACTERS: usize = 35;
const LABEL_LENGTHS: [usize; 2] = [2, 3];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Separator {
    Blank,
    Dash,
}

/// The letters and digits of a text, and where separators stand between them.
struct Typed {
    characters: String,
    /// The number of characters before each separator.
    separators: Vec<(usize, Separator)>,
}

impl CodeString {
    /// Reads a code string as people type it; none if the text is not exactly one code. `campaign` is the one of the
    /// settings.
    pub fn parse_typed(text: &str, campaign: &Campaign) -> Option<Self> {
        let typed = Typed::read(text)?;
        let all: Vec<_> = typed.separators.iter().map(|(place, _)| *place).collect();
        let dashes = typed.separators.iter().filter(|(_, separator)| *separator == Separator::Dash);
        let dashes: Vec<_> = dashes.map(|(place, _)| *place).collect();
        for look_alikes in [false, true] {
            for ends in [&all, &dashes] {
                let is_of_any_campaign = || !typed.codes(&dashes, None, false).is_empty();
                if look_alikes && ends.len() != 2 && is_of_any_campaign() {
                    continue;
                }
                let mut codes = typed.codes(ends, Some(campaign), look_alikes);
                if let Some(code) = codes.pop() {
                    return codes.is_empty().then_some(code);
                }
            }
        }
        None
    }
}

impl Typed {
    /// None if the text has nothing of a code, is cut off, has a character inside that no code and no separator has, or too
    /// many.
    fn read(text: &str) -> Option<Self> {
        let text: Vec<_> = text.chars().map(plain_form).filter(|c| !has_no_width(*c)).collect();
        let start = text.iter().position(|c| !is_around_a_code(*c))?;
        let end = text.iter().rposition(|c| !is_around_a_code(*c))? + 1;
        if is_cut_off(&text[end..]) {
            return None;
        }
        let mut typed = Self { characters: String::new(), separators: Vec::new() };
        let mut separator = None;
        for character in &text[start..end] {
            if character.is_whitespace() {
                separator = separator.max(Some(Separator::Blank));
            } else if is_dash(*character) {
                separator = Some(Separator::Dash);
            } else if character.is_ascii_alphanumeric() && typed.characters.len() < MAX_CHARACTERS {
                typed.separators.extend(separator.take().map(|separator| (typed.characters.len(), separator)));
                typed.characters.push(character.to_ascii_uppercase());
            } else {
                return None;
            }
        }
        Some(typed)
    }

    /// The codes that the characters, or their look-alikes, can be read as, if a part ends at each of these places. If not both
    /// ends are known, the campaign must be this one, or may be any if there is none.
    fn codes(&self, ends: &[usize], campaign: Option<&Campaign>, look_alikes: bool) -> Vec<CodeString> {
        let places =
            LABEL_LENGTHS.into_iter().flat_map(|label| (label..self.characters.len()).map(move |end| (label, end)));
        let fits = |(label, end): &(usize, usize)| {
            let names = |campaign: &Campaign| self.characters[*label..*end] == *campaign.as_str();
            ends.iter().all(|place| place == label || place == end) && (ends.len() == 2 || campaign.is_none_or(names))
        };
        places.filter(fits).filter_map(|(label, end)| self.code(label, end, look_alikes)).collect()
    }

    /// The code whose label and campaign end at these places.
    fn code(&self, label: usize, campaign: usize, look_alikes: bool) -> Option<CodeString> {
        let (start, suffix) = self.characters.split_at_checked(campaign)?;
        let (label, campaign) = start.split_at_checked(label)?;
        let code = if look_alikes {
            let label = label.chars().map(label_letter).collect::<String>();
            format!("{label}-{campaign}-{}", suffix.chars().map(hex_digit).collect::<String>())
        } else {
            format!("{label}-{campaign}-{suffix}")
        };
        CodeString::parse(&code).ok()
    }
}

/// The hexadecimal digit that a character of a suffix is meant as.
fn hex_digit(typed: char) -> char {
    match typed {
        'O' => '0',
        'I' | 'L' => '1',
        'Z' => '2',
        'S' => '5',
        'G' => '6',
        other => other,
    }
}

/// The letter that a character of a label is meant as.
fn label_letter(typed: char) -> char {
    match typed {
        '0' => 'O',
        '2' => 'Z',
        '5' => 'S',
        '6' => 'G',
        '8' => 'B',
        other => other,
    }
}

/// The ASCII character of a full-width one. <https://www.unicode.org/charts/PDF/UFF00.pdf>
fn plain_form(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xff01 + 0x21).unwrap_or(character),
        other => other,
    }
}

/// What comes along when a text is copied and takes no place: soft hyphens, joiners, direction marks, the place of a picture.
fn has_no_width(character: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        || matches!(character, '\u{fff9}'..='\u{fffc}')
}

/// Whether a character can stand around a code without being part of it.
pub fn is_around_a_code(character: char) -> bool {
    let character = plain_form(character);
    character.is_whitespace()
        || is_dash(character)
        || has_no_width(character)
        || GeneralCategoryGroup::Punctuation.contains(category(character))
        // Quotes and brackets that Unicode counts as symbols.
        || matches!(character, '<' | '>' | '`' | '´' | '\u{275b}'..='\u{2760}')
}

/// Whether what follows a code says that it goes on: an ellipsis, or more than one full stop.
fn is_cut_off(following: &[char]) -> bool {
    let stops = following.iter().map(|c| match c {
        '.' | '\u{2024}' | '\u{3002}' | '\u{fe52}' | '\u{ff61}' => 1,
        '\u{2026}' | '\u{2025}' | '\u{fe19}' | '\u{fe30}' | '\u{1801}' | '\u{eaf}' => 2,
        _ => 0,
    });
    stops.sum::<u32>() > 1
}

/// The dashes, hyphens, minus signs and underscores of Unicode, and what looks like them.
fn is_dash(character: char) -> bool {
    CodePointSetData::new::<Dash>().contains(character)
        || category(character) == GeneralCategory::ConnectorPunctuation
        || matches!(character, '\u{2cd}' | '\u{2d7}' | '\u{2017}' | '\u{2043}' | '\u{2796}')
}

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

const _: () = assert!(MAX_CHARACTERS == 3 + 12 + CodeId::LONGEST);
