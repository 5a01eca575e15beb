//! What can go wrong between a process and its table: faults of single requests.

mod fault;
mod fault_injector;

pub use fault::Fault;
pub use fault_injector::{FaultInjector, RecordedRequest};
