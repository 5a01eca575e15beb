//! Which codes there are: the code with the number `k`, from 1, is a function of `k`.
//!
//! A code's time grows with its number, and the random part of its ULID begins with the number. So codes are in the order
//! of their numbers, also within one millisecond; and from an id, a code string or a mentor's id the number follows.

use std::time::{Duration, SystemTime};

use ulid::Ulid;

use crate::service::TestClock;

/// The codes of a computed table.
#[derive(Clone, Copy, Debug)]
pub struct ComputedCodes {
    /// How many there are at the start.
    pub count: u64,
    /// How many were made in each of the last seconds before the start ([`RECENT`]), and are made in each second after it.
    pub per_second: u64,
    /// How many organisations take turns.
    pub orgs: u64,
    /// Whether the ids of mentors and organisations have 128 characters, the most that the contract allows, instead of
    /// the length of the owner's examples.
    pub longest_ids: bool,
}

/// For how long before the start codes were made at the given rate. All earlier ones are evenly spaced.
const RECENT: Duration = Duration::from_secs(600);

/// When the first code was made, if there are older ones than [`RECENT`]: 2020-01-01, in milliseconds.
const FIRST: u64 = 1_577_836_800_000;

/// Codes must have settled for so long before they are marked: the default of `LISTING_SETTLE_SECONDS`.
const SETTLING: Duration = Duration::from_secs(60);

/// The letters of labels. Without vowels they spell no word.
const LETTERS: &[u8; 16] = b"BCDFGHJKLMNPRSTV";

/// The codes by their numbers.
#[derive(Debug)]
pub(super) struct Numbered {
    codes: ComputedCodes,
    start: u64,
}

/// The codes of one listing: every `step`-th from the number `first` on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Listing {
    first: u64,
    step: u64,
}

/// All codes.
pub(super) const ALL: Listing = Listing { first: 1, step: 1 };

impl Listing {
    /// How many codes it has if so many are there.
    pub(super) fn len(self, visible: u64) -> u64 {
        (visible + self.step).saturating_sub(self.first) / self.step
    }

    /// The number of the code at a place, from 0.
    pub(super) fn number(self, nth: u64) -> u64 {
        self.first + nth * self.step
    }
}

impl Numbered {
    pub(super) fn new(codes: ComputedCodes, clock: &TestClock) -> Self {
        assert!(codes.orgs > 0, "each code has an organisation");
        Self { codes, start: milliseconds(clock.now()) }
    }

    /// How many codes were made at these milliseconds or before.
    pub(super) fn made_until(&self, now: u64) -> u64 {
        let since_start = u128::from(now.saturating_sub(self.start)) * u128::from(self.codes.per_second) / 1000;
        let (mut made, mut rest) = (0, self.codes.count + u64::try_from(since_start).unwrap());
        while made < rest {
            let middle = made + (rest - made).div_ceil(2);
            if self.made_at(middle) <= now { made = middle } else { rest = middle - 1 }
        }
        made
    }

    /// How many codes of a listing were old enough for marks at the start.
    pub(super) fn settled(&self, listing: Listing) -> u64 {
        listing.len(self.made_until(self.start - u64::try_from(SETTLING.as_millis()).unwrap() - 1))
    }

    fn made_at(&self, number: u64) -> u64 {
        let ComputedCodes { count, per_second, .. } = self.codes;
        let recent = count.min(per_second * RECENT.as_secs());
        let old = count - recent;
        if number <= old {
            let span = self.start - u64::try_from(RECENT.as_millis()).unwrap() - FIRST;
            let since_first = u128::from(number - 1) * u128::from(span) / u128::from(old);
            return FIRST + u64::try_from(since_first).unwrap();
        }
        let after_start = (i128::from(number) - i128::from(count)) * 1000;
        let after_start = after_start.div_euclid(i128::from(per_second));
        u64::try_from(i128::from(self.start) + after_start).unwrap()
    }

    pub(super) fn ulid(&self, number: u64) -> Ulid {
        let number_of_id = u32::try_from(number).expect("an id has the 32 bits of a number");
        Ulid::from_parts(self.made_at(number), u128::from(number_of_id) << 48 | u128::from(mixed(number)))
    }

    pub(super) fn id(number: u64) -> String {
        format!("rc_{number:08x}")
    }

    /// The label has the last three digits of the id, the suffix all others: no two codes have the same string.
    pub(super) fn code(number: u64) -> String {
        let letter = |digit: u64| char::from(LETTERS[usize::try_from(number >> (4 * digit) & 15).unwrap()]);
        format!("{}{}{}-VERV-{:05X}", letter(2), letter(1), letter(0), number >> 12)
    }

    pub(super) fn mentor(&self, number: u64) -> String {
        if self.codes.longest_ids { format!("usr_{number:0124}") } else { format!("usr_{number:07}") }
    }

    pub(super) fn org(&self, number: u64) -> String {
        self.org_name((number - 1) % self.codes.orgs + 1)
    }

    fn org_name(&self, nth: u64) -> String {
        if self.codes.longest_ids { format!("org_{nth:0124}") } else { format!("org_{nth:03}") }
    }

    /// The lengths of ULID, id, code string, mentor and organisation, without making them.
    pub(super) fn lengths(&self, number: u64) -> [usize; 5] {
        let decimals = |number: u64| usize::try_from(number.ilog10()).unwrap() + 1;
        let hex_digits = (u64::BITS - (number >> 12).leading_zeros()).div_ceil(4);
        let code = "BCD-VERV-".len() + usize::try_from(hex_digits).unwrap().max(5);
        let (mentor, org) = if self.codes.longest_ids {
            (128, 128)
        } else {
            (4 + decimals(number).max(7), 4 + decimals((number - 1) % self.codes.orgs + 1).max(3))
        };
        [26, 11, code, mentor, org]
    }

    pub(super) fn number_of_id(id: &str) -> Option<u64> {
        let number = u64::from_str_radix(id.strip_prefix("rc_")?, 16).ok()?;
        (number > 0 && Self::id(number) == id).then_some(number)
    }

    pub(super) fn number_of_code(code: &str) -> Option<u64> {
        let (label, suffix) = code.split_once("-VERV-")?;
        let digit = |letter: u8| LETTERS.iter().position(|other| *other == letter);
        let digits = label.bytes().try_fold(0, |digits, letter| Some(digits << 4 | digit(letter)?))?;
        let number = u64::from_str_radix(suffix, 16).ok()? << 12 | u64::try_from(digits).ok()?;
        (number > 0 && Self::code(number) == code).then_some(number)
    }

    pub(super) fn number_of_mentor(&self, mentor: &str) -> Option<u64> {
        let number = mentor.strip_prefix("usr_")?.parse().ok()?;
        (number > 0 && self.mentor(number) == mentor).then_some(number)
    }

    pub(super) fn listing_of_org(&self, org: &str) -> Option<Listing> {
        let nth = org.strip_prefix("org_")?.parse().ok()?;
        let is_one = (1..=self.codes.orgs).contains(&nth) && self.org_name(nth) == org;
        is_one.then_some(Listing { first: nth, step: self.codes.orgs })
    }
}

/// 48 bits that look random (the last steps of `SplitMix64`). The last four are 1, as in the ids that a test gives its
/// service: so a test can have the service make this very code.
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)) >> 16 & !15 | 1
}

pub(super) fn milliseconds(time: SystemTime) -> u64 {
    u64::try_from(time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis()).unwrap()
}
