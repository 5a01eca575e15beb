//! Times as a request may write them: RFC 3339 and nothing else, and what is wrong with the rest.

use proptest::prelude::*;
use referral_codes::model::Timestamp;

#[test]
fn offsets_and_fractions_come_out_as_whole_seconds_in_utc() {
    for (text, printed) in [
        ("2026-01-10T09:00:00Z", "2026-01-10T09:00:00Z"),
        ("2026-01-10t09:00:00z", "2026-01-10T09:00:00Z"),
        ("2026-01-10T10:30:00.999+01:30", "2026-01-10T09:00:00Z"),
        ("2026-01-10T00:00:00-09:00", "2026-01-10T09:00:00Z"),
    ] {
        assert_eq!(Timestamp::parse(text).map(|at| at.to_string()), Ok(printed.into()), "{text}");
    }
}

#[test]
fn timestamp_that_rfc_3339_cannot_write_in_utc_is_refused_with_the_reason() {
    const DATE: &str = "it does not begin with a date like 2027-01-31";
    const NO_T: &str = "the date is not followed by a T";
    const NO_SUCH: &str = "there is no such day, time of day or offset";
    const OFFSET: &str = "its offset is not of the form +01:00";
    for (text, reason) in [
        ("", DATE),
        ("1798761600", DATE),
        ("10.01.2026", DATE),
        ("2026-1-10T09:00:00Z", DATE),
        (" 2026-01-10T09:00:00Z", DATE),
        ("20260110T090000Z", DATE),
        ("2026-W02-6T09:00:00Z", DATE),
        ("2026-01-10", NO_T),
        ("2026-01-10 09:00:00Z", NO_T),
        ("2026-01-10T9:00:00Z", "the T is not followed by hours and minutes, like 12:00"),
        ("2026-01-10T09:00Z", "it has no seconds, like 12:00:00"),
        ("2026-01-10T09:00:0Z", "it has no seconds, like 12:00:00"),
        ("2026-01-10T09:00:00.Z", "the point is not followed by digits"),
        ("2026-01-10T09:00:00,5Z", "the seconds are not followed by Z or an offset like +01:00"),
        ("2026-01-10T09:00:00 Z", "the seconds are not followed by Z or an offset like +01:00"),
        ("2026-01-10T09:00:00UTC", "the seconds are not followed by Z or an offset like +01:00"),
        ("2026-01-10T09:00:00", "it has no offset from UTC: add Z, or one like +01:00"),
        ("2026-01-10T09:00:00.5", "it has no offset from UTC: add Z, or one like +01:00"),
        ("2026-01-10T09:00:00+0100", OFFSET),
        ("2026-01-10T09:00:00+01", OFFSET),
        ("2026-01-10T09:00:00\u{2212}01:00", "the seconds are not followed by Z or an offset like +01:00"),
        ("2026-01-10T09:00:00+01:00[Europe/Oslo]", "something follows the offset from UTC"),
        ("2026-01-10T09:00:00Z[Europe/Oslo]", "something follows the offset from UTC"),
        ("2026-01-10T09:00:00+01:00:00", "something follows the offset from UTC"),
        ("2026-01-10T09:00:00Z ", "something follows the offset from UTC"),
        ("2026-13-10T09:00:00Z", NO_SUCH),
        ("2026-02-29T09:00:00Z", NO_SUCH),
        ("2026-01-10T24:00:00Z", NO_SUCH),
        ("2026-01-10T09:60:00Z", NO_SUCH),
        ("2026-01-10T09:00:60Z", NO_SUCH),
        ("2026-01-10T09:00:00+24:00", NO_SUCH),
        ("9999-12-31T23:59:59-01:00", "its year in UTC is not from 0000 to 9999"),
    ] {
        assert_eq!(Timestamp::parse(text).unwrap_err().to_string(), reason, "{text:?}");
    }
}

#[test]
fn days_stop_at_the_last_second_that_can_be_written() {
    let late = Timestamp::parse("9999-12-31T00:00:00Z").expect("a time");
    assert_eq!(late.plus_days(36_500).to_string(), "9999-12-31T23:59:59Z");
}

proptest! {
    // A failing case becomes a test of its own, not an entry in a file of seeds.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// One character in the place of another, anywhere: what is accepted has the form, and comes from the same digits.
    #[test]
    fn time_with_another_character_is_refused_or_has_the_form(at in 0..20_usize, c in any::<char>()) {
        let mut text: Vec<_> = "2026-12-31T23:59:58Z".chars().collect();
        text[at] = c;
        let text = text.into_iter().collect::<String>();
        if Timestamp::parse(&text).is_ok() {
            let is_digit = |at: usize| !matches!(at, 4 | 7 | 10 | 13 | 16 | 19);
            prop_assert!(if is_digit(at) { c.is_ascii_digit() } else { "-Tt:Zz".contains(c) }, "{}", text);
        }
    }

    #[test]
    fn printing_and_parsing_agree(seconds in -62_167_219_200_i64..=253_402_300_799) {
        let at = Timestamp::from_unix_seconds(seconds).expect("in range");
        prop_assert_eq!(Timestamp::parse(&at.to_string()), Ok(at));
        prop_assert_eq!(at.unix_seconds(), seconds);
    }
}
