//! Lists as they are asked for, and the pages that they are answered with: which codes, in which order, by number or by
//! cursor.

use ulid::Ulid;

use super::{CodeString, Listing, MentorId, OrgId, ReferralCode, Status, Timestamp};

/// From which end a listing is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Order {
    /// `-created_at`
    NewestFirst,
    /// `created_at`
    OldestFirst,
}

/// Which codes a list shows: those that fit every part that is given.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Filter {
    pub org_id: Option<OrgId>,
    pub mentor_id: Option<MentorId>,
    /// With this status at the moment of the call.
    pub status: Option<Status>,
    pub code: Option<CodeString>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageRequest {
    pub filter: Filter,
    pub order: Order,
    /// From 1.
    pub page: u64,
    pub limit: u32,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<T = ReferralCode> {
    /// The codes on it, in the order asked for.
    pub codes: Vec<T>,
    /// How many codes there are on all pages.
    pub total: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CursorPageRequest {
    pub filter: Filter,
    pub order: Order,
    /// After which code the page begins; none for the first page.
    pub after: Option<Ulid>,
    pub limit: u32,
}

/// A page by cursor. It may have fewer codes than asked for, even none, before the last page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CursorPage {
    pub codes: Vec<ReferralCode>,
    /// After which code the next page begins; none if this is the last page.
    pub next: Option<Ulid>,
}

impl Filter {
    /// The shorter of the listings that have every code that fits.
    pub fn listing(&self) -> Listing {
        self.org_id.clone().map_or(Listing::All, Listing::Org)
    }

    pub fn fits(&self, code: &ReferralCode, now: Timestamp) -> bool {
        self.org_id.as_ref().is_none_or(|org| *org == code.org_id)
            && self.mentor_id.as_ref().is_none_or(|mentor| *mentor == code.mentor_id)
            && self.status.is_none_or(|status| status == code.status(now))
            && self.code.as_ref().is_none_or(|string| *string == code.code)
    }

    /// Whether some codes of the listing, or of the mentor, may not fit.
    pub fn asks_more_than_its_listing(&self) -> bool {
        self.status.is_some() || self.code.is_some() || (self.mentor_id.is_some() && self.org_id.is_some())
    }
}

impl PageRequest {
    /// The page of all these codes, which come in the order asked for.
    pub fn page_of<T>(&self, all: impl IntoIterator<Item = T>) -> Page<T> {
        let before = (self.page - 1).saturating_mul(u64::from(self.limit));
        let all: Vec<T> = all.into_iter().collect();
        let total = all.len() as u64;
        let before = usize::try_from(before).unwrap_or(usize::MAX);
        Page { codes: all.into_iter().skip(before).take(self.limit as usize).collect(), total }
    }
}

impl CursorPageRequest {
    /// The page made of codes that follow the cursor. It examines at most `examined` of them. `read` has one more if there
    /// are more.
    pub fn page_of(&self, read: Vec<ReferralCode>, examined: usize, now: Timestamp) -> CursorPage {
        let mut codes = Vec::new();
        let mut last = None;
        for (nth, code) in read.into_iter().enumerate() {
            if nth == examined || codes.len() == self.limit as usize {
                return CursorPage { codes, next: last };
            }
            last = Some(code.ulid);
            if self.filter.fits(&code, now) {
                codes.push(code);
            }
        }
        CursorPage { codes, next: None }
    }
}
