//! The label at the start of a code: three letters of the mentor's name, or three consonants derived from the mentor's
//! id.

use std::fmt;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::{MentorId, MentorName};

/// `JAN`: two or three of `A-Z`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label(String);

/// Letters for derived labels. Without vowels (Y counts as one here) they spell no word.
const CONSONANTS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Offensive labels in English and in Norwegian, in the order of the alphabet: swear words, slurs, and abbreviations that
/// are refused for number plates. Each has two or three letters, as labels have.
///
/// The list is our own. Lists for texts match whole words, of which three letters are left here; and they would also
/// refuse the beginnings of ordinary names, such as Knut, Rune, Rasmus or Monica. A test keeps those. To refuse one label
/// too many does little harm: the mentor gets a derived one.
const OFFENSIVE: &[&str] = &[
    "ANL", "ASS", "AZZ", "BCH", "CLT", "CNT", "COK", "CUK", "CUM", "CUN", "DCK", "DIC", "DIE", "DIK", "DRP", "DRT",
    "DYK", "FAE", "FAG", "FAP", "FAT", "FCK", "FGT", "FIT", "FKN", "FKU", "FUC", "FUK", "FUQ", "FUX", "GAY", "GTF",
    "HH", "HIT", "HIV", "HJ", "HLR", "HOE", "HOM", "HOR", "HRE", "JAE", "JAP", "JEW", "JIZ", "JOD", "JVL", "JZZ",
    "KIK", "KKK", "KNL", "KUK", "KYS", "KZ", "LAP", "LSD", "MNG", "NAZ", "NEG", "NGA", "NGG", "NGR", "NIG", "NS",
    "NZI", "PAK", "PED", "PIK", "PIS", "PKK", "PMS", "PNS", "POO", "PRN", "PSS", "PUL", "PUP", "PUS", "RAP", "RNK",
    "RPE", "SEX", "SHT", "SLT", "SOB", "SOP", "SS", "SUK", "SUX", "SXY", "TAT", "TIS", "TIT", "TTS", "TWT", "VAG",
    "VGN", "WNK", "WOG", "WTF", "XTC", "XXX",
];

/// The label if all derived ones are offensive, which has never been seen: the digest has 30 of them.
const LAST_RESORT: &str = "RFL";

impl Label {
    /// The label for a mentor: from the name if there is one that gives a label, else from the id.
    #[must_use]
    pub fn for_mentor(name: Option<&MentorName>, mentor_id: &MentorId) -> Self {
        name.and_then(Self::from_name).unwrap_or_else(|| Self::derived(mentor_id))
    }

    /// The first three ASCII letters of the folded name; none if fewer than two are left, or if they are offensive.
    fn from_name(name: &MentorName) -> Option<Self> {
        let letters: String = fold(name.as_str()).take(3).collect();
        if letters.len() < 2 || OFFENSIVE.contains(&letters.as_str()) { None } else { Some(Self(letters)) }
    }

    /// Three consonants that depend only on the mentor's id.
    fn derived(mentor_id: &MentorId) -> Self {
        let digest = Sha256::digest(mentor_id.as_str().as_bytes());
        let labels = digest.windows(3).map(|bytes| {
            bytes.iter().map(|byte| char::from(CONSONANTS[usize::from(*byte) % CONSONANTS.len()])).collect::<String>()
        });
        let label = labels.into_iter().find(|label| !OFFENSIVE.contains(&label.as_str()));
        Self(label.unwrap_or_else(|| LAST_RESORT.to_owned()))
    }

