//! A numbered page of the codes with a status, which no index numbers: the listing is read and filtered.

use super::super::dynamodb::Table;
use super::super::index_query::{Start, read_codes};
use super::ListError;
use super::agreement::reconcile;
use crate::limits::MAX_CODES_READ;
use crate::model::{Listing, Page, PageRequest, Timestamp};

pub(super) async fn page(
    table: &Table,
    listing: &Listing,
    request: &PageRequest,
    now: Timestamp,
) -> Result<Page, ListError> {
    let codes = read_codes(table, listing, request.order, Start::End, MAX_CODES_READ + 1).await?;
    if codes.len() > MAX_CODES_READ {
        return Err(ListError::TooMany { most: MAX_CODES_READ });
    }
    let codes = reconcile(table, codes, now).await?;
    Ok(request.page_of(codes.into_iter().filter(|code| request.filter.fits(code, now))))
}
