//! The bare probe with the service's allocator.

#[path = "get.rs"]
mod get;

// The sources of the service name it by the root of the crate.
use get::limits;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), lambda_http::Error> {
    get::main()
}
