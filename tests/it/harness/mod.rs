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
mod code_fixture;
mod event;
mod fault;
mod fault_injector;
mod in_process;
mod kill_proxy;
mod meter;
mod runtime_api;
mod seeded_rng;
mod seeds;
mod test_service;

pub use audit::audit;
pub use clock::TestClock;
pub use code_fixture::{CodeFixture, fill};
pub use event::{Call, Kind, Reply};
pub use fault::Fault;
pub use fault_injector::{FaultInjector, RecordedRequest};
pub use kill_proxy::{KillPoint, KillProxy};
pub use meter::{Consumed, Meter};
pub use runtime_api::{Function, request_id, serve};
pub use seeded_rng::SeededRng;
pub use seeds::{seeds, simulated};
pub use test_service::{SharedTestService, TestService};

/// The base of every path.
pub const BASE: &str = referral_codes::http::BASE_PATH;

/// A body for POST.
pub fn create_body(mentor: &str, org: &str) -> serde_json::Value {
    serde_json::json!({ "mentor_id": mentor, "org_id": org })
}

/// A body for PUT.
pub fn rotate_body(mentor: &str) -> serde_json::Value {
    serde_json::json!({ "mentor_id": mentor, "action": "rotate" })
}
