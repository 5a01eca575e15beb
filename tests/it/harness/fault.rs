//! What can happen to a request to the table, and plans that decide it by chance, from a seed.

use super::fault_injector::RecordedRequest;

/// What can happen to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nobody listens: no connection comes about.
    ConnectionRefused,
    /// It never arrives, and the connection breaks.
    RequestLost,
    /// It never arrives, and the connection stays silent.
    NoResponse,
    /// It is carried out, and the connection breaks before the answer.
    ResponseLost,
    /// It is carried out, and the answer comes later than anybody waits.
    Late,
    /// It is carried out only when nobody waits for it any more: after the time-out, beside or after its repetition.
    DeliveredLate,
    /// It never arrives, and what comes back is this status with this body.
    Garbled(u16, &'static str),
    /// It is carried out, and what comes back is this status with this body.
    GarbledAfter(u16, &'static str),
    /// It is refused with this status and error code.
    Refused(u16, &'static str),
    /// The transaction is cancelled, with this reason for its first write.
    Cancelled(&'static str),
}

/// Faults that any request may meet and that cost no time.
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
const OF_TRANSACTIONS: [Fault; 4] = [
    Fault::Cancelled("TransactionConflict"),
    Fault::Cancelled("ThrottlingError"),
    Fault::Refused(400, "TransactionInProgressException"),
    Fault::Refused(400, "IdempotentParameterMismatchException"),
];

/// Faults that hold a caller up for as long as it waits for one attempt.
const SLOW: [Fault; 3] = [Fault::NoResponse, Fault::Late, Fault::DeliveredLate];

impl Fault {
    /// Every kind that a request may meet and that the SDK must get over.
    pub fn all() -> impl Iterator<Item = Self> {
        QUICK.into_iter().chain(OF_TRANSACTIONS).chain(SLOW)
    }

    /// Those of them that cost no time.
    pub fn quick() -> impl Iterator<Item = Self> {
        Self::all().filter(|fault| !SLOW.contains(fault))
    }

    /// Those of them that a read may meet.
    pub fn of_reads() -> impl Iterator<Item = Self> {
        Self::all().filter(|fault| !OF_TRANSACTIONS.contains(fault))
    }
}

/// Gives each request a fault with the probability `rate`, one of `kinds`.
pub fn by_chance(seed: u64, rate: f64, kinds: Vec<Fault>) -> impl FnMut(&RecordedRequest) -> Option<Fault> + Send {
    let mut chance = fastrand::Rng::with_seed(seed);
    move |recorded| {
        if chance.f64() >= rate {
            return None;
        }
        let transaction = recorded.operation == "TransactWriteItems";
        let may = |fault: &&Fault| transaction || !OF_TRANSACTIONS.contains(fault);
        chance.choice(kinds.iter().filter(may).collect::<Vec<_>>()).copied()
    }
}
