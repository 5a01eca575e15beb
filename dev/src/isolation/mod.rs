//! What DynamoDB documents about the isolation of transactions, and the in-process engine does not show.
//!
//! The engine makes a transaction visible all at once. On DynamoDB a read of *several* items beside a transaction in
//! flight may see some of its items as they were before and others as they are after it. [`IsolatedEngine`] stands at the
//! SDK's HTTP client, in front of engines in process, and shows that:
//!
//! | documented | here |
//! | --- | --- |
//! | Between a transaction and a `GetItem` the isolation is serializable, between it and several `GetItem`, a `BatchGetItem`, a `Query` or a `Scan` it is read-committed ([isolation]). | A transaction is decided at one moment. Its items then become visible one by one, in any order, each at a moment of its own. A `BatchGetItem` or a `Query` reads its items at different moments ([`reads`]). |
//! | After the answer, every strongly consistent read shows the whole transaction. | The sender is answered when the last item is visible. |
//! | An item of a transaction in flight is refused to other transactions, to `TransactGetItems` and to single writes ([conflicts]). | `TransactionCanceledException` with the reason `TransactionConflict` at the item's position, or `TransactionConflictException` ([`conflicts`]). |
//! | `TransactGetItems` is serializable. | It is refused, or shows all its items at one moment. |
//! | A repetition with the same client request token changes nothing for ten minutes after the first has ended. While the first is in flight, it gets `TransactionInProgressException`, and at least one repetition should come 5 s after the first ([in progress]). | As there; a transaction can stall until such a repetition, or a conflict, recovers it ([`transaction`]). |
//! | After a transaction has ended, its changes reach the indexes gradually, apart from each other. | Each entry arrives after a delay of its own ([`shared`]). |
//!
//! # How long an item is in flight
//!
//! From the arrival of the transaction until the item is visible. The developer guide says only that the request is
//! "ongoing". In the protocol (Idziorek et al., *Distributed Transactions at Scale in Amazon DynamoDB*, USENIX ATC 2023)
//! each storage node accepts or refuses an item by itself, and forgets the transaction as soon as it has written its own
//! item. So another transaction can build upon an item that is visible already, while others of the first transaction
//! are not. This is the less protected reading, and a client that stands it stands the other one too.
//!
//! # What it must not do
//!
//! * Know kinds of items. It knows tables, keys and requests.
//! * Depend on anything but its seed, its settings and tokio's clock: one seed gives one history ([`crate::simulated`]).
//!   Tokio's timers have a resolution of a millisecond, so all delays are whole milliseconds.
//!
//! [isolation]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
//! [conflicts]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
//! [in progress]: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html

mod conflicts;
mod in_flight;
mod isolated_engine;
mod keys;
mod reads;
mod schedule;
mod shared;
mod transaction;

pub use isolated_engine::IsolatedEngine;
pub use schedule::Schedule;
