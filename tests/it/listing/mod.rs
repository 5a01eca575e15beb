//! The listing: the page index, filters, cursors, and what they cost.

mod agreement;
mod cursors;
mod filters;
mod mentor;
pub mod page_index;

use dev::TestService;
use serde_json::Value;

fn ids(answer: &Value) -> Vec<String> {
    answer["data"].as_array().unwrap().iter().map(|code| code["id"].as_str().unwrap().to_owned()).collect()
}

/// Lists by cursor to the end, and returns the ids in order. `between` is called after each page.
async fn walk_and(service: &TestService, query: &str, mut between: impl AsyncFnMut(usize)) -> Vec<String> {
    let (mut cursor, mut all, mut pages) = (String::new(), Vec::new(), 0);
    loop {
        let answer = service.list(&format!("?{query}&cursor={cursor}")).await;
        all.extend(ids(&answer));
        pages += 1;
        between(pages).await;
        match answer["pagination"]["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return all,
        }
    }
}

async fn walk(service: &TestService, query: &str) -> Vec<String> {
    walk_and(service, query, async |_| ()).await
}
