//! Deadlines and sizes, in one place, each with its unit, its reason and its source.
//!
//! Limits that depend on each other are compared at the end of this file: a value that breaks another one does not
//! compile.

use std::time::Duration;

/// A limit in milliseconds, as ULIDs and the items of the page indexes have their times.
pub(crate) fn millis(limit: Duration) -> u64 {
    u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)
}

/// The longest invocation that Lambda allows: `Timeout` in `template.yaml`. A test compares the two.
pub const FUNCTION_TIMEOUT: Duration = Duration::from_secs(15);

/// The same for the maintenance function.
pub const MAINTENANCE_TIMEOUT: Duration = Duration::from_secs(300);

/// How long before Lambda ends it a command stops, so that it can report; after half of its time if that is later.
pub const MAINTENANCE_MARGIN: Duration = Duration::from_secs(15);

/// How often the last codes are counted while they are made fast.
pub const UPKEEP_PAUSE: Duration = Duration::from_secs(5);

/// How long one upkeep goes on counting while codes are made fast: until the schedule has sent the next one, a minute later.
pub const MAX_COUNTING_TIME: Duration = Duration::from_secs(70);

/// The age before which a code has no mark: longer than most calls take and most indexes lag. The next counts correct the rest.
pub const MIN_COUNTED_AGE: Duration = Duration::from_secs(2);

/// How many items a part of an audit or a repair scans. A part is what is lost when the time is over.
pub const SCANNED_ITEMS: u32 = 250;

/// How many findings a report has before its command stops. A sentence has up to 1 KB, and Lambda's answer at most 6 MB:
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const MAX_FINDINGS: usize = 250;

/// How often one run of a repair goes through the table. What a repair brings back can need another pass, seldom two.
pub const MAX_REPAIR_PASSES: usize = 8;

/// The longest that one call may take; then the answer is a 503. It is about half of [`FUNCTION_TIMEOUT`]: if the table is
/// slow, the client gets an answer and not API Gateway's 500, and Lambda does not end the process in the middle of a write.
pub const CALL_DEADLINE: Duration = Duration::from_secs(8);

/// How long before the deadline of its event a call answers at the latest: time to write the answer and to hand it over.
pub const ANSWER_MARGIN: Duration = Duration::from_millis(300);

/// The longest that opening a connection to DynamoDB may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The longest that one attempt at a request may take, with its connection: a hundred times DynamoDB's usual latency, and
/// short enough for another attempt.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1500);

/// How often the SDK sends one request at most. If 15 % of all requests fail, six in a row fail once in 90,000.
pub const MAX_ATTEMPTS: u32 = 6;

/// The pause before the second attempt. It doubles with each further one, times the SDK's jitter between 0 and 1.
pub const FIRST_BACKOFF: Duration = Duration::from_millis(25);

/// The longest pause between two attempts.
pub const MAX_BACKOFF: Duration = Duration::from_millis(400);

/// How many retries one client may make at once, so that callers do not overload a table that is down.
pub const RETRY_QUOTA: u16 = 100;

/// How many retries per second the quota regains.
pub const RETRIES_REGAINED_PER_SECOND: u16 = 2;

/// `Retry-After` of a 503, in seconds, if the table was out of reach or throttled.
pub const RETRY_AFTER_SECONDS: u64 = 1;

/// How long after its first attempt a stalled transaction is recovered by another attempt: AWS's advice.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
pub const RECOVERY_TIME: Duration = Duration::from_secs(5);

/// The first pause before a request is repeated that has met a transaction in flight. The pauses double.
pub const FIRST_CONFLICT_PAUSE: Duration = Duration::from_millis(25);

/// The longest of these pauses.
pub const MAX_CONFLICT_PAUSE: Duration = Duration::from_millis(800);

/// How long after the start of a call a request that has met a transaction in flight is still repeated.
pub const RETRY_TIME_LIMIT: Duration = Duration::from_millis(6400);

/// How often a snapshot of several items may be older than a read before it, before the items count as contradictory.
pub const MAX_OLDER_SNAPSHOTS: usize = 3;

/// The age of a call after which it signs no transaction any more: only a suspended process reaches it.
pub const MAX_SIGNING_AGE: Duration = Duration::from_secs(30);

/// How far a signature's time may differ from DynamoDB's clock: it bounds clocks, and how late a request can arrive.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>
const SIGNATURE_VALIDITY: Duration = Duration::from_mins(15);

/// How long an accepted transaction may stay in flight: a generous assumption, since AWS documents no bound.
const MAX_TIME_IN_FLIGHT: Duration = Duration::from_mins(14);

/// The age, by the reader's clock, at which a change cannot be in flight any more: a late signature, a late arrival, a
/// stalled transaction, and a reader's clock that is ahead, together.
pub const COMPLETE_AFTER: Duration = Duration::from_mins(45);

/// How long after a mentor was forgotten no request of before can be under way: the transaction itself may have arrived
/// late, and the clock that has told its time may be behind.
pub const FORGOTTEN_FOR_GOOD_AFTER: Duration = Duration::from_mins(75);

