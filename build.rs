//! Links the Lambda binary for one fixed address. A binary for any address carries a table of the 17,000 places where
//! addresses stand, 0.4 MB of it, which every cold start works through before `main`: 0.26 M instructions. What is given
//! up is that the binary's own code lies elsewhere in every process; libraries, stack and heap still do. It is memory-safe
//! Rust but for the TLS library's arithmetic, and takes its input from the Lambda runtime alone.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
