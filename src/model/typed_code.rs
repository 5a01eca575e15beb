//! Code strings as people type them: in any case, with blanks, with other dashes, or with nothing between the parts.
//!
//! # What a text means
//!
//! Only letters, digits and separators can be part of a code. A separator is a run of blanks, dashes and underscores.
//!
//! 1. Separators stand between the parts. If the text shows both places, it may name any campaign. Where it shows fewer,
//!    the campaign of the settings tells the others: the part of that name is the campaign.
//! 2. If no code can be read in this way, blanks inside of a part are passed over: `JAN VERV 8F 3A`. A dash is never
//!    passed over.
//!
//! In the suffix, which is hexadecimal, `O` counts as `0`, and `I` and `L` as `1`. A text that the first rule which
//! applies reads as several codes is no code, and so is everything else.
//!
//! The letters and digits of a code are thus always those of the text, in their order. So no text is read as two codes, and
//! a code's own string is always read as that code.

use super::{Campaign, CodeId, CodeString};

/// The most letters and digits of a code: 3 of the label, 12 of the campaign, 20 of the suffix.
const MAX_CHARACTERS: usize = 35;
/// The possible lengths of a label.
const LABEL_LENGTHS: [usize; 2] = [2, 3];

/// What stands between two characters of a text.
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
    #[must_use]
    pub fn parse_typed(text: &str, campaign: &Campaign) -> Option<Self> {
        let typed = Typed::read(text)?;
        let all: Vec<_> = typed.separators.iter().map(|(place, _)| *place).collect();
        let dashes = typed.separators.iter().filter(|(_, separator)| *separator == Separator::Dash);
        let dashes: Vec<_> = dashes.map(|(place, _)| *place).collect();
        let mut codes = typed.codes(&all, campaign);
        if codes.is_empty() && dashes.len() < all.len() {
            codes = typed.codes(&dashes, campaign);
        }
        if codes.len() == 1 { codes.pop() } else { None }
    }
}

impl Typed {
    /// None if the text has a character that no code and no separator has, too many, or a dash at one of its ends.
    fn read(text: &str) -> Option<Self> {
        let mut typed = Self { characters: String::new(), separators: Vec::new() };
        let mut separator = None;
        for character in text.chars() {
            if is_blank(character) {
                separator = separator.max(Some(Separator::Blank));
            } else if is_dash(character) {
                separator = Some(Separator::Dash);
            } else if character.is_ascii_alphanumeric() && typed.characters.len() < MAX_CHARACTERS {
                let place = typed.characters.len();
                match separator.take() {
                    Some(Separator::Dash) if place == 0 => return None,
                    Some(separator) if place > 0 => typed.separators.push((place, separator)),
                    _ => {}
                }
                typed.characters.push(character.to_ascii_uppercase());
            } else {
                return None;
            }
        }
        (separator != Some(Separator::Dash)).then_some(typed)
    }

    /// The codes that the characters can be read as, if the parts end at each of these places.
    fn codes(&self, ends: &[usize], campaign: &Campaign) -> Vec<CodeString> {
        let places: Vec<_> = match *ends {
            [label, campaign] => vec![(label, campaign)],
            _ => LABEL_LENGTHS.into_iter().map(|label| (label, label + campaign.as_str().len())).collect(),
        };
        let fits = |(label, end): &(usize, usize)| {
            ends.len() == 2
                || (ends.iter().all(|place| place == label || place == end)
                    && self.characters.get(*label..*end) == Some(campaign.as_str()))
        };
        places.into_iter().filter(fits).filter_map(|(label, end)| self.code(label, end)).collect()
    }

    /// The code whose label and campaign end at these places.
    fn code(&self, label: usize, campaign: usize) -> Option<CodeString> {
        let suffix = self.characters.get(campaign..)?.chars().map(hex_digit).collect::<String>();
        let code = format!("{}-{}-{suffix}", self.characters.get(..label)?, self.characters.get(label..campaign)?);
        CodeString::parse(&code).ok()
    }
}

