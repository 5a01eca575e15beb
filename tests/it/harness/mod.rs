//! What the tests stand on: a world (service, table, clock) and the events that go into it; for tests of the process, the
//! real binary over a world's table.

#[allow(dead_code, reason = "the local server uses the rest")]
#[path = "../../../examples/local/engine.rs"]
pub mod engine;
#[allow(dead_code, reason = "the local server uses the rest")]
#[path = "../../../examples/local/template.rs"]
pub mod template;

mod audit;
mod clock;
mod dice;
mod event;
mod fault;
mod fill;
mod gate;
mod in_process;
mod meter;
mod runtime_api;
mod seeds;
mod wire;
mod world;

pub use audit::audit;
pub use clock::TestClock;
pub use dice::Dice;
pub use event::{Call, Kind, Reply};
pub use fault::Fault;
pub use fill::{Filled, fill};
pub use gate::{Gate, Moment};
pub use meter::{Consumed, Meter};
pub use runtime_api::{Function, request_id, serve};
pub use seeds::{seeds, simulated};
pub use wire::{Exchange, Wire};
pub use world::{SharedWorld, World};

/// The base of every path.
pub const BASE: &str = referral_codes::http::BASE_PATH;

/// A body for POST.
pub fn asking(mentor: &str, org: &str) -> serde_json::Value {
    serde_json::json!({ "mentor_id": mentor, "org_id": org })
}

/// A body for PUT.
pub fn rotating(mentor: &str) -> serde_json::Value {
    serde_json::json!({ "mentor_id": mentor, "action": "rotate" })
}
