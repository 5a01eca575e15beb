//! A numbered page of the codes with a status, which no index numbers: the listing is read and filtered.

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
        let codes = self.in_agreement(codes, now).await?;
        Ok(request.page_of(codes.into_iter().filter(|code| request.filter.fits(code, now))))
    }
}
