//! What the tests stand on: a world (service, table, clock) and the events that go into it.

#[allow(dead_code, reason = "the local server uses the rest")]
#[path = "../../../examples/local/engine.rs"]
pub mod engine;
#[allow(dead_code, reason = "the local server uses the rest")]
#[path = "../../../examples/local/template.rs"]
pub mod template;

mod audit;
mod clock;
mod event;
mod fault;
mod fill;
mod in_process;
mod meter;
mod seeds;
mod wire;
mod world;

pub use audit::audit;
pub use clock::TestClock;
pub use event::{Call, Kind, Reply};
pub use fault::Fault;
pub use fill::{Filled, fill};
pub use meter::{Consumed, Meter};
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
