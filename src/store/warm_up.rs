//! The connection, ready before the first event.
//!
//! Lambda gives a new environment a whole CPU while it starts, and a small function only a share of one afterwards. So
//! the TLS handshake, the credentials and the endpoint are done with at the start, by a read that finds nothing.

use std::collections::HashMap;
use std::error::Error;

use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::AttributeValue;

use super::Store;
use super::key::{PK, SK};
use crate::limits::WARM_UP_TIME_LIMIT;

/// The key that is asked for. No item has it: every key of ours has a `#` in its partition ([`super::key`]).
const NOBODY: &str = "warm-up";

impl Store {
    /// Opens the connection and fills the client's caches. It reads one item that does not exist, so it does no harm and
    /// costs half a unit of capacity; what goes wrong is a warning in the log, and the first call connects by itself.
    pub async fn warm_up(&self) {
        let name = || AttributeValue::S(NOBODY.to_owned());
        let key = HashMap::from([(PK.to_owned(), name()), (SK.to_owned(), name())]);
        let request = self.client.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(false);
        let failed: Box<dyn Error> = match tokio::time::timeout(WARM_UP_TIME_LIMIT, Box::pin(request.send())).await {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => DisplayErrorContext(error).to_string().into(),
            Err(elapsed) => elapsed.into(),
        };
        tracing::warn!(error = %failed, "the connection to the table could not be opened ahead of the first event");
    }
}
