//! `Accept` and `Accept-Language`: in which form and language a client is answered.

use dev::{BASE, Call, Kind, Reply, TestService};
use serde_json::json;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

async fn content_type(service: &TestService, path: &str, accept: &str) -> String {
    service.send(Call::get(path).header("accept", accept)).await.headers["content-type"].clone()
}

#[tokio::test]
async fn short_link_answers_with_json_where_accept_prefers_it_to_a_page() {
    let service = TestService::new().await;
    // Browsers: a page, a picture, a `fetch`; then what prefers a page, and what cannot be read.
    let page = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8|\
                image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5|*/*|\
                application/json;q=0.7, text/html;q=0.8|application/json, text/html|application/json;q=0|\
                application/json;q=0, */*||json|application/json;q=2|application/json;q=0.1234|application/json;q=-1|\
                application/json;q=.5|,;q=1,/";
    // Clients of APIs.
    let json = "application/json|Application/JSON; charset=utf-8|application/json, text/plain, */*|\
                application/problem+json|application/*|text/*;q=0.5, */*|application/json;q=0.8, text/html;q=0.7|\
                text/html;q=0.7, application/json;q=0.701|*/*, text/html;q=0";
    for (accepts, expected) in [(page, "text/html; charset=utf-8"), (json, "application/problem+json")] {
        for accept in accepts.split('|') {
            assert_eq!(content_type(&service, "/r/none", accept).await, expected, "{accept}");
        }
    }
    let mut event = Call::get("/r/none").header("accept", "*/*").kind(Kind::RestApi).event();
    event["multiValueHeaders"]["accept"] = json!(["text/html;q=0.5", "application/json"]);
    let two_headers = Reply::read(&service.answer(&event).await);
    assert_eq!(two_headers.headers["content-type"], "application/problem+json", "two headers are one");
    assert_eq!(service.send(Call::get("/r/none")).await.headers["content-type"], "text/html; charset=utf-8");
}

#[tokio::test]
async fn list_is_csv_where_accept_prefers_it_to_json() {
    let service = TestService::new().await;
    let preferred = "text/csv|Text/CSV; header=present|text/csv, */*|text/csv, application/json;q=0.9|text/*|\
                     application/json;q=0, */*";
    let other = "text/csv, application/json|text/csv;q=0.5, application/json|text/csv;q=0|text/csv;q=0, text/*|*/*|\
                 application/json|";
    for (accepts, expected) in [(preferred, "text/csv; charset=utf-8; header=present"), (other, "application/json")] {
        for accept in accepts.split('|') {
            assert_eq!(content_type(&service, BASE, accept).await, expected, "{accept}");
        }
    }
    assert_eq!(content_type(&service, BASE, BROWSER).await, "application/json");
}

#[tokio::test]
async fn page_is_in_bokmal_for_readers_who_prefer_a_norwegian_language() {
    let service = TestService::new().await;
    let bokmal = "nb-NO,nb;q=0.9,no;q=0.8,nn;q=0.7,en-US;q=0.6,en;q=0.5|no|nn-NO|NB|nb, en|de, nb;q=0.1|\
                  en;q=0, no;q=0.1|nb, *;q=0.5";
    let english = "en, nb|en-GB,en;q=0.9,nb;q=0.8|nb;q=0.5, en;q=0.6|nb;q=0|nbx|sv, da|nb;q=0.1, *;q=0.9|*|";
    for (accepts, language) in [(bokmal, "nb"), (english, "en")] {
        for accept in accepts.split('|') {
            let page = service.send(Call::get("/r/none").header("accept-language", accept)).await;
            assert_eq!(page.headers["content-language"], language, "{accept}");
        }
    }
    assert_eq!(service.send(Call::get("/r/none")).await.headers["content-language"], "en");
}
