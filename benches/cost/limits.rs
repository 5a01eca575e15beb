//! The limits, and a comparison with them that fails past one: what CI runs.

use std::path::Path;

use super::builds;
use super::count::{Count, count, possible};
use super::function::{Function, Program};
use super::{GET, POST, Programs};

const COLD: f64 = 8e6;
const WARM: f64 = 1.15;
const BYTES: f64 = 8e6;
const ZIPPED: f64 = 3.5e6;
const MEMORY: f64 = 12e6;
/// Requests before the memory is looked at, and how much of it the second half of them may add.
const REQUESTS: usize = 5_000;
const GROWTH: f64 = 0.25e6;

/// Prints each figure beside its limit; whether all are known and kept.
pub async fn check(programs: &Programs, deployed: Option<&Path>, dir: &Path) -> bool {
    let mut kept = true;
    let mut check = |name: &str, is: f64, most: f64| {
        let verdict = if is <= most { "" } else { "  TOO MUCH" };
        println!("{name:<58} {:>14} {:>14}{verdict}", shown(is), shown(most));
        kept &= is <= most;
    };
    println!("{:<58} {:>14} {:>14}", "", "is", "at most");
    for (name, binary) in [("binary", Some(programs.service.as_path())), ("binary as deployed", deployed)] {
        if let Some(binary) = binary {
            check(&format!("{name}, bytes"), builds::size(binary) as f64, BYTES);
            check(&format!("{name}, zipped, bytes"), builds::zipped(binary) as f64, ZIPPED);
        }
    }
    let service = programs.over_tls(&programs.service);
    let (half, all) = memory(&service).await;
    check("resident memory after 5,000 requests, bytes", all, MEMORY);
    check("... of which the second half has added", all - half, GROWTH);
    if !possible() {
        println!("Instructions cannot be counted: install valgrind (on Debian, apt-get install valgrind).");
        return false;
    }
    let bare = count(&programs.over_tls(&programs.probe), GET, dir).await;
    let get = count(&service, GET, dir).await;
    let post = count(&service, POST, dir).await;
    check("init and first answer over TLS, instructions", get.cold().min(post.cold()) as f64, COLD);
    for (name, Count { init, first, warm }) in [("bare probe", bare), ("GET of a code", get), ("POST of one", post)] {
        println!("{:<58} {:>14}", format!("{name}: init, instructions"), shown(init as f64));
        println!("{:<58} {:>14}", format!("{name}: first answer"), shown(first as f64));
        println!("{:<58} {:>14}", format!("{name}: a warm request"), shown(warm as f64));
    }
    check("GET of a code, times the bare probe", get.warm as f64 / bare.warm as f64, WARM);
    check("POST of an existing code, times the bare probe", post.warm as f64 / bare.warm as f64, WARM);
    kept
}

/// Resident memory after half of the requests, and after all of them.
async fn memory(program: &Program) -> (f64, f64) {
    let mut function = Function::start(program, &[]).await;
    let mut looks = [0.0; 2];
    for look in &mut looks {
        for _ in 0..REQUESTS / 2 {
            function.call(GET).await;
        }
        *look = function.memory() as f64;
    }
    function.asked(REQUESTS as u64 + 1).await;
    function.stop().await;
    (looks[0], looks[1])
}

fn shown(figure: f64) -> String {
    if figure < 100.0 {
        return format!("{figure:.3}");
    }
    let mut digits = format!("{figure:.0}");
    for place in (1..digits.len()).rev().filter(|place| place % 3 == 0) {
        digits.insert(digits.len() - place, ',');
    }
    digits
}
