//! Referral codes for mentors: one AWS Lambda behind API Gateway, one DynamoDB table, and one promise:
//! **a mentor has at most one active code, at every moment, whatever runs at once, fails or is repeated.**
//!
//! # The map
//!
//! Imports point one way, downwards:
//!
//! ```text
//! main.rs            entry         settings, clock, randomness, the Lambda runtime
//!   │
//! lambda             dispatch      what a process serves, and what an event is: a request, a command, or records
//!   │
//! http/              contract      routes, who may call, request bodies and queries, responses, the catalogue of problems.
//!   │                              Only this layer knows status codes. It does not know the table.
//! commands/          commands      all that maintenance does; beside `http`, and as far from it: neither knows the
//!   │                              other
//! events             events        what other systems are told of the table's stream; beside these two
//!   │
//! store/             guarantee     one file per change, the reads, the listing, and the form of the items.
//!   │                              It knows no HTTP, and no clock but `Sources`.
//!   ├─ store/dynamodb/             what knows the SDK and not the codes: client, retry, transaction, table
//! model/             rules         ids, code strings, labels, times, what can become of a code.
//!                                  Values only: no HTTP, no table, no clock.
//! ```
//!
//! Three modules stand beside them: `settings` is the environment, read once at the start as a value; `limits` has every
//! deadline and size; `log_lines` is the form of the log.
//!
//! # Where to look
//!
//! | what | where |
//! | --- | --- |
//! | the contract | `http/route.rs` (paths), `http/request_body.rs` and `http/query.rs` (in), `http/responses.rs` (out), `http/problem.rs` (every error) |
//! | the guarantee | `store/mod.rs` states it; `store/{create,rotate,invalidate}.rs` keep it |
//! | a new endpoint | a row in `http/route.rs` with the function that answers, as in `http/handlers.rs`; its routes in `template.yaml`, its answers in `docs/openapi.yaml` |
//! | what a deployment puts before the paths | `http/prefix.rs` |
//! | who may call, and sees what | `http/access/` decides; `store/view.rs` keeps each call within its caller's sight |
//! | a new error | a variant of `Problem` in `http/problem.rs`; the compiler demands its entry in the catalogue |
//! | a new setting | a field in `settings.rs`, a parameter in `template.yaml`; a test compares the two |
//! | a limit | `limits.rs`: each with its unit, its reason and its source |
//! | a new kind of event | `lambda.rs` |
//! | what other systems are told | `events.rs`, `store/stream.rs`; the filters of the pipe in `template.yaml` |
//! | a new command | a variant in `commands/command.rs`; the compiler demands the rest |
//! | the short link | `http/short_link/` (answers, pages, QR codes), `store/short_link.rs` (where it leads), `model/typed_code.rs` |
//! | the description of the API | `docs/openapi.yaml`; `dev/src/openapi` holds every answer of every test to it |
//!
//! # Invariants
//!
//! 1. A record's *stored* status is `active` if, and only if, its mentor's slot holds that very record as active.
//! 2. A record or a claim, once written, is never deleted. So no id and no code string is given out twice.
//! 3. Time and randomness come in as values ([`model::Sources`]). Below the entry, only the log reads another clock.
//! 4. No call reads or changes a code out of its caller's sight. The handlers have a `store::View`, and not the store.
//! 5. Every HTTP event is answered. A panic in a request ends that request with a 500, not the process.

pub mod commands;
mod events;
pub mod http;
pub mod lambda;
pub mod limits;
pub mod log_lines;
pub mod model;
pub mod settings;
pub mod store;
