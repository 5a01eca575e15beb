//! The site under test: the service in this process, behind plain HTTP on loopback, as behind an HTTP API of API Gateway.
//!
//! ```text
//! gate         holds requests back, and answers in place of what is behind it
//! authorizer   API Gateway's JWT authorizer: refuses by itself, or passes claims on
//! function     the service, by the events of an HTTP API (dev::gateway)
//! ```
//!
//! It knows nothing of browsers. The table can be read, and made to fail, through [`Site::service`].

mod authorizer;
mod codes;
mod gate;
mod issuer;
mod server;

pub use codes::Mentor;
pub use gate::Answer;
pub use issuer::claims;
pub use server::Site;
