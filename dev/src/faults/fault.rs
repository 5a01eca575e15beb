//! The faults that a request to the table can meet.

use std::time::Duration;

use referral_codes::limits::ATTEMPT_TIMEOUT;

/// A fault of one request to the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nothing listens: no connection is made.
    ConnectionRefused,
    /// The request never arrives, and the connection breaks.
    RequestLost,
    /// The request never arrives, and the connection stays silent.
    NoResponse,
    /// The request is carried out, and the connection breaks before the response.
    ResponseLost,
    /// The request is carried out, and the response comes after the time-out.
    Late,
    /// The request arrives so much later: after the SDK's time-out, so beside or after its retry, or after its call.
    DeliveredLate(Duration),
    /// The request never arrives, and the response has this status and this body.
    Garbled(u16, &'static str),
    /// The request is carried out, and the response has this status and this body.
    GarbledAfter(u16, &'static str),
    /// The request is refused with this status and error code.
    Refused(u16, &'static str),
    /// The transaction is cancelled with this reason for its first write.
    Cancelled(&'static str),
}

/// Faults that any request may meet and that take no time.
const QUICK: [Fault; 14] = [
    Fault::ConnectionRefused,
    Fault::RequestLost,
    Fault::ResponseLost,
    Fault::ResponseLost,
    Fault::Garbled(200, r#"{"Item": {"pk"#),
    Fault::GarbledAfter(200, r#"{"Item": {"pk"#),
    Fault::GarbledAfter(200, ""),
    Fault::Garbled(200, ""),
    Fault::Garbled(400, "<html>"),
    Fault::GarbledAfter(502, "<html>"),
    Fault::Refused(500, "InternalServerError"),
    Fault::Refused(503, "ServiceUnavailable"),
    Fault::Refused(400, "ThrottlingException"),
    Fault::Refused(400, "ProvisionedThroughputExceededException"),
];

/// Faults that only a transaction may meet.
const OF_TRANSACTIONS: [Fault; 3] = [
    Fault::Cancelled("TransactionConflict"),
    Fault::Cancelled("ThrottlingError"),
    Fault::Refused(400, "TransactionInProgressException"),
];

/// Faults that make the SDK wait until one attempt times out.
const SLOW: [Fault; 4] = [Fault::NoResponse, Fault::Late, Fault::BESIDE_RETRY, Fault::MINUTES_LATE];

impl Fault {
    /// The request arrives when the SDK has just given the attempt up.
    pub const BESIDE_RETRY: Self = Self::DeliveredLate(ATTEMPT_TIMEOUT.saturating_add(Duration::from_millis(500)));
    /// The request arrives when its call has long been answered and its client request token is forgotten, but its
    /// signature still holds: DynamoDB refuses a request only some 15 minutes after it was signed.
    pub const MINUTES_LATE: Self = Self::DeliveredLate(Duration::from_secs(12 * 60));

    /// The table takes a transaction for another one with the same client request token. DynamoDB does so only if its
    /// parameters have changed, which those of a repetition never have. So a test asks for this fault by its name.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
    pub const MISMATCH: Self = Self::Refused(400, "IdempotentParameterMismatchException");

    /// Every fault that the SDK must recover from.
    pub fn all() -> impl Iterator<Item = Self> {
        QUICK.into_iter().chain(OF_TRANSACTIONS).chain(SLOW)
    }

    /// As [`Self::all`], with [`Self::MISMATCH`].
    pub fn all_with_mismatches() -> impl Iterator<Item = Self> {
        QUICK.into_iter().chain(OF_TRANSACTIONS).chain([Self::MISMATCH]).chain(SLOW)
    }

    /// Those of [`Self::all`] that take no time.
    pub fn quick() -> impl Iterator<Item = Self> {
        Self::all().filter(|fault| !SLOW.contains(fault))
    }

    /// Whether only a transaction may meet it.
    pub fn is_of_transactions(&self) -> bool {
        OF_TRANSACTIONS.contains(self) || *self == Self::MISMATCH
    }
}
