//! A person opens the console for the first time, and once more.

use super::steps::{row, with_codes};
use crate::person::Page;

/// What the page loads: its URL, its bytes over the wire, its start and its end.
async fn loaded(page: &Page) -> Vec<(String, f64, f64, f64)> {
    let loaded = "return JSON.stringify(
        [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
            .map(({ name, transferSize, startTime, responseEnd }) => [name, transferSize, startTime, responseEnd]))";
    serde_json::from_str(page.script(loaded).await.as_str().unwrap()).unwrap()
}

/// After the page itself come its files, all at once, and then one list: two round trips.
#[tokio::test(flavor = "multi_thread")]
async fn first_visit_is_small_and_shows_codes_after_two_round_trips_and_a_second_loads_no_file() {
    let (_site, codes, page) = with_codes::<20>().await;
    let first = loaded(&page).await;
    let sum: f64 = first.iter().map(|(_, bytes, ..)| bytes).sum();
    assert!(sum > 10_000.0 && sum <= 45_000.0, "{sum} bytes: {first:?}");
    // The icon waits for all else.
    let (list, files): (Vec<_>, Vec<_>) =
        first[1..].iter().filter(|(name, ..)| !name.contains("/icon.")).partition(|(name, ..)| name.contains("/api/"));
    let first_end = files.iter().map(|(.., end)| *end).fold(f64::INFINITY, f64::min);
    assert!(files.iter().all(|(_, _, start, _)| *start < first_end), "a file that waits for another: {first:?}");
    assert_eq!((files.len(), list.len()), (2, 1), "{first:?}");

    page.reload().await;
    row(&page, &codes[19]).expect().await;
    let second = loaded(&page).await;
    let again: Vec<_> = second.iter().filter(|(name, ..)| name.contains("/console")).collect();
    assert!(again.len() >= 3 && again.iter().all(|(_, bytes, ..)| *bytes < 1_000.0), "{second:?}");
    page.close().await;
}
