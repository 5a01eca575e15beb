//! Codes as people type them, and as text recognition reads them: what a text means, and what it never means.

use proptest::prelude::*;
use referral_codes::model::{Campaign, CodeString};

fn typed(text: &str, campaign: &str) -> Option<String> {
    CodeString::parse_typed(text, &Campaign::parse(campaign).unwrap()).map(|code| code.to_string())
}

/// The properties below try more of it.
#[test]
fn typed_code_may_differ_in_case_separators_and_what_stands_around_it() {
    let texts = "j a n v e r v 8 f 3 a|\u{202b}JAN-VERV\u{61c}-8F3A\u{202c}\u{fffc}|J\u{200d}AN\u{fe0f}-VERV-8F3A\u{e007f}|\
                 ＜JAN-VERV-8F3A＞。|【JAN-VERV-8F3A】|•\u{a0}(JAN-VERV-8F3A).|…JAN-VERV-8F3A";
    for text in texts.split('|') {
        assert_eq!(typed(text, "VERV").as_deref(), Some("JAN-VERV-8F3A"), "{text:?}");
    }
}

#[test]
fn look_alike_counts_where_its_part_cannot_hold_it() {
    for (text, campaign, code) in [
        ("oli-liol-oil1", "VERV", Some("OLI-LIOL-0111")),
        ("olilioloil1", "LIOL", Some("OLI-LIOL-0111")),
        ("JAN-VERV-OLIS", "VERV", Some("JAN-VERV-0115")),
        ("JAN VERV ZSG8", "VERV", Some("JAN-VERV-2568")),
        ("janvervbfzg", "VERV", Some("JAN-VERV-BF26")),
        ("0LI-VERV-8F3A", "VERV", Some("OLI-VERV-8F3A")),
        ("5Z6VERV8F3A", "VERV", Some("SZG-VERV-8F3A")),
        ("8 O VERV 8F3A", "VERV", Some("BO-VERV-8F3A")),
        // A campaign holds letters and digits.
        ("JAN-V5RV-8F3A", "VERV", Some("JAN-V5RV-8F3A")),
        ("JANVERV58F3A", "VERVS", None),
        // No look-alikes: 1 could be I or L in a label, and other letters and scripts are none.
        ("1LI-VERV-8F3A", "VERV", None),
        ("J4N-VERV-8F3A", "VERV", None),
        ("JAN-VERV-8F3X", "VERV", None),
        ("JAN-VERV-8F3T", "VERV", None),
        ("J\u{410}N-VERV-8F3A", "VERV", None),
        ("JAN-VERV-8F3\u{391}", "VERV", None),
        ("JAN-VERV-8F3\u{39f}", "VERV", None),
        // As it stands, by every rule of separators, before any look-alike.
        ("JANVERVS8F3A", "VERVS", Some("JAN-VERVS-8F3A")),
        ("JAN VERV S8F3A", "VERVS", Some("JAN-VERVS-8F3A")),
        ("JAN VERV GS8F3A", "VERVGS", Some("JAN-VERVGS-8F3A")),
        ("JASSS5A3F", "SS", Some("JAS-SS-5A3F")),
        // A code of another campaign as it stands.
        ("JANVERVS8F3A", "VERV", None),
        ("JANVERVSS8F3A", "VERV", None),
        ("JANVERV GS8F3A", "VERV", None),
        ("JANVERVS8F3", "VERV", Some("JAN-VERV-58F3")),
        ("JANVERV-S8F3A", "VERV", Some("JAN-VERV-58F3A")),
    ] {
        assert_eq!(typed(text, campaign).as_deref(), code, "{text:?} {campaign}");
    }
}

#[test]
fn text_that_is_not_exactly_one_code_is_none() {
    let too_few_or_too_many = "|...|JAN|JAN-VERV|JAN-VERV-8F3A-1|JAN-VERV-8F-3A|JA-N-VERV-8F3A|JAN-VE-RV-8F3A|JAN--8F3A|\
                               JANET-VERV-8F3A|J-VERV-8F3A|JAN-VERV-8F3A JAN-VERV-8F3A|JAN-VERV-8F3A, 9C4B|\
                               JAN-VERV-8F3A12345678901234567";
    let other_characters = "JAN+VERV+8F3A|JÅN-VERV-8F3A|JAN-VERV-8F3A\u{0}|JAN-VERV-8F3A=|JAN-VERV-𝟾F3A|JAN-VERV-⑧F3A";
    let cut_off = "JAN-VERV-8F3A…|JAN-VERV-8F3A...|JAN-VERV-8F3A..|“JAN-VERV-8F3A…”|JAN-VERV-8F3A . . .|\
                   JAN-VERV-8F3A.\u{200b}.|JAN-VERV-8F3A．．．|JAN-VERV-8F3A。。|JAN-VERV-8F3A-…";
    for text in [too_few_or_too_many, other_characters, cut_off].into_iter().flat_map(|texts| texts.split('|')) {
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

/// The ASCII character of a full-width one.
fn in_ascii(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xff01 + 0x21).unwrap(),
        other => other,
    }
}

