//! The label at the start of a code: three letters of the mentor's name, or three consonants derived from the mentor's
//! id.
//!
//! Only the letters of Latin alphabets are folded. To write other scripts in Latin letters takes knowing the language.

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::text::{InvalidText, text_value};
use super::{MentorId, MentorName};

text_value! {
    /// `JAN`: two or three of `A-Z`.
    Label, is_label, "must be two or three of A-Z"
}

fn is_label(text: &str) -> bool {
    (2..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// Letters for derived labels. Without vowels (Y counts as one here) they spell no word.
const CONSONANTS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Offensive labels in English and in Norwegian, in the order of the alphabet: swear words, slurs, and abbreviations that
/// are refused for number plates. Each has two or three letters, as labels have.
///
/// The list is our own. Lists for texts match whole words, of which three letters are left here; and they would also
/// refuse the beginnings of ordinary names, such as Fatima, Knut, Pedro, Rasmus or Sophie. A test keeps those. A name whose
/// label is here gives its consonants instead, so to refuse one label too many does little harm.
const OFFENSIVE: &[&str] = &[
    "ANL", "ASS", "AZZ", "BCH", "CLT", "CNT", "COK", "CUK", "CUM", "CUN", "DCK", "DIC", "DIK", "DRP", "DRT", "DYK",
    "FAE", "FAG", "FAP", "FCK", "FGT", "FIT", "FKN", "FKU", "FUC", "FUK", "FUQ", "FUX", "GAY", "GTF", "HH", "HIT",
    "HIV", "HJ", "HLR", "HOE", "HOM", "HOR", "JAP", "JEW", "JIZ", "JVL", "JZZ", "KIK", "KKK", "KNL", "KUK", "KYS",
    "KZ", "LAP", "LSD", "MNG", "NAZ", "NEG", "NGA", "NGG", "NGR", "NIG", "NS", "NZI", "PAK", "PIK", "PIS", "PKK",
    "PMS", "PNS", "PRN", "PSS", "PUL", "PUP", "PUS", "RNK", "RPE", "SEX", "SHT", "SLT", "SOB", "SS", "SUK", "SUX",
    "SXY", "TIT", "TTS", "TWT", "VGN", "WNK", "WOG", "WTF", "XTC", "XXX",
];

/// The label if all derived ones are offensive, which has never been seen: the digest has 30 of them.
const LAST_RESORT: &str = "RFL";

impl Label {
    /// The label for a mentor: from the name if there is one that gives a label, else from the id.
    pub fn for_mentor(name: Option<&MentorName>, mentor_id: &MentorId) -> Self {
        name.and_then(Self::from_name).unwrap_or_else(|| Self::derived(mentor_id))
    }

    /// The first three ASCII letters of the folded name, or its first three consonants if those are offensive; none if fewer
    /// than two letters are left, or if the consonants are offensive too.
    fn from_name(name: &MentorName) -> Option<Self> {
        let letters: String = fold(name.as_str()).take(3).collect();
        if letters.len() < 2 {
            return None;
        }
        let is_consonant = |letter: &char| !matches!(letter, 'A' | 'E' | 'I' | 'O' | 'U' | 'Y');
        let consonants: String = fold(name.as_str()).filter(is_consonant).take(3).collect();
        let consonants = Some(consonants).filter(|consonants| consonants.len() == 3);
        [Some(letters), consonants].into_iter().flatten().find(|label| !OFFENSIVE.contains(&label.as_str())).map(Self)
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
}

/// What is written in ASCII for the Latin letters that have no decomposition: capitals, then the letters that they stand for.
/// Of a letter in two cases only the small one is here. A test derives the table anew.
const LATIN: &str = "\
    Aɐɑɒʌᴀᶏᶐⱥꞻꬰꭤ AAꜳ𐞀 AEæᴁᴂꞛꬱ AOꜵ AUꜷ AVꜹꜻ AYꜽ Bƀƃɓʙᴃᴯᵬᶀꞗꞵ Cƈǀȼɕᴄↄꜿꞓꞔ𝼝 Dðđƌȡɖɗᴅᴆᵭᶁᶑẟꝱꝺꟈ𝼥 DBȸ DZƻʣʥꭦ DZHʤ𝼒𝼙 \
    Eǝɇɘəɛɜᴇᴈᶒᶓᶔᶕⱸⱻꬲꬳꬴ ERɚɝ Fƒɸᵮᶂⅎꜰꝼꞙꟻꬵ FNGʩ𝼀 Gǥɠɡɢɣʛᵷᵹᶃꞡꟑꬶ𝼁𝼂 GHƣ Hħɦɧʜⱨⱶꜧꞕꟶ HWƕ Iıɨɩɪɿʅᴉᵎᵻᵼᶖꞽꟷꟾ𝼚 IAꭠ IEꭡ \
    Jȷɉɟʄʝᴊ Kƙʞᴋᶄⱪꝁꝃꝅꞣ𝼃𝼐 Lłƚƛȴɫɬɭʟᴌᶅⱡꝇꝉꝲꞎꟛꬷꬸꬹ𝼄𝼑𝼓𝼦 LLỻꞁ LSʪ LZʫ LZHɮ𝼅 Mɱᴍᵯᶆⱞꝳꟽꟿꬺ Nƞȵɲɳɴᴎᴻᵰᶇꝴꞑꞥꬻ𝼧 NGŋꝿꬼ𝼇𝼔 \
    Oøɔɞɵᴏᴐᴑᴒᴓᴖᴗᶗⱷⱺꝋꝍꞷꟁꬽꬾꬿ𝼛 OEœɶʚᴔꞝꭀꭁꭂꭢ OOꝏꭃꭄ OUȣᴕ Pƥᴘᵱᵽᶈꝑꝓꝕꟼ PCʘ Qĸǃɋʗʠꝗꝙꞯ𝼊𝼏 QCǂ𝼋𝼌 QPȹ \
    Rɍɹɺɻɼɽɾʀʁᴙᴚᵲᵳᶉⱹꝛꝝꝵꝶꞃꞧꭅꭆꭇꭉꭋꭌꭨ𝼈𝼕𝼖𝼨 RRꭈꭊ Sȿʂᵴᶊẜẝꜱꝭꝸꞅꞩꟊꟍꟗꟙ𝼞𝼩 SHƪʃʆᶋᶘꭍ SSß Tŧƫƭȶʇʈᴛᵵⱦꝷꞇ𝼉𝼍𝼪 TCʨ THþᵺꝥꝧ THTHꟓ \
    TSƾʦꭧ TSHʧ𝼗𝼜 TZꜩ Uɤɷʉʊᴜᴝᴞᵾᵿᶙꞹꞿꭎꭏꭒ UEᵫꞟ UIꭐꭑ UOꭣ Vʋᴠᶌỽⱱⱴꝟꝩ VYꝡ Wƿɯɰʍᴟᴡⱳꟃꟺ WWʬꟕ Xǁʖᶍꭓꭔꭕꭖꭗꭘꭙ𝼎 Yƴȝɏɥʎʏʮʯỿꭚ𝼆 \
    Zƍƶȥɀʐʑᴢᵶᶎⱬꝣ ZHƺʒʓᴣᶚ𝼘";

/// The ASCII letters of a text in upper case. Accents are removed (compatibility decomposition). Latin letters without a
/// decomposition are replaced as usual (`Ø` by `O`, `Ə` by `E`). Letters of other scripts leave nothing.
fn fold(text: &str) -> impl Iterator<Item = char> {
    let small = text.nfkd().flat_map(char::to_lowercase);
    small.flat_map(|letter| latin(letter).chars().collect::<Vec<_>>()).map(|letter| letter.to_ascii_uppercase())
}

fn latin(letter: char) -> String {
    if letter.is_ascii() {
        return letter.to_string().replace(|letter: char| !letter.is_ascii_alphabetic(), "");
    }
    let row = LATIN.split_ascii_whitespace().find(|row| row.contains(letter)).unwrap_or_default();
    row.trim_end_matches(|letter: char| !letter.is_ascii()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_name(name: &str) -> Option<String> {
        Label::from_name(&MentorName::parse(name).expect("a name")).map(|label| label.to_string())
    }

    #[test]
    fn label_is_the_first_letters_of_the_folded_name_or_its_consonants_if_those_are_offensive() {
        for (names, labels) in [
            ("Jan,Åse,A\u{30a}se,Øyvind,Ærlig,Jo-Anne,  bo ,Ｊａｎ", "JAN ASE ASE OYV AER JOA BO JAN"),
            ("1 Şule,Þóra,ﬁnn,Жan", "SUL THO FIN AN"),
            ("Nazanin,Fag Hansen,Fitim,Fitte,Nigel,Gaynell", "NZN FGH FTM FTT NGL GNL"),
        ] {
            let found: Option<Vec<_>> = names.split(',').map(from_name).collect();
            assert_eq!(found.map(|found| found.join(" ")).as_deref(), Some(labels), "{names}");
        }
        let none = "J,1234,李明,Ж,🙂,Fagø,f.u.k,Gayle,Neger,Nazi,C.N.T.,Dck,Puss,X X X,Titus Dahl";
        assert_eq!(none.split(',').filter_map(from_name).collect::<Vec<_>>(), Vec::<String>::new());
    }

    /// Every letter of the Latin script, against a library that has all of Unicode. It writes digits and signs for some, and
    /// those leave nothing here.
    #[test]
    fn every_latin_letter_is_written_as_a_library_writes_it() {
        use icu_properties::CodePointMapData;
        use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
        let (mut compared, mut wrong) = (0, Vec::new());
        for letter in '\u{80}'..=char::MAX {
            let is_letter =
                GeneralCategoryGroup::Letter.contains(CodePointMapData::<GeneralCategory>::new().get(letter));
            let text = letter.to_string();
            if !is_letter
                || CodePointMapData::<Script>::new().get(letter) != Script::Latin
                || text.nfkd().ne([letter])
                || any_ascii::any_ascii(&text).is_empty()
            {
                continue;
            }
            let written = any_ascii::any_ascii(&text).replace(|c: char| !c.is_ascii_alphabetic(), "");
            if fold(&text).collect::<String>() != written.to_ascii_uppercase() {
                wrong.push((letter, written));
            }
            compared += 1;
        }
        assert_eq!(wrong, []);
        assert!(compared > 600, "{compared}");
        let greek_and_cyrillic = ('\u{370}'..='\u{52f}').filter(|letter| fold(&letter.to_string()).next().is_some());
        assert_eq!(greek_and_cyrillic.collect::<String>(), "");
    }

    #[test]
    fn list_of_offensive_labels_is_sorted_and_has_labels_only() {
        assert!(OFFENSIVE.is_sorted_by(|one, next| one < next));
        assert!(OFFENSIVE.iter().all(|label| is_label(label)));
        assert!(!OFFENSIVE.contains(&LAST_RESORT) && is_label(LAST_RESORT));
    }

    /// Common names of Norway, in Norwegian and in the languages of those who have moved there.
    #[test]
    fn ordinary_name_keeps_its_label() {
        let names = "Aisha Anne Astrid Fanny Hanne Ingrid Jan Kari Knut Kristin Liv Mohammed Monica Mustafa Ola Per Rasmus Rune \
                     Shirin Sigrid Solveig Svein Tone Wanja Åse Diego Dieter Fatima Fatma Hrefna Jaeden Jodie Peder Pedro \
                     Pooja Raphael Sophia Sophie Tatiana Tatjana Tisha Vagn";
        for name in names.split(' ') {
            assert_eq!(from_name(name), Some(fold(name).take(3).collect()), "{name}");
        }
    }
}
