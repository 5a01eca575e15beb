//! Client request tokens: they make a repeated transaction the same transaction.
//!
//! A token is valid from the arrival of its first request until ten minutes after that has succeeded. A transaction that
//! was cancelled leaves no token behind: its repetition is a new attempt. The engine has tokens of its own, which are not
//! used: it knows nothing of transactions in flight.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-apis-txwriteitems-idempotency>

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::in_flight::InFlight;

/// How long a token is valid after its transaction has succeeded.
const VALID: Duration = Duration::from_secs(600);

/// What a token stands for.
pub enum Known {
    /// Nothing yet, or no longer.
    New,
    /// Another transaction.
    Mismatch,
    /// This transaction, and it is in flight.
    InFlight(Arc<InFlight>),
    /// This transaction, and it has succeeded.
    Succeeded,
}

#[derive(Default)]
pub struct Tokens(HashMap<String, Token>);

struct Token {
    /// The writes, by which a repetition is told from another transaction.
    writes: Value,
    state: State,
}

enum State {
    InFlight(Arc<InFlight>),
    Succeeded(Instant),
}

impl Tokens {
    pub fn known(&mut self, token: &str, writes: &Value) -> Known {
        let Some(found) = self.0.get(token) else { return Known::New };
        match &found.state {
            State::Succeeded(at) if at.elapsed() >= VALID => {
                self.0.remove(token);
                Known::New
            }
            _ if found.writes != *writes => Known::Mismatch,
            State::Succeeded(_) => Known::Succeeded,
            State::InFlight(transaction) => Known::InFlight(Arc::clone(transaction)),
        }
    }

    pub fn begin(&mut self, token: String, writes: Value, transaction: &Arc<InFlight>) {
        self.0.insert(token, Token { writes, state: State::InFlight(Arc::clone(transaction)) });
    }

    pub fn end(&mut self, token: &str, succeeded: bool) {
        if succeeded {
            self.0.get_mut(token).unwrap().state = State::Succeeded(Instant::now());
        } else {
            self.0.remove(token);
        }
    }
}