const CAMPAIGN: &str = "[A-Z0-9]{0,11}[A-Z]|[A-Z]{0,4}(SS?|GS|[OILZ])";

fn campaign() -> impl Strategy<Value = String> {
    CAMPAIGN.prop_filter("two characters or more", |campaign| campaign.len() >= 2)
}

prop_compose! {
    /// A code, with few letters, so that parts often look alike.
    fn any_code()(label in "[AB]{2,3}|[A-Z]{2,3}", campaign in prop_oneof!["[AB]{2,4}", campaign()], suffix in "[AB]{4,6}|[0-9A-F]{4,20}")
        -> [String; 3]
    {
        [label, campaign, suffix]
    }
}

const BLANK: &str = "[ \t\u{a0}\u{2009}\u{3000}\u{200b}]{0,2}";
const SEPARATOR: &str = "[ \u{a0}\u{3000}\n]{1,2}|[ \u{a0}]?[-_\u{2010}-\u{2015}\u{2212}\u{2e3a}\u{fe33}\u{fe58}\u{fe63}\u{ff0d}\u{ff3f}]{1,2} ?";
const AROUND: &str = "[ \t(\\[{<\"'“”„«»‘’`*!?,;:/_–-]{0,4}";

/// One way to type a character: in either case, in full width, with something of no width after it, or as one that looks
/// like it.
fn type_character(character: char, way: u8, look_alikes: &[(char, char)]) -> String {
    let look_alikes: Vec<_> =
        look_alikes.iter().filter(|(_, meant)| *meant == character).map(|(typed, _)| *typed).collect();
    let typed = match look_alikes.as_slice() {
        [] => character,
        some => *some.get(usize::from(way / 2) % (some.len() + 1)).unwrap_or(&character),
    };
    let typed = if way.is_multiple_of(2) { typed.to_ascii_lowercase() } else { typed };
    match way / 8 % 4 {
        0 => char::from_u32(u32::from(typed) + 0xff01 - 0x21).unwrap().to_string(),
        1 => format!("{typed}\u{ad}"),
        _ => typed.to_string(),
    }
}

fn type_part(part: &str, ways: &[u8], look_alikes: &[(char, char)]) -> String {
    let ways = ways.iter().cycle();
    part.chars().zip(ways).map(|(character, way)| type_character(character, *way, look_alikes)).collect()
}

const IN_LABEL: &[(char, char)] = &[('0', 'O'), ('5', 'S'), ('8', 'B'), ('2', 'Z'), ('6', 'G')];
const IN_SUFFIX: &[(char, char)] = &[('O', '0'), ('I', '1'), ('L', '1'), ('S', '5'), ('Z', '2'), ('G', '6')];

fn type_parts([label, campaign, suffix]: &[String; 3], ways: &[u8]) -> [String; 3] {
    [type_part(label, ways, IN_LABEL), type_part(campaign, ways, &[]), type_part(suffix, ways, IN_SUFFIX)]
}

