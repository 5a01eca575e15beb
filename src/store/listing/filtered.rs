//! A numbered page of codes that no index numbers: the listing is read, and its codes are looked at one by one.

use super::super::Store;
use super::query::Start;
use super::{ListError, Listing, Page, PageRequest};
use crate::limits::MAX_CODES_READ;
use crate::model::Timestamp;

impl Store {
    pub(super) async fn filtered_page(
        &self,
        listing: &Listing,
        request: &PageRequest,
        now: Timestamp,
    ) -> Result<Page, ListError> {
        let (codes, _) = self.read_listing(listing, request.order, Start::End, MAX_CODES_READ + 1).await?;
        if codes.len() > MAX_CODES_READ {
            return Err(ListError::TooMany { most: MAX_CODES_READ });
        }
        let fitting: Vec<_> = codes.into_iter().filter(|code| request.filter.fits(code, now)).collect();
        let total = fitting.len() as u64;
        let before = (request.page - 1).saturating_mul(u64::from(request.limit));
        let before = usize::try_from(before).unwrap_or(usize::MAX);
        Ok(Page { codes: fitting.into_iter().skip(before).take(request.limit as usize).collect(), total })
    }
}
