//! A time as the contract prints it: RFC 3339, UTC, whole seconds, `Z`.

use std::fmt;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::InvalidText;

/// A whole second in UTC, in a year from 0000 to 9999: RFC 3339 can write no other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// From seconds since the Unix epoch.
    ///
    /// # Errors
    /// The year is outside 0000 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, InvalidText> {
        let moment =
            OffsetDateTime::from_unix_timestamp(seconds).ok().filter(|moment| (0..=9999).contains(&moment.year()));
        moment.map(Self).ok_or(InvalidText("its year in UTC is not from 0000 to 9999"))
    }

    /// Seconds since the Unix epoch.
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// Milliseconds since the Unix epoch, as ULIDs have them; zero before it.
    pub fn unix_millis(self) -> u64 {
        u64::try_from(self.unix_seconds()).unwrap_or(0) * 1000
    }

    /// Reads RFC 3339 with any offset. A fraction of a second is cut off, never rounded up.
    ///
    /// # Errors
    /// The text is no such time, or its year in UTC is outside 0000 to 9999.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        // `time` takes any character between date and time. <https://www.rfc-editor.org/rfc/rfc3339#section-5.6>
        let has_t = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok().filter(|_| has_t);
        let moment = moment.ok_or(InvalidText(
            "it needs a T before the time, seconds, and Z or an offset, and such a day and time must exist",
        ))?;
        Self::from_unix_seconds(moment.unix_timestamp())
    }

    /// This time, `days` times 24 hours later, but at most the last second of the year 9999.
    pub fn plus_days(self, days: u32) -> Self {
        const LAST: i64 = 253_402_300_799; // 9999-12-31T23:59:59Z
        let seconds = self.unix_seconds() + i64::from(days) * 86_400;
        Self::from_unix_seconds(seconds.min(LAST)).unwrap_or(self)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}
