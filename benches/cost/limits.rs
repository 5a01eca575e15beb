//! The limits of what the service may cost, and a check that fails if one is exceeded: what CI runs.

use std::path::Path;

use indicatif::HumanFloatCount;

use super::instructions::{Count, count};
use super::programs::{Programs, Subject, size, zipped};
use super::times::call;

/// So many of the subjects are held to limits.
pub const LIMITED: usize = 8;

/// Instructions from the start to the first answer over TLS, as a multiple of the bare probe's.
const MAX_COLD_RATIO: f64 = 1.20;
/// Instructions of a warm read, as a multiple of the bare probe's.
const MAX_READ_RATIO: f64 = 0.77;
/// The same of a get-or-create for a mentor who has a code, and of a redirect.
const MAX_POST_RATIO: f64 = 0.80;
/// Instructions of a warm read behind an authorizer, as a multiple of the same read in public.
const MAX_TOKEN_RATIO: f64 = 1.05;
/// The binary's size.
const MAX_BYTES: f64 = 7.5e6;
/// Its size in a ZIP archive.
const MAX_ZIPPED_BYTES: f64 = 3.5e6;
/// Resident memory after [`REQUESTS`] requests, in bytes.
const MAX_MEMORY: f64 = 9.5e6;
/// How many bytes of that the second half of the requests may add.
const MAX_MEMORY_GROWTH: f64 = 0.25e6;
const REQUESTS: usize = 200_000;

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
            check(&format!("{name}, bytes"), size(binary) as f64, MAX_BYTES);
            check(&format!("{name}, zipped, bytes"), zipped(binary) as f64, MAX_ZIPPED_BYTES);
        }
    }
    let subjects = &programs.subjects[..LIMITED];
    let (half, all) = memory(&subjects[2]).await;
    check("resident memory after 200,000 requests, bytes", all, MAX_MEMORY);
    check("... of which the second half added", all - half, MAX_MEMORY_GROWTH);
    let mut counts = Vec::new();
    for subject in subjects {
        let counted = count(subject, dir).await;
        for (what, instructions) in
            [("init, instructions", counted.init), ("first answer", counted.first), ("a warm request", counted.warm)]
        {
            println!("{:<58} {:>14}", format!("{}: {what}", subject.name), shown(instructions as f64));
        }
        counts.push(counted);
    }
    let [bare, _, get, post, redirect, rest, token, rest_token] = counts[..] else {
        unreachable!("as many as LIMITED")
    };
    check("init and first answer over TLS", get.cold() as f64 / bare.cold() as f64, MAX_COLD_RATIO);
    let ratio = |one: Count, other: Count| one.warm as f64 / other.warm as f64;
    check("GET of a code, times the bare probe", ratio(get, bare), MAX_READ_RATIO);
    check("POST of an existing code, times the bare probe", ratio(post, bare), MAX_POST_RATIO);
    check("redirect of a short link, times the bare probe", ratio(redirect, bare), MAX_POST_RATIO);
    check("GET behind a JWT authorizer, times it in public", ratio(token, get), MAX_TOKEN_RATIO);
    check("GET by a REST API behind an authorizer, the same", ratio(rest_token, rest), MAX_TOKEN_RATIO);
    within
}

/// Resident memory after half of the requests, and after all of them.
async fn memory(subject: &Subject) -> (f64, f64) {
    let function = subject.program.start().await;
    let mut readings = [0.0; 2];
    for reading in &mut readings {
        for _ in 0..REQUESTS / 2 {
            call(&function, &subject.event).await;
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
