//! Referral codes for mentors: one AWS Lambda behind API Gateway, one DynamoDB table, and one promise:
//! **a mentor has at most one active code, at every moment, whatever runs at once, fails or is repeated.**
//!
//! # The map
//!
//! Imports point one way, downwards:
//!
//! ```text
//! main.rs, examples/local   entry: settings, clock, randomness, the runtime
//!   │
//! http/     the contract    routes, request and response documents, the catalogue of problems.
//!   │                       Alone knows status codes and events; knows no table.
//! store/    the guarantee   one file per write, the reads, the listing, the SDK client.
//!   │                       Alone knows DynamoDB; knows no HTTP.
//! model/    the rules       ids, code strings, labels, times, a code's life. Knows neither.
//! ```
//!
//! `settings` stands beside them: the environment, read once at the start, as a value.
//!
//! # Where to look
//!
//! * The contract: `http/document.rs` (what goes out), `http/input.rs` (what comes in), `http/problem.rs` (every error).
//! * The guarantee: `store/mod.rs` states it, `store/{create,rotate,invalidate}.rs` keep it.
//! * A new endpoint: a line in `http/route.rs`, an arm in `http/endpoints.rs`, an event in `template.yaml`.
//!
//! # Invariants
//!
//! 1. A record's *stored* status is `active` if, and only if, its mentor's slot holds that very record as active.
//! 2. A record or a claim, once written, is never deleted: no id and no code string is given out twice.
//! 3. Time and randomness come in as values ([`model::Sources`]); nothing below the entry asks a clock.

pub mod http;
pub mod lambda;
pub mod limits;
pub mod model;
pub mod settings;
pub mod store;