    /// Reads a label: two or three of `A-Z`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fits = (2..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase());
        fits.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The ASCII letters of a text in upper case. Accents are removed (compatibility decomposition). Latin letters without
/// a decomposition are replaced as usual (`Ø` by `O`, `ß` by `SS`). Other scripts are not transliterated.
fn fold(text: &str) -> impl Iterator<Item = char> {
    text.nfkd().flat_map(|letter| latin(letter).chars().collect::<Vec<_>>()).map(|letter| letter.to_ascii_uppercase())
}

fn latin(letter: char) -> String {
    let written = match letter {
        'Æ' | 'æ' => "AE",
        'Œ' | 'œ' => "OE",
        'Ø' | 'ø' => "O",
        'ß' | 'ẞ' => "SS",
        'Ð' | 'ð' | 'Đ' | 'đ' => "D",
        'Þ' | 'þ' => "TH",
        'Ł' | 'ł' => "L",
        'Ħ' | 'ħ' => "H",
        'Ŧ' | 'ŧ' => "T",
        'Ŋ' | 'ŋ' => "N",
        'ı' => "I",
        _ if letter.is_ascii_alphabetic() => return letter.to_string(),
        _ => "",
    };
    written.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn from_name(name: &str) -> Option<String> {
        Label::from_name(&MentorName::parse(name).expect("a name")).map(|label| label.to_string())
    }

    #[test]
    fn label_is_the_first_letters_of_the_folded_name() {
        for (name, label) in [
            ("Jan", "JAN"),
            ("Åse", "ASE"),
            ("A\u{30a}se", "ASE"),
            ("Øyvind", "OYV"),
            ("Ærlig", "AER"),
            ("Jo-Anne", "JOA"),
            ("  bo ", "BO"),
            ("Ｊａｎ", "JAN"),
            ("Łukasz", "LUK"),
            ("1 Şule", "SUL"),
        ] {
            assert_eq!(from_name(name).as_deref(), Some(label), "{name}");
        }
    }

    #[test]
    fn label_of_a_name_with_too_few_letters_or_an_offensive_one_is_none() {
        for name in [
            "J",
            "1234",
            "李明",
            "Ж",
            "🙂",
            "Fag Hansen",
            "f.u.k",
            "Fitte",
            "Neger",
            "Nazi",
            "C.N.T.",
            "Dck",
            "Puss",
            "X X X",
        ] {
            assert_eq!(from_name(name), None, "{name}");
        }
    }

    #[test]
    fn list_of_offensive_labels_is_sorted_and_has_labels_only() {
        assert!(OFFENSIVE.is_sorted_by(|one, next| one < next));
        assert!(OFFENSIVE.iter().all(|label| Label::parse(label).is_some()));
        assert!(!OFFENSIVE.contains(&LAST_RESORT) && Label::parse(LAST_RESORT).is_some());
    }

    /// Common names of Norway, in Norwegian and in the languages of those who have moved there.
    #[test]
    fn ordinary_name_keeps_its_label() {
        for name in [
            "Aisha", "Anne", "Astrid", "Fanny", "Hanne", "Ingrid", "Jan", "Kari", "Knut", "Kristin", "Liv", "Mohammed",
            "Monica", "Mustafa", "Ola", "Per", "Rasmus", "Rune", "Shirin", "Sigrid", "Solveig", "Svein", "Tone",
            "Wanja", "Åse",
        ] {
            let folded: String = fold(name).take(3).collect();
            assert_eq!(from_name(name), Some(folded), "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_derived_label_is_three_consonants_and_always_the_same(id in "[A-Za-z0-9_.:-]{1,128}") {
            let mentor = MentorId::parse(&id).expect("an id");
            let label = Label::for_mentor(None, &mentor);
            prop_assert_eq!(&label, &Label::for_mentor(None, &mentor));
            prop_assert_eq!(label.0.len(), 3);
            prop_assert!(label.0.bytes().all(|b| CONSONANTS.contains(&b)));
            prop_assert!(!OFFENSIVE.contains(&label.0.as_str()));
        }

        #[test]
        fn every_name_gives_a_valid_label(name in "\\PC{1,100}") {
            let mentor = MentorId::parse("usr_1").expect("an id");
            let label = Label::for_mentor(Some(&MentorName::parse(&name).expect("a name")), &mentor);
            prop_assert_eq!(Label::parse(&label.0), Some(label));
        }
    }
}
