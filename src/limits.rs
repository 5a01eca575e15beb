//! Deadlines and sizes, in one place, each with its unit, its reason and its source.
//!
//! Limits that depend on each other are compared at the end of this file: a value that breaks another one does not
//! compile.

use std::time::Duration;

/// What Lambda gives one invocation: `Timeout` in `template.yaml`. A test compares the two.
pub const FUNCTION_TIMEOUT: Duration = Duration::from_secs(15);

/// The longest that one call may take. After it the answer is `503 unavailable`.
///
/// It is about half of [`FUNCTION_TIMEOUT`]. So the client of a slow table gets an answer that says what to do, and not
/// API Gateway's 500, and Lambda does not end the environment in the middle of a write.
pub const CALL_DEADLINE: Duration = Duration::from_secs(8);

/// The longest that opening a connection to DynamoDB may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The longest that one attempt at one request may take, the connection included. It is about a hundred times the usual
/// latency of DynamoDB, and short enough that a lost packet leaves time for another attempt.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1500);

/// How often the SDK sends one request. If 15 % of all requests fail, six in a row fail once in 90,000.
pub const MAX_ATTEMPTS: u32 = 6;

/// The pause before the second attempt. It doubles with each further one, and each is multiplied by a random factor
/// between 0 and 1 (the SDK's jitter).
pub const FIRST_BACKOFF: Duration = Duration::from_millis(25);

/// The longest pause between two attempts.
pub const MAX_BACKOFF: Duration = Duration::from_millis(400);

/// Retry quota of one client: how many retries it may make at once. The quota keeps callers from overloading a table
/// that is down.
pub const RETRY_QUOTA: u16 = 100;

/// How many retries per second the quota regains.
pub const RETRIES_REGAINED_PER_SECOND: u16 = 2;

/// `Retry-After` of a 503, in seconds: a conflict between transactions has passed by then.
pub const RETRY_AFTER_SECONDS: u32 = 1;

/// The longest that the start waits for the connection to the table. It is far more than a TLS handshake takes, and far
/// less than the ten seconds of Lambda's init phase.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
pub const WARM_UP_TIME_LIMIT: Duration = Duration::from_secs(1);

/// The longest that a list reads its tail, and the longest that it makes page marks after that.
pub const INDEX_TIME_LIMIT: Duration = Duration::from_secs(3);

/// The longest that a create maintains the page index. It reads for at most half of this time, so that it also makes
/// marks.
pub const CREATE_INDEX_TIME_LIMIT: Duration = Duration::from_secs(1);

/// The largest request body, in bytes: a hundred times the size of a full request. The contract's 413 names it.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// The largest `page` of a list: the contract's.
pub const MAX_PAGE: u64 = 1_000_000_000;

/// How many codes a page of a list has by default: the contract's `limit`.
pub const DEFAULT_PAGE_LIMIT: u32 = 20;

/// How many codes a page of a list may have: the contract's largest `limit`.
pub const MAX_PAGE_LIMIT: u32 = 100;

/// How many codes a numbered page may read to find those that match a filter: about 600 kB and 75 read units of a
/// listing's index.
pub const MAX_CODES_READ: usize = 2_000;

/// How many codes a page by cursor examines to find those that match a filter.
pub const MAX_EXAMINED: usize = 500;

/// How many answers of an index a list reads to get through a tail. One answer has up to 1 MB, about 3,500 codes.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html>
pub const MAX_QUERIES: usize = 12;

/// How many items one `BatchGetItem` may ask for.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
pub const MAX_BATCH_GET_ITEMS: usize = 100;

/// How often an operation starts over after a failed condition. Each round ends with another caller's success or with
/// longer digits, so real contention needs only a few. This many mean that a record contradicts its mentor's slot.
pub const MAX_ROUNDS: usize = 100;

const _: () = {
    const fn shorter(one: Duration, other: Duration) -> bool {
        one.as_millis() < other.as_millis()
    }
    assert!(shorter(CALL_DEADLINE, FUNCTION_TIMEOUT), "a call answers before Lambda ends the function");
    assert!(shorter(CONNECT_TIMEOUT, ATTEMPT_TIMEOUT), "an attempt includes its connection");
    assert!(shorter(ATTEMPT_TIMEOUT.saturating_mul(5), CALL_DEADLINE), "five attempts that hang fit into a call");
    assert!(shorter(INDEX_TIME_LIMIT.saturating_mul(2), CALL_DEADLINE), "a list on a slow table can still answer");
    assert!(shorter(CREATE_INDEX_TIME_LIMIT, CALL_DEADLINE), "a create that maintains the page index can still answer");
    assert!(shorter(FIRST_BACKOFF, MAX_BACKOFF), "pauses grow");
    assert!(DEFAULT_PAGE_LIMIT <= MAX_PAGE_LIMIT, "the default page is a page");
    assert!(MAX_PAGE_LIMIT as usize <= MAX_EXAMINED, "a page by cursor can be full");
    assert!(MAX_PAGE_LIMIT as usize <= MAX_CODES_READ, "a filtered page can be full");
};