/// How many facts of one kind a process remembers: which changes are complete, which id a code string has, how far listings
/// go, which organisations are open. Together about 2 MB.
pub const MAX_REMEMBERED: usize = 4096;

/// The longest that a client may keep the redirect of a short link, in seconds: the contract's.
pub const SHORT_LINK_MAX_AGE_SECONDS: i64 = 60;

/// The longest `Location`, in bytes: API Gateway passes on 10,240 bytes of headers. Parameters that do not fit are left out.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
pub const MAX_LOCATION_BYTES: usize = 8192;

/// The largest `ROTATED_GRACE_DAYS`, in days: the contract's.
pub const MAX_ROTATED_GRACE_DAYS: u32 = 365;

/// The longest that the start waits for the connection: far more than a handshake, far less than the 10 s of an init phase.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
pub const WARM_UP_TIME_LIMIT: Duration = Duration::from_secs(1);

/// How many bytes of an index a list reads at most to count codes: 104 read units. With the page that is less than 1 MB.
pub const LIST_BUDGET_BYTES: usize = 850_000;

/// The largest entry of an index, in bytes: a rotated code with the longest ids that was a rotation itself.
pub const LARGEST_INDEX_ENTRY: usize = 800;

/// With more codes in ten seconds a listing has marks of codes that have not settled, so its `total` may miss some. The contract
/// allows that above 50 a second; 60 leave room for codes that do not come evenly.
pub const BUSY_CODES: u64 = 600;

/// The age that the newest counted code may have in a `total`, if more follow than a list may read: the contract's.
pub const MAX_AGE_OF_TOTAL: Duration = Duration::from_secs(10);

/// How long a process remembers that an organisation is open: the contract's.
pub const MEMORY_OF_OPEN_ORGANISATION: Duration = Duration::from_mins(1);

/// How long after an organisation was closed its codes begin to be ended: no process takes it for open any more, the last
/// call that did has ended, and the index shows the code that it made. What takes longer, the upkeep finds later.
pub const CLOSING_TIME: Duration = Duration::from_secs(80);

/// How many codes a second the end of an organisation's codes takes at most. Each takes 6 write units, and DynamoDB serves
/// an index partition with 1,000 a second.
pub const MAX_ENDS_PER_SECOND: u32 = 50;

/// How long one upkeep ends codes: the next one begins after a minute.
pub const LOOKING_TIME: Duration = Duration::from_secs(50);

/// How many codes a report of leaving names before its command stops. The answer has less than 6 MB, and the log line
/// less than 256 KB.
pub const MAX_REPORTED_CODES: usize = 8_000;

/// How long a process builds upon what it remembers of a listing.
pub const MEMORY_OF_LISTING: Duration = Duration::from_mins(1);

/// The same for a listing that grows slowly.
pub const QUIET_MEMORY_OF_LISTING: Duration = Duration::from_mins(15);

/// How many page marks are written at the same time.
pub const MARKS_AT_ONCE: usize = 16;

/// How often a change of a head is tried, while another upkeep changes it as well: each does so once a second at most.
pub const MAX_HEAD_ROUNDS: usize = 10;

/// How many organisations' listings the upkeep counts at the same time.
pub const LISTINGS_AT_ONCE: usize = 8;

/// How many codes of a listing the upkeep reads with one request: more than fit into one answer.
pub const MAX_CODES_PER_ANSWER: u64 = 10_000;

/// The upkeep counts a mark again until its code was this old: a signature holds 15 minutes, the rest is for lag and clocks.
pub const CHECKED_AGE: Duration = Duration::from_mins(20);

/// The largest request body, in bytes: the contract's. A body with the longest fields has about 800.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// The longest `mentor_id` and `org_id`, in bytes: the contract's, far below the 1,024 bytes of a sort key.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub const MAX_EXTERNAL_ID_BYTES: usize = 128;

/// The longest `mentor_name`, in characters (Unicode scalar values): the contract's.
pub const MAX_MENTOR_NAME_CHARS: usize = 100;

/// The longest `TABLE_NAME`, in bytes: DynamoDB's, for an ARN.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html>
pub const MAX_TABLE_NAME_BYTES: usize = 1024;

/// The longest `ORG_CLAIM` and `MENTOR_CLAIM`, in bytes: room for a URL. A longer one is a mistake, such as a whole token.
pub const MAX_CLAIM_NAME_BYTES: usize = 256;

/// The longest text of a token that the log shows, in characters (Unicode scalar values): a subject or an organisation.
pub const MAX_LOGGED_CLAIM_CHARS: usize = 128;

/// How long a browser may keep the answer to a preflight, in seconds: so long may a removed origin go on.
/// <https://fetch.spec.whatwg.org/#http-access-control-max-age>
pub const PREFLIGHT_MAX_AGE_SECONDS: u32 = 600;

/// The largest `CODE_VALID_DAYS`, in days: a hundred years. A larger number is a mistake, such as a number of seconds.
pub const MAX_CODE_VALID_DAYS: u32 = 36_500;

