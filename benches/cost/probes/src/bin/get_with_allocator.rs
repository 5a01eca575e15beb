//! The bare probe with the service's allocator.

#[path = "get.rs"]
mod get;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), lambda_http::Error> {
    get::main()
}
