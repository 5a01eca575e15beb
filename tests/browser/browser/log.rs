//! What a browser has logged, as far as it tells of a fault of the page.

use serde_json::Value;

/// The console's errors and warnings: scripts that failed, and violations of the content security policy. An answer with an
/// error status is logged too, as `network`; whether that is a fault, the test knows that has caused it.
pub fn faults(console: &Value) -> Vec<String> {
    let entries = console.as_array().into_iter().flatten();
    let faults = entries.filter(|entry| {
        ["SEVERE", "WARNING"].iter().any(|level| entry["level"] == *level) && entry["source"] != "network"
    });
    faults.map(|entry| format!("{}: {}", entry["source"], entry["message"])).collect()
}

/// The URLs of all requests that a page has sent, in the performance log.
pub fn requested_urls(performance: &Value) -> Vec<String> {
    let entries = performance.as_array().into_iter().flatten();
    let messages = entries.filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok());
    let sent = messages.filter(|message| message["message"]["method"] == "Network.requestWillBeSent");
    sent.filter_map(|message| Some(message["message"]["params"]["request"]["url"].as_str()?.to_owned())).collect()
}