/// `LISTING_SETTLE_SECONDS` by default, in seconds: more than clock skew, the longest call and index lag together.
pub const DEFAULT_LISTING_SETTLE_SECONDS: u32 = 60;

/// The largest `LISTING_SETTLE_SECONDS`, in seconds: a day, since every list reads all codes that have not settled.
pub const MAX_LISTING_SETTLE_SECONDS: u32 = 86_400;

/// The largest `page` of a list: the contract's. A position of page and `limit` stays far below 2⁶⁴.
pub const MAX_PAGE: u64 = 1_000_000_000;

/// Codes on a page of a list if the request has no `limit`: the contract's.
pub const DEFAULT_PAGE_LIMIT: u32 = 20;

/// The largest `limit`, in codes: the contract's. A page of so many codes is one answer of an index.
pub const MAX_PAGE_LIMIT: u32 = 100;

/// How many codes a numbered page may read to find those that match a filter: about 300 kB, 38 read units.
pub const MAX_CODES_READ: usize = 2_000;

/// How many codes a page by cursor examines to find those that match a filter.
pub const MAX_EXAMINED: usize = 500;

/// How many items one `BatchGetItem` may ask for.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
pub const MAX_BATCH_GET_ITEMS: usize = 100;

/// How many items one transaction may read or write.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
pub const MAX_TRANSACTION_ITEMS: usize = 100;

/// How often an operation starts over after a failed condition. Contention needs a few; so many mean that items contradict
/// each other.
pub const MAX_ROUNDS: usize = 100;

/// How often maintenance reads items at one moment that are part of transactions in flight.
pub const MAX_SNAPSHOT_ATTEMPTS: u32 = 24;

/// How often a repair, or the confirmation of a finding, starts over because the items have changed.
pub const MAX_REPAIR_ROUNDS: usize = 20;

/// Compares limits: the first is shorter than the second, or this does not compile. Behind them stands what holds therefore.
macro_rules! shorter {
    ($($one:expr => $other:expr, $so:literal;)+) => {
        const _: () = { $(assert!($one.as_millis() < $other.as_millis(), $so);)+ };
    };
}

shorter! {
    CALL_DEADLINE => FUNCTION_TIMEOUT, "a call answers before Lambda ends the function";
    MAX_COUNTING_TIME => MAINTENANCE_TIMEOUT.saturating_sub(MAINTENANCE_MARGIN),
        "an upkeep stops counting before its function's time is over";
    MIN_COUNTED_AGE.saturating_add(UPKEEP_PAUSE) => MAX_AGE_OF_TOTAL, "a count that is refreshed in time is recent";
    CONNECT_TIMEOUT => ATTEMPT_TIMEOUT, "an attempt includes its connection";
    ATTEMPT_TIMEOUT.saturating_mul(5) => CALL_DEADLINE, "five attempts that hang fit into a call";
    RECOVERY_TIME.saturating_add(MAX_CONFLICT_PAUSE) => RETRY_TIME_LIMIT,
        "a call repeats a transaction after the time in which a stalled one is recovered";
    RETRY_TIME_LIMIT.saturating_add(ATTEMPT_TIMEOUT) => CALL_DEADLINE,
        "the last attempt at a transaction ends before the call";
    CALL_DEADLINE => MAX_SIGNING_AGE, "a call is not too old to sign before it ends";
    MAX_SIGNING_AGE.saturating_add(MAX_TIME_IN_FLIGHT).saturating_add(SIGNATURE_VALIDITY.saturating_mul(2)) => COMPLETE_AFTER,
        "a change that counts as complete by its age is complete";
    SIGNATURE_VALIDITY => CHECKED_AGE, "a mark is counted after the last code that may appear before it";
    FIRST_BACKOFF => MAX_BACKOFF, "pauses grow";
    MEMORY_OF_OPEN_ORGANISATION.saturating_add(CALL_DEADLINE) => CLOSING_TIME,
        "codes of a closed organisation end after the last call that took it for open";
}

const _: () = {
    let under_way = COMPLETE_AFTER.saturating_add(SIGNATURE_VALIDITY.saturating_mul(2));
    let is_over = under_way.as_millis() <= FORGOTTEN_FOR_GOOD_AFTER.as_millis();
    assert!(is_over, "nothing of before a mentor was forgotten is under way when the last trace goes");
    assert!(LIST_BUDGET_BYTES < 1024 * 1024 / 6 * 5, "a list that counts and shows a page reads less than 1 MB");
    let call_seconds = CALL_DEADLINE.as_secs();
    assert!(call_seconds < DEFAULT_LISTING_SETTLE_SECONDS as u64, "a code is settled after its call has ended");
    assert!(DEFAULT_LISTING_SETTLE_SECONDS <= MAX_LISTING_SETTLE_SECONDS, "the default is allowed");
    assert!(DEFAULT_PAGE_LIMIT <= MAX_PAGE_LIMIT, "the default page is a page");
    assert!(MAX_PAGE_LIMIT as usize <= MAX_EXAMINED, "a page by cursor can be full");
    assert!(MAX_PAGE_LIMIT as usize <= MAX_CODES_READ, "a filtered page can be full");
};
