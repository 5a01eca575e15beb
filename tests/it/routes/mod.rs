//! What a route takes and answers, whatever sends the event.

mod accept;
mod console;
mod csv;
mod ended;
mod get_or_create;
mod head;
mod list;
mod openapi;
pub mod paths;
mod prefixes;
mod qr_code;
mod queries;
mod request_bodies;
mod short_link;

use dev::{Call, TestService, TestServiceBuilder};

/// A service with the owner's example code: JAN-VERV-8F3A of `usr_4491`.
async fn with_jan(builder: TestServiceBuilder) -> TestService {
    let service = builder.ids(&["8f3a21bc"]).build().await;
    service.send(Call::create("usr_4491", "org_002").with("mentor_name", "Jan")).await.expect(201);
    service
}
