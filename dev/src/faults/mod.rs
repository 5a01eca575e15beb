//! What can go wrong between a process and its table: faults of single requests, and a kill in the middle of a write.

mod fault;
mod fault_injector;
mod kill_proxy;

pub use fault::Fault;
pub use fault_injector::{FaultInjector, RecordedRequest};
pub use kill_proxy::{KillPoint, KillProxy};
