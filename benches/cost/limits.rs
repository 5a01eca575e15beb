//! The limits of what the service may cost, and a check that fails if one is exceeded: what CI runs.

use std::path::Path;

use dev::Program;
use indicatif::HumanFloatCount;

use super::measure::call;
use super::measure::instructions::{Count, count, is_possible};
use super::programs::{GET, POST, Programs, build};

/// Instructions from the start to the first answer, over TLS.
const MAX_COLD_INSTRUCTIONS: f64 = 8e6;
/// Instructions of a warm request, as a multiple of the bare probe's.
const MAX_WARM_RATIO: f64 = 1.15;
/// The binary's size.
const MAX_BYTES: f64 = 8e6;
/// Its size in a ZIP archive.
const MAX_ZIPPED_BYTES: f64 = 3.5e6;
/// Resident memory after [`REQUESTS`] requests, in bytes.
const MAX_MEMORY: f64 = 12e6;
/// How many bytes of that the second half of the requests may add.
const MAX_MEMORY_GROWTH: f64 = 0.25e6;
const REQUESTS: usize = 5_000;

/// Prints each figure and its limit. Returns whether all figures are known and within their limits.
pub async fn check(programs: &Programs, deployed: Option<&Path>, dir: &Path) -> bool {
    let mut within = true;
    let mut check = |name: &str, is: f64, most: f64| {
        let verdict = if is <= most { "" } else { "  EXCEEDED" };
        println!("{name:<58} {:>14} {:>14}{verdict}", shown(is), shown(most));
        within &= is <= most;
    };
    println!("{:<58} {:>14} {:>14}", "", "is", "limit");
    for (name, binary) in [("binary", Some(programs.service.as_path())), ("binary as deployed", deployed)] {
        if let Some(binary) = binary {
            check(&format!("{name}, bytes"), build::size(binary) as f64, MAX_BYTES);
            check(&format!("{name}, zipped, bytes"), build::zipped(binary) as f64, MAX_ZIPPED_BYTES);
        }
    }
    let service = programs.over_tls(&programs.service);
    let (half, all) = memory(&service).await;
    check("resident memory after 5,000 requests, bytes", all, MAX_MEMORY);
    check("... of which the second half added", all - half, MAX_MEMORY_GROWTH);
    if !is_possible() {
        println!("Instructions cannot be counted: install valgrind (on Debian, apt-get install valgrind).");
        return false;
    }
    let bare = count(&programs.over_tls(&programs.probe), GET, dir).await;
    let get = count(&service, GET, dir).await;
    let post = count(&service, POST, dir).await;
    check("init and first answer over TLS, instructions", get.cold().min(post.cold()) as f64, MAX_COLD_INSTRUCTIONS);
    for (name, Count { init, first, warm }) in [("bare probe", bare), ("GET of a code", get), ("POST of one", post)] {
        println!("{:<58} {:>14}", format!("{name}: init, instructions"), shown(init as f64));
        println!("{:<58} {:>14}", format!("{name}: first answer"), shown(first as f64));
        println!("{:<58} {:>14}", format!("{name}: a warm request"), shown(warm as f64));
    }
    check("GET of a code, times the bare probe", get.warm as f64 / bare.warm as f64, MAX_WARM_RATIO);
    check("POST of an existing code, times the bare probe", post.warm as f64 / bare.warm as f64, MAX_WARM_RATIO);
    within
}

/// Resident memory after half of the requests, and after all of them.
async fn memory(program: &Program) -> (f64, f64) {
    let function = program.start().await;
    let mut readings = [0.0; 2];
    for reading in &mut readings {
        for _ in 0..REQUESTS / 2 {
            call(&function, GET).await;
        }
        *reading = function.resident_memory() as f64;
    }
    function.asks_for_event(REQUESTS + 1).await;
    function.kill().await;
    (readings[0], readings[1])
}

fn shown(figure: f64) -> String {
    let decimals = if figure < 100.0 { 3 } else { 0 };
    format!("{:.decimals$}", HumanFloatCount(figure))
}
