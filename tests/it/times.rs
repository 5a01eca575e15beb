//! Times as a request may write them: RFC 3339 and nothing else.

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
fn timestamp_that_rfc_3339_cannot_write_in_utc_is_refused() {
    for text in [
        "",
        "1798761600",
        "10.01.2026",
        "2026-1-10T09:00:00Z",
        " 2026-01-10T09:00:00Z",
        "20260110T090000Z",
        "2026-W02-6T09:00:00Z",
        "2026-01-10",
        "2026-01-10 09:00:00Z",
        "2026-01-10T9:00:00Z",
        "2026-01-10T09:00Z",
        "2026-01-10T09:00:0Z",
        "2026-01-10T09:00:00.Z",
        "2026-01-10T09:00:00,5Z",
        "2026-01-10T09:00:00 Z",
        "2026-01-10T09:00:00UTC",
        "2026-01-10T09:00:00",
        "2026-01-10T09:00:00.5",
        "2026-01-10T09:00:00+0100",
        "2026-01-10T09:00:00+01",
        "2026-01-10T09:00:00\u{2212}01:00",
        "2026-01-10T09:00:00+01:00[Europe/Oslo]",
        "2026-01-10T09:00:00Z[Europe/Oslo]",
        "2026-01-10T09:00:00+01:00:00",
        "2026-01-10T09:00:00Z ",
        "2026-13-10T09:00:00Z",
        "2026-02-29T09:00:00Z",
        "2026-01-10T24:00:00Z",
        "2026-01-10T09:60:00Z",
        "2026-01-10T09:00:60Z",
        "2026-01-10T09:00:00+24:00",
        "9999-12-31T23:59:59-01:00",
    ] {
        assert!(Timestamp::parse(text).is_err(), "{text:?}");
    }
    let late = Timestamp::parse("9999-12-31T00:00:00Z").expect("a time");
    assert_eq!(late.plus_days(36_500).to_string(), "9999-12-31T23:59:59Z", "days stop at the last second");
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