/// The hexadecimal digit that a character of a suffix is meant as.
fn hex_digit(typed: char) -> char {
    match typed {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

/// White space, and the characters of no width that come along when a text is copied.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        || character == '\u{feff}'
}

/// The dashes, hyphens, minus signs and underscores of Unicode: the property `Dash`, the category `Pc`, and what looks
/// like them.
/// <https://www.unicode.org/Public/UCD/latest/ucd/PropList.txt>
fn is_dash(character: char) -> bool {
    matches!(
        character,
        '-' | '_' | '\u{ad}' | '\u{2cd}' | '\u{2d7}' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}'
            | '\u{2010}'..='\u{2015}' | '\u{2017}' | '\u{203f}' | '\u{2040}' | '\u{2043}' | '\u{2053}' | '\u{2054}'
            | '\u{207b}' | '\u{208b}' | '\u{2212}' | '\u{2796}' | '\u{2e17}' | '\u{2e1a}' | '\u{2e3a}' | '\u{2e3b}'
            | '\u{2e40}' | '\u{2e5d}' | '\u{301c}' | '\u{3030}' | '\u{30a0}' | '\u{fe31}'..='\u{fe34}'
            | '\u{fe4d}'..='\u{fe4f}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{ff3f}' | '\u{10d6e}' | '\u{10ead}'
    )
}

