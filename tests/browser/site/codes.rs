//! Codes on the site, made by the service itself, each change a minute after the one before.

use std::time::Duration;

use dev::{BASE, Call, create_body, rotate_body};
use serde_json::{Value, json};

use super::server::Site;

/// A mentor who has a code.
#[derive(Clone, Copy, Debug)]
pub struct Mentor {
    pub id: &'static str,
    pub org: &'static str,
    pub name: &'static str,
}

impl Site {
    /// A new code of this mentor.
    pub async fn code_of(&self, mentor: Mentor) -> Value {
        let mut body = create_body(mentor.id, mentor.org);
        body["mentor_name"] = mentor.name.into();
        self.change(Call::post(BASE, &body)).await
    }

    /// As [`Self::code_of`], with a time at which it expires.
    pub async fn code_until(&self, mentor: Mentor, expires_at: &str) -> Value {
        let mut body = create_body(mentor.id, mentor.org);
        body["mentor_name"] = mentor.name.into();
        body["expires_at"] = expires_at.into();
        self.change(Call::post(BASE, &body)).await
    }

    /// A code of a mentor whose name is Jan.
    pub async fn code(&self, mentor: &'static str, org: &'static str) -> Value {
        self.code_of(Mentor { id: mentor, org, name: "Jan" }).await
    }

    /// As [`Self::code`], on a site that asks for a token.
    pub async fn code_as_admin(&self, mentor: &str, org: &str) -> Value {
        let admin = json!({ "sub": "admin", "scope": "codes:admin" });
        self.change(Call::post(BASE, &create_body(mentor, org)).claims(&admin)).await
    }

    /// So many codes: of the mentors `usr_1`, `usr_2`, …
    pub async fn codes(&self, count: usize, org: &str) -> Vec<Value> {
        let mut codes = Vec::new();
        for nth in 1..=count {
            codes.push(self.change(Call::post(BASE, &create_body(&format!("usr_{nth}"), org))).await);
        }
        codes
    }

    pub async fn rotate(&self, code: &Value) -> Value {
        let body = rotate_body(code["mentor_id"].as_str().unwrap());
        self.change(Call::put(&path_of(code), &body)).await
    }

    pub async fn invalidate(&self, code: &Value) {
        self.change(Call::delete(&path_of(code))).await;
    }

    /// Sends a change, which must succeed. The next one is a minute later.
    async fn change(&self, call: Call) -> Value {
        let reply = self.service.send(call).await;
        assert!([200, 201].contains(&reply.status), "{reply:?}");
        self.service.clock.advance(Duration::from_mins(1));
        reply.json()
    }

    /// The code as the service has it now.
    pub async fn read(&self, code: &Value) -> Value {
        self.service.send(Call::get(&path_of(code))).await.expect(200)
    }

    /// All codes of a mentor, newest first.
    pub async fn codes_of_mentor(&self, mentor: &str) -> Vec<Value> {
        let list = self.service.send(Call::get(&format!("{BASE}?mentor_id={mentor}&limit=100"))).await.expect(200);
        list["data"].as_array().unwrap().clone()
    }
}

fn path_of(code: &Value) -> String {
    format!("{BASE}/{}", code["id"].as_str().unwrap())
}
