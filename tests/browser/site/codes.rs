//! Codes on the site, made by the service itself.

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
    /// The mentor's active code, made now if there is none.
    pub async fn code_of(&self, mentor: Mentor) -> Value {
        let mut body = create_body(mentor.id, mentor.org);
        body["mentor_name"] = mentor.name.into();
        let reply = self.service.send(Call::post(BASE, &body)).await;
        assert!([200, 201].contains(&reply.status), "{reply:?}");
        reply.json()
    }

    /// A code of a mentor whose name is Jan.
    pub async fn code(&self, mentor: &'static str, org: &'static str) -> Value {
        self.code_of(Mentor { id: mentor, org, name: "Jan" }).await
    }

    /// As [`Self::code`], on a site that asks for a token.
    pub async fn code_as_admin(&self, mentor: &str, org: &str) -> Value {
        let admin = json!({ "sub": "admin", "scope": "codes:admin" });
        self.service.send(Call::post(BASE, &create_body(mentor, org)).claims(&admin)).await.expect(201)
    }

    /// So many codes, one a minute: of the mentors `usr_1`, `usr_2`, …
    pub async fn codes(&self, count: usize, org: &str) -> Vec<Value> {
        let mut codes = Vec::new();
        for nth in 1..=count {
            let body = create_body(&format!("usr_{nth}"), org);
            codes.push(self.service.send(Call::post(BASE, &body)).await.expect(201));
            self.service.clock.advance(Duration::from_mins(1));
        }
        codes
    }

    pub async fn rotate(&self, code: &Value) -> Value {
        let body = rotate_body(code["mentor_id"].as_str().unwrap());
        self.service.send(Call::put(&path_of(code), &body)).await.expect(200)
    }

    pub async fn invalidate(&self, code: &Value) {
        self.service.send(Call::delete(&path_of(code))).await.expect(200);
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
