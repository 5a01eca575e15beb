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
    /// The text is no such time, or its year in UTC is outside 0000 to 9999. The message says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        check_form(text).map_err(InvalidText)?;
        let moment = OffsetDateTime::parse(text, &Rfc3339);
        let moment = moment.map_err(|_| InvalidText("there is no such day, time of day or offset"))?;
        Self::from_unix_seconds(moment.unix_timestamp())
    }

    /// This time, `days` times 24 hours later, but at most the last second of the year 9999.
    pub fn plus_days(self, days: u32) -> Self {
        const LAST: i64 = 253_402_300_799; // 9999-12-31T23:59:59Z
        let seconds = self.unix_seconds() + i64::from(days) * 86_400;
        Self::from_unix_seconds(seconds.min(LAST)).unwrap_or(self)
    }
}

/// The form of RFC 3339, whatever the numbers are: `time` reads any character between date and time, and does not say what
/// is wrong. <https://www.rfc-editor.org/rfc/rfc3339#section-5.6>
fn check_form(text: &str) -> Result<(), &'static str> {
    let rest = after(text, "0000-00-00").ok_or("it does not begin with a date like 2027-01-31")?;
    let rest = rest.strip_prefix(['T', 't']).ok_or("the date is not followed by a T")?;
    let rest = after(rest, "00:00").ok_or("the T is not followed by hours and minutes, like 12:00")?;
    let rest = after(rest, ":00").ok_or("it has no seconds, like 12:00:00")?;
    let offset = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if offset.len() == fraction.len() {
                return Err("the point is not followed by digits");
            }
            offset
        }
    };
    if offset.is_empty() {
        return Err("it has no offset from UTC: add Z, or one like +01:00");
    }
    let rest = match offset.strip_prefix(['+', '-']) {
        Some(offset) => after(offset, "00:00").ok_or("its offset is not of the form +01:00")?,
        None => offset.strip_prefix(['Z', 'z']).ok_or("the seconds are not followed by Z or an offset like +01:00")?,
    };
    if rest.is_empty() { Ok(()) } else { Err("something follows the offset from UTC") }
}

/// What follows a text that is like this form, with any digit for each `0`.
fn after<'t>(text: &'t str, form: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(form.len())?;
    let is_like = |(c, form): (u8, u8)| if form == b'0' { c.is_ascii_digit() } else { c == form };
    start.bytes().zip(form.bytes()).all(is_like).then_some(rest)
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