proptest! {
    // A failing case becomes a test of its own, not an entry in a file of seeds.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A code whose parts are shown by dashes is read as that code, whatever the settings say now; and one whose parts are shown
    /// by blanks if it is of the current campaign.
    #[test]
    fn code_survives_every_way_of_typing_it_with_separators(
        code in any_code(), current in campaign(), ways in prop::collection::vec(any::<u8>(), 1..40),
        dash in "[ \u{a0}]?[-_\u{2010}-\u{2015}\u{2212}\u{ff0d}]{1,2} ?", around in [AROUND, AROUND],
        separators in [SEPARATOR, SEPARATOR], blanks in [BLANK, BLANK],
    ) {
        let [label, campaign, suffix] = type_parts(&code, &ways);
        let with_dashes = format!("{}{label}{dash}{campaign}-{suffix}{}", around[0], around[1]);
        prop_assert_eq!(typed(&with_dashes, &current), Some(code.join("-")), "{:?}", with_dashes);
        let text = format!("{}{label}{}{campaign}{}{suffix}{}", blanks[0], separators[0], separators[1], blanks[1]);
        prop_assert_eq!(typed(&text, &code[1]), Some(code.join("-")), "{:?}", text);
    }

    /// A code's own string is that code, whatever the current campaign is and whatever blanks are in it.
    #[test]
    fn own_string_is_its_code_with_blanks_anywhere(
        code in any_code(), current in campaign(), blanks in prop::collection::vec(0..40_usize, 0..4),
    ) {
        let mut text = code.join("-");
        for place in blanks {
            text.insert(place % (text.len() + 1), ' ');
        }
        prop_assert_eq!(typed(&text, &current), Some(code.join("-")), "{:?}", text);
    }

    /// Without separators it never means another code by a look-alike, with blanks anywhere too where its campaign is the
    /// current one.
    #[test]
    fn own_string_without_separators_never_means_another_code_by_a_look_alike(
        code in any_code(), current in campaign(), extra in "SS?|GS|[OILZSG]{1,3}",
        blanks in prop::collection::vec(0..40_usize, 0..4),
    ) {
        let characters = code.concat();
        for current in [current, code[1].clone(), code[1].trim_end_matches(&extra).to_owned()] {
            if Campaign::parse(&current).is_err() {
                continue;
            }
            let mut text = characters.clone();
            for place in blanks.iter().filter(|_| current == code[1]) {
                text.insert(place % (text.len() + 1), ' ');
            }
            let read = typed(&text, &current);
            prop_assert!(read.as_ref().is_none_or(|read| read.replace('-', "") == characters), "{:?}: {:?}", text, read);
        }
    }

    /// Without one separator or both, a code of the current campaign is read as that code, or as none: if the text could be
    /// another one, which takes a campaign of one character over and over; or if it is one of another campaign as it stands.
    #[test]
    fn code_survives_without_separators_where_the_campaign_tells_the_parts(
        code in any_code(), ways in prop::collection::vec(any::<u8>(), 1..40),
        first in SEPARATOR, second in SEPARATOR, shown in 0..3_u8,
    ) {
        let (first, second) = match shown { 0 => ("", ""), 1 => (&*first, ""), _ => ("", &*second) };
        let parts = type_parts(&code, &ways);
        let text = format!("{}{first}{}{second}{}", parts[0], parts[1], parts[2]);
        let read = typed(&text, &code[1]);
        let [label, campaign, suffix] = &code;
        let has_look_alike = parts != [label, campaign, suffix].map(|part| type_part(part, &ways, &[]));
        let one_character = code[1].bytes().all(|byte| byte == code[1].as_bytes()[0]) && shown == 0;
        prop_assert!(read == Some(code.join("-")) || (read.is_none() && (one_character || has_look_alike)), "{:?}: {:?}", text, read);
    }

    /// What is read differs from the text by the substitutions alone, in place and in order, and a string is its own code.
    #[test]
    fn read_code_has_the_characters_of_the_text(
        text in "[(\"“.]?[A-Ca-c0-256OoIlLSsGgZz8\u{2013}\u{ad}Ａ０Ｓ _-]{6,16}[).,…]?|\\PC{0,20}", campaign in "[A-CSGO]{2,3}",
    ) {
        if let Some(code) = typed(&text, &campaign) {
            let plain = text.chars().map(in_ascii).filter(char::is_ascii_alphanumeric).map(|digit| digit.to_ascii_uppercase());
            let plain: Vec<_> = plain.collect();
            let read: Vec<_> = code.chars().filter(|character| *character != '-').collect();
            prop_assert_eq!(plain.len(), read.len());
            let (label, suffix) = (code.find('-').unwrap(), read.len() - (code.len() - code.rfind('-').unwrap() - 1));
            for (place, (typed, read)) in plain.iter().zip(&read).enumerate() {
                let allowed = if place < label { IN_LABEL } else if place < suffix { &[] } else { IN_SUFFIX };
                prop_assert!(typed == read || allowed.contains(&(*typed, *read)), "{:?}: {}", text, code);
            }
            prop_assert_eq!(typed(&code, &campaign), Some(code));
        }
    }
}
