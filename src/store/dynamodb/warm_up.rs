//! Opens the connection before the first event.
//!
//! Lambda gives an environment a whole CPU while it starts, and a small function only a share of one afterwards. So one
//! read of an item that does not exist pays for the TLS handshake, the credentials and the endpoint at the start.

use tokio::time::timeout;

use super::{Item, Table, error};
use crate::limits::WARM_UP_TIME_LIMIT;

impl Table {
    /// Opens the connection and fills the client's caches, with an eventually consistent read of `absent_key`: half a
    /// read unit. A failure is a warning in the log; the first call then connects by itself.
    pub(crate) async fn warm_up(&self, absent_key: Item) {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(absent_key)).consistent_read(false);
        let error = match timeout(WARM_UP_TIME_LIMIT, Box::pin(request.send())).await {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => super::StoreError::from(error).to_string(),
            Err(elapsed) => error::chain(&elapsed),
        };
        tracing::warn!(error, "could not connect to the table before the first event");
    }
}