const _: () = assert!(MAX_CHARACTERS == 3 + 12 + CodeId::LONGEST);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(text: &str, campaign: &str) -> Option<String> {
        CodeString::parse_typed(text, &Campaign::parse(campaign).unwrap()).map(|code| code.to_string())
    }

    #[test]
    fn typed_code_may_differ_in_case_separators_and_digits_that_look_like_letters() {
        for text in [
            "JAN-VERV-8F3A",
            "jan-verv-8f3a",
            "janverv8f3a",
            "JanVerv 8F3A",
            "jan verv8f3a",
            "  jan\u{a0}verv\t8f3a\n",
            "jan - verv -- 8f3a",
            "jan_verv_8f3a",
            "jan–verv—8f3a",
            "jan\u{2011}verv\u{2212}8f3a",
            "JAN＿VERV－8F3A",
            "jan verv 8f 3a",
            "j a n v e r v 8 f 3 a",
            "\u{feff}JAN-VERV-8F3A\u{200b}",
        ] {
            assert_eq!(typed(text, "VERV").as_deref(), Some("JAN-VERV-8F3A"), "{text:?}");
        }
        assert_eq!(typed("oli-liol-oil1", "VERV").as_deref(), Some("OLI-LIOL-0111"));
        assert_eq!(typed("olilioloil1", "LIOL").as_deref(), Some("OLI-LIOL-0111"));
    }

    #[test]
    fn text_that_is_not_exactly_one_code_is_none() {
        for text in [
            "",
            "-",
            " ",
            "JAN",
            "JAN-VERV",
            "JAN-VERV-8F3",
            "JAN-VERV-8F3G",
            "JAN-VERV-8F3A-1",
            "JAN-VERV-8F-3A",
            "JA-N-VERV-8F3A",
            "JAN-VE-RV-8F3A",
            "-JAN-VERV-8F3A",
            "JAN-VERV-8F3A–",
            "JAN--8F3A",
            "JANET-VERV-8F3A",
            "J-VERV-8F3A",
            "0LI-VERV-8F3A",
            "JAN+VERV+8F3A",
            "JAN.VERV.8F3A",
            "JAN-VERV-8F3A?",
            "JÅN-VERV-8F3A",
            "JAN-VERV-８F3A",
            "JAN-VERV-8F3A\u{0}",
            "JAN-VERV-8F3A12345678901234567",
        ] {
            assert_eq!(typed(text, "VERV"), None, "{text:?}");
        }
        assert_eq!(typed("janspring8f3a", "VERV"), None, "only the campaign of the settings tells where the parts end");
        assert_eq!(typed("jan-spring-8f3a", "VERV").as_deref(), Some("JAN-SPRING-8F3A"));
    }

    #[test]
    fn text_that_reads_as_two_codes_is_none_until_a_separator_decides() {
        // JA-AA-A1234 and JAA-AA-1234.
        assert_eq!(typed("jaaaa1234", "AA"), None);
        assert_eq!(typed("j aaaa1234", "AA"), None);
        assert_eq!(typed("ja aaa1234", "AA").as_deref(), Some("JA-AA-A1234"));
        assert_eq!(typed("jaaaa-1234", "AA").as_deref(), Some("JAA-AA-1234"));
        // Two separators in possible places are the parts, even if the campaign of the settings could be read elsewhere.
        assert_eq!(typed("xa bab cdef", "AB").as_deref(), Some("XA-BAB-CDEF"));
        assert_eq!(typed("xababcdef", "AB").as_deref(), Some("XAB-AB-CDEF"));
    }

    const CAMPAIGN: &str = "[A-Z0-9]{2,12}";

    prop_compose! {
        /// A code, with few letters, so that parts often look alike.
        fn any_code()(label in "[AB]{2,3}|[A-Z]{2,3}", campaign in "[AB]{2,4}|[A-Z0-9]{2,12}", suffix in "[AB]{4,6}|[0-9A-F]{4,20}")
            -> [String; 3]
        {
            [label, campaign, suffix]
        }
    }

    const BLANK: &str = "[ \t\u{a0}\u{2009}\u{3000}\u{200b}]{0,2}";
    const SEPARATOR: &str = "[ \u{a0}\u{3000}\n]{1,2}|[ \u{a0}]?[-_\u{ad}\u{2010}-\u{2015}\u{2212}\u{2e3a}\u{fe33}\u{fe58}\u{fe63}\u{ff0d}\u{ff3f}]{1,2} ?";

    /// One way to type a character: in either case and, in a suffix, as a letter that looks like the digit.
    fn type_character(character: char, way: u8, in_suffix: bool) -> char {
        let look_alike = match (character, in_suffix, way / 2 % 3) {
            ('0', true, 1 | 2) => 'O',
            ('1', true, 1) => 'I',
            ('1', true, 2) => 'L',
            _ => character,
        };
        if way.is_multiple_of(2) { look_alike.to_ascii_lowercase() } else { look_alike }
    }

    fn type_part(part: &str, ways: &[u8], in_suffix: bool) -> String {
        part.chars()
            .zip(ways.iter().cycle())
            .map(|(character, way)| type_character(character, *way, in_suffix))
            .collect()
    }

    proptest! {
        /// Whatever the settings say now: a code whose parts are shown is read as that code.
        #[test]
        fn code_survives_every_way_of_typing_it_with_separators(
            [label, campaign, suffix] in any_code(), current in CAMPAIGN, ways in prop::collection::vec(any::<u8>(), 1..40),
            first in SEPARATOR, second in SEPARATOR, before in BLANK, after in BLANK,
        ) {
            let parts = [type_part(&label, &ways, false), type_part(&campaign, &ways, false), type_part(&suffix, &ways, true)];
            let text = format!("{before}{}{first}{}{second}{}{after}", parts[0], parts[1], parts[2]);
            prop_assert_eq!(typed(&text, &current), Some(format!("{label}-{campaign}-{suffix}")), "{:?}", text);
        }

        /// Without one separator or both, a code of the current campaign is read as that code, or as none if the text could
        /// be another one: that takes a campaign of one character over and over, which a label and a suffix can have too.
        #[test]
        fn code_survives_without_separators_where_the_campaign_tells_the_parts(
            [label, campaign, suffix] in any_code(), ways in prop::collection::vec(any::<u8>(), 1..40),
            first in SEPARATOR, second in SEPARATOR, shown in 0..3_u8,
        ) {
            let (first, second) = match shown { 0 => ("", ""), 1 => (&*first, ""), _ => ("", &*second) };
            let parts = [type_part(&label, &ways, false), type_part(&campaign, &ways, false), type_part(&suffix, &ways, true)];
            let text = format!("{}{first}{}{second}{}", parts[0], parts[1], parts[2]);
            let read = typed(&text, &campaign);
            let code = format!("{label}-{campaign}-{suffix}");
            let one_character = campaign.bytes().all(|byte| byte == campaign.as_bytes()[0]);
            prop_assert!(read == Some(code.clone()) || (read.is_none() && one_character && shown == 0), "{:?}: {:?}", text, read);
        }

        /// What is read has the characters of the text, so no two codes are read as the same, and a string is its own code.
        #[test]
        fn read_code_has_the_characters_of_the_text(
            text in "[A-Ca-c01OoIlL\u{2013} _-]{6,16}|\\PC{0,20}", campaign in "[A-C]{2,3}",
        ) {
            if let Some(code) = typed(&text, &campaign) {
                let mut digits = text.chars().filter(char::is_ascii_alphanumeric).map(|digit| digit.to_ascii_uppercase());
                let (start, suffix) = code.rsplit_once('-').unwrap();
                for expected in start.chars().filter(|character| *character != '-') {
                    prop_assert_eq!(digits.next(), Some(expected));
                }
                prop_assert_eq!(digits.map(hex_digit).collect::<String>(), suffix);
                prop_assert_eq!(typed(&code, &campaign), Some(code));
            }
        }
    }
}
