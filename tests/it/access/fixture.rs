//! A service under `ACCESS=jwt`, over a table with codes of two organisations.

use std::time::Duration;

use dev::{BASE, Call, TestService, TestServiceBuilder, rotate_body};

pub const OWN_ORG: &str = "org_own";
pub const OWN_MENTOR: &str = "mtr_own";
pub const COLLEAGUE: &str = "mtr_colleague";
pub const FOREIGN_ORG: &str = "org_foreign";
pub const FOREIGN_MENTOR: &str = "mtr_foreign";

/// An id that no code has.
pub const ABSENT_ID: &str = "rc_00000000";

pub struct AccessFixture {
    /// `ACCESS=jwt`, and tokens can be confined to a mentor.
    pub guarded: TestService,
    /// Another process over the same table, with `ACCESS=public`. It makes the codes, so the guarded one has seen none.
    pub public: TestService,
    /// The active code of [`OWN_MENTOR`] in [`OWN_ORG`].
    pub own: String,
    /// The active code of [`COLLEAGUE`] in [`OWN_ORG`].
    pub colleague: String,
    /// The active code of [`FOREIGN_MENTOR`] in [`FOREIGN_ORG`].
    pub foreign: String,
    /// A code in [`FOREIGN_ORG`] that was rotated.
    pub foreign_rotated: String,
    /// A code in [`FOREIGN_ORG`] that was invalidated.
    pub foreign_invalidated: String,
}

pub fn guarded() -> TestServiceBuilder {
    TestService::builder().setting("ACCESS", "jwt").setting("MENTOR_CLAIM", "mentor_id")
}

impl AccessFixture {
    pub async fn new() -> Self {
        Self::over(guarded().build().await).await
    }

    pub async fn over(guarded: TestService) -> Self {
        let public = guarded.other_process().await;
        let own = create(&public, OWN_MENTOR, OWN_ORG).await;
        let colleague = create(&public, COLLEAGUE, OWN_ORG).await;
        let foreign = create(&public, FOREIGN_MENTOR, FOREIGN_ORG).await;
        let foreign_rotated = create(&public, "mtr_foreign_2", FOREIGN_ORG).await;
        public.send(Call::put(&path(&foreign_rotated), &rotate_body("mtr_foreign_2"))).await.expect(200);
        let foreign_invalidated = create(&public, "mtr_foreign_3", FOREIGN_ORG).await;
        public.send(Call::delete(&path(&foreign_invalidated))).await.expect(200);
        Self { guarded, public, own, colleague, foreign, foreign_rotated, foreign_invalidated }
    }

    /// The code string of a code.
    pub async fn code_of(&self, id: &str) -> String {
        self.public.send(Call::get(&path(id))).await.expect(200)["code"].as_str().unwrap().to_owned()
    }
}

/// Makes a code, a second later than the one before, and returns its id.
pub async fn create(service: &TestService, mentor: &str, org: &str) -> String {
    service.clock.advance(Duration::from_secs(1));
    service.create(mentor, org).await["id"].as_str().unwrap().to_owned()
}

/// The path of a code.
pub fn path(id: &str) -> String {
    format!("{BASE}/{id}")
}
