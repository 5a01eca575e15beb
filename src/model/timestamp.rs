//! A time as the contract prints it: RFC 3339, UTC, whole seconds, `Z`.

use std::fmt;

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// A whole second in UTC, in a year from 0000 to 9999: RFC 3339 can write no other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Timestamp(OffsetDateTime);

/// A text that is no RFC 3339 time, or a time that RFC 3339 cannot write in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an RFC 3339 time")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// From seconds since the Unix epoch.
    ///
    /// # Errors
    /// The year is outside 0000 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, InvalidTimestamp> {
        let moment = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| InvalidTimestamp)?;
        if (0..=9999).contains(&moment.year()) { Ok(Self(moment)) } else { Err(InvalidTimestamp) }
    }

    /// Seconds since the Unix epoch.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// Milliseconds since the Unix epoch, as ULIDs have them; zero before it.
    #[must_use]
    pub fn unix_millis(self) -> u64 {
        u64::try_from(self.unix_seconds()).unwrap_or(0) * 1000
    }

    /// Reads RFC 3339 with any offset. A fraction of a second is cut off, never rounded up.
    ///
    /// # Errors
    /// The text is no such time, or its year in UTC is outside 0000 to 9999.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTimestamp)?;
        Self::from_unix_seconds(moment.unix_timestamp())
    }

    /// This time, `days` times 24 hours later, but at most the last second of the year 9999.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        const LAST: i64 = 253_402_300_799; // 9999-12-31T23:59:59Z
        let seconds = self.unix_seconds() + i64::from(days) * 86_400;
        Self::from_unix_seconds(seconds.min(LAST)).unwrap_or(self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0.to_offset(UtcOffset::UTC);
        write!(
            out,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        for text in ["", "2026-01-10", "2026-01-10T09:00:00", "2026-13-10T09:00:00Z", "9999-12-31T23:59:59-01:00"] {
            assert_eq!(Timestamp::parse(text), Err(InvalidTimestamp), "{text}");
        }
    }

    #[test]
    fn days_stop_at_the_last_second_that_can_be_written() {
        let late = Timestamp::parse("9999-12-31T00:00:00Z").expect("a time");
        assert_eq!(late.plus_days(36_500).to_string(), "9999-12-31T23:59:59Z");
    }

    proptest! {
        #[test]
        fn printing_and_parsing_agree(seconds in -62_167_219_200_i64..=253_402_300_799) {
            let at = Timestamp::from_unix_seconds(seconds).expect("in range");
            prop_assert_eq!(Timestamp::parse(&at.to_string()), Ok(at));
            prop_assert_eq!(at.unix_seconds(), seconds);
        }
    }
}
