//! A person opens the console for the first time.

use serde_json::Value;

use super::steps::{open, row};
use crate::site::Site;

/// What it loads, and what came before what.
const LOADED: &str =
    "JSON.stringify([...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map(({ name, transferSize, startTime, responseEnd }) => [name, transferSize, startTime, responseEnd]))";

#[tokio::test(flavor = "multi_thread")]
async fn first_visit_is_small_and_asks_for_the_codes_after_one_round_trip_of_the_page() {
    let site = Site::start().await;
    let codes = site.codes(20, "org_1").await;
    let page = open(&site).await;
    row(&page, &codes[19]).expect().await;
    let loaded = page.script(&format!("return {LOADED}")).await;
    let loaded: Vec<(String, f64, f64, f64)> = serde_json::from_str(loaded.as_str().unwrap()).unwrap();
    let sum: f64 = loaded.iter().map(|(_, bytes, ..)| bytes).sum();
    assert!(loaded.len() >= 4 && sum > 10_000.0 && sum <= 45_000.0, "{sum} bytes: {loaded:?}");

    // The icon waits for all else.
    let (list, files): (Vec<_>, Vec<_>) =
        loaded[1..].iter().filter(|(name, ..)| !name.contains("/icon.")).partition(|(name, ..)| name.contains("/api/"));
    assert!(!list.is_empty(), "{loaded:?}");
    let first_end = files.iter().map(|(.., end)| *end).fold(f64::INFINITY, f64::min);
    assert!(files.iter().all(|(_, _, start, _)| *start < first_end), "a file that waits for another: {loaded:?}");
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn second_visit_loads_no_file_again() {
    let site = Site::start().await;
    let codes = site.codes(1, "org_1").await;
    let page = open(&site).await;
    row(&page, &codes[0]).expect().await;
    page.reload().await;
    row(&page, &codes[0]).expect().await;
    let loaded: Value = serde_json::from_str(page.script(&format!("return {LOADED}")).await.as_str().unwrap()).unwrap();
    let again = loaded.as_array().unwrap().iter().filter(|entry| entry[0].as_str().unwrap().contains("/console"));
    assert!(again.clone().count() >= 3 && again.clone().all(|entry| entry[1].as_f64() < Some(1_000.0)), "{loaded}");
    page.close().await;
}
